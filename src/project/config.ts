import { z } from "zod";
import { AddressBlock, RecipientsConfig, SharesConfig } from "../access/index.ts";
import { SyncsConfig } from "../activation/index.ts";
import { CatalogConfig } from "../catalog/index.ts";
import { IdentityConfig } from "../identity/index.ts";
import { ProfileConfig } from "../profile/index.ts";
import { ExtractsConfig, SegmentsConfig } from "../segment/index.ts";
import { SourcesConfig } from "../source/index.ts";

const EngineConfig = z.strictObject({
  memory: z
    .string()
    .regex(/^\d+(\.\d+)?\s*(MB|GB|TB|MiB|GiB|TiB)$/, 'must be an amount such as "4GB"')
    .optional()
    .describe(
      "The memory that queries may use before they spill to disk. Default: a quarter of the machine's.",
    ),
  threads: z.int().min(1).max(1024).optional().describe("Default: the number of processors."),
  spill: z
    .string()
    .min(1)
    .default("./.onecopy/spill")
    .describe("The one folder for temporary files, relative to this file. Wiped at start and exit."),
});

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
  engine: EngineConfig.prefault({}).describe("How much of this machine queries may use."),
  sources: SourcesConfig.default({}).describe("Where records come from."),
  identity: IdentityConfig.prefault({}).describe("How records become people."),
  profile: ProfileConfig.prefault({}).describe("How a person's records become one row."),
  segments: SegmentsConfig.default({}).describe("Rules that select people."),
  extracts: ExtractsConfig.default({}).describe(
    "Parts of tables, or of the people of a segment, that shares show: by the name of the table in the lake that holds them. Made while a share grants them, erased when none does.",
  ),
  syncs: SyncsConfig.default({}).describe("Deliveries from a segment to a destination."),
  catalog: CatalogConfig.prefault({}).describe("What Iceberg engines may do through the Bridge's catalog."),
  shares: SharesConfig.default({}).describe("What the Bridge exposes, and to whom."),
  recipients: RecipientsConfig.default({}).describe(
    "What holds for recipients beside what is shared with them: addresses, token life, limits, namespaces that they write.",
  ),
  proxies: z
    .array(AddressBlock)
    .default([])
    .describe(
      "Addresses of the reverse proxies in front of `onecopy serve`: of these, and of nobody else, X-Forwarded-For is believed. Read when it starts.",
    ),
});

export type ProjectConfig = z.infer<typeof ProjectConfig>;
