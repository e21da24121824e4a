import { z } from "zod";
import { SharesConfig } from "../access/index.ts";
import { SyncsConfig } from "../activation/index.ts";
import { ProfileConfig } from "../profile/index.ts";
import { SegmentsConfig } from "../segment/index.ts";
import { SourcesConfig } from "../source/index.ts";

/** The whole configuration, put together from the section that each room owns. */
export const ProjectConfig = z.strictObject({
  $schema: z.string().optional().describe("The JSON Schema of this file, for your editor."),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, "must be lower-case letters, digits, - and _, and begin with a letter")
    .describe("The project's name."),
  lake: z
    .string()
    .min(1)
    .default("./lake")
    .describe("Your storage root, where every table lives: a file URL, or a path relative to this file."),
  state: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where OneCopy keeps rules (revisions, hashed tokens), and no data. Default: _onecopy in the lake.",
    ),
  sources: SourcesConfig.default({}).describe("Where records come from."),
  profile: ProfileConfig.prefault({}).describe("How a person's records become one row."),
  segments: SegmentsConfig.default({}).describe("Rules that select people."),
  syncs: SyncsConfig.default({}).describe("Deliveries from a segment to a destination."),
  shares: SharesConfig.default({}).describe("What the Bridge exposes, and to whom."),
});

export type ProjectConfig = z.infer<typeof ProjectConfig>;
