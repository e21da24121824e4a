import { z } from "zod";

const Destination = z.strictObject({
  folder: z
    .string()
    .min(1)
    .refine((folder) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(folder), "must be the path of a folder, not a URL")
    .describe(
      "The folder that the files go to, relative to this file. Made when it is not there; files are only added.",
    ),
  format: z
    .enum(["csv", "jsonl"])
    .default("csv")
    .describe(
      "csv, or jsonl: one JSON object a line. Values are never altered, so import a CSV file into a spreadsheet as text: one that begins with =, +, - or @ would be taken for a formula.",
    ),
});

const Sync = z.strictObject({
  segment: z.string().min(1).describe("The segment that is delivered."),
  destination: Destination.describe("Where the deliveries go."),
  columns: z
    .array(z.string().min(1))
    .min(1)
    .max(500)
    .refine((columns) => new Set(columns).size === columns.length, "must not name a column twice")
    .refine(
      (columns) => !columns.includes("profile_id") && !columns.includes("operation"),
      "profile_id and operation are in every file and need not be named",
    )
    .describe(
      "What the destination gets about each person besides profile_id: columns of unified.customer_360.",
    ),
});

/** The section `syncs` of the configuration: deliveries by name. */
export const SyncsConfig = z
  .record(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9_-]{0,62}$/,
        "must be lower-case letters, digits, _ and -, and begin with a letter",
      ),
    Sync,
  )
  .describe("Deliveries from a segment to a destination, by name.");

export type SyncsConfig = z.infer<typeof SyncsConfig>;
export type Sync = SyncsConfig[string];
export type Format = Sync["destination"]["format"];
