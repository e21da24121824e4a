import { z } from "zod";
import { parseTag, plainTags } from "./tag/tag.ts";

const tags = z
  .record(
    z.string(),
    z.string().refine((tag) => tag === "none" || parseTag(tag) !== undefined, {
      error: `must be one of ${plainTags.join(", ")}, foreign_key:<source>, or none`,
    }),
  )
  .optional()
  .describe(
    `What columns mean, by column, where the suggestion is not right: ${plainTags.join(", ")}, foreign_key:<source> (holds that source's customer_key), or none.`,
  );

const timezone = z
  .string()
  .refine(isTimeZone, { error: 'must be a time zone such as "Europe/Berlin"' })
  .optional()
  .describe('The zone of times that are written without one, such as "Europe/Berlin". Default: UTC.');

const FilesSource = z.strictObject({
  files: z
    .string()
    .min(1)
    .describe(
      "CSV, JSON-lines and Parquet files (also .gz), as a path or pattern (*, **, ?, {a,b}) relative to this file. A changed file replaces its rows; the rows of a file that is gone stay.",
    ),
  tags,
  timezone,
});

const MountSource = z.strictObject({
  delta: z
    .string()
    .min(1)
    .describe("Path or URL of a Delta table that is read where it is, relative to this file."),
  tags,
  timezone,
});

export const SourceConfig = z.union([FilesSource, MountSource]);
export type SourceConfig = z.infer<typeof SourceConfig>;
export type FilesSource = z.infer<typeof FilesSource>;

/** The section `sources` of the configuration. */
export const SourcesConfig = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "must be lower-case letters, digits and _, and begin with a letter")
      .refine((name) => !name.endsWith("_rejects"), {
        error: "must not end with _rejects: such a table holds rejected rows",
      }),
    SourceConfig,
  )
  .describe("Where records come from, by name.");
export type SourcesConfig = z.infer<typeof SourcesConfig>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}
