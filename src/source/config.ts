import { z } from "zod";
import { isSecretReference } from "../catalog/index.ts";
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

const DeltaMount = z.strictObject({
  delta: z
    .string()
    .min(1)
    .describe("Path or URL of a Delta table that is read where it is, relative to this file."),
  tags,
  timezone,
});

const refName = z.string().min(1).max(1000).optional();

const IcebergMount = z
  .strictObject({
    iceberg: z
      .string()
      .min(1)
      .describe(
        "Path or URL of an Iceberg table that is read where it is, relative to this file: its folder, whose newest metadata file is taken, or one of its metadata files.",
      ),
    branch: refName.describe("A branch of the table. Default: main."),
    tag: refName.describe("A tag of the table: the snapshot that it names."),
    snapshot: z
      .union([z.string().regex(/^\d{1,19}$/, "must be a snapshot's id, in quotes"), z.int().nonnegative()])
      .optional()
      .describe(
        "The id of one snapshot of the table, in quotes, since it has more digits than a number keeps.",
      ),
    tags,
    timezone,
  })
  .refine(
    ({ branch, tag, snapshot }) => [branch, tag, snapshot].filter((one) => one !== undefined).length <= 1,
    { error: "has more than one of branch, tag and snapshot" },
  );

const secretReference = z
  .string()
  .refine(isSecretReference, { error: "must be env:NAME or file:PATH, which say where the secret is" });

const except = z
  .array(z.string().min(1))
  .optional()
  .describe(
    "Where the table is *: names of tables that are no sources, as the last part of their sources' names.",
  );

const SharedMount = z.strictObject({
  delta_sharing: z
    .strictObject({
      profile: secretReference.describe(
        "Where the provider's profile file is: file:PATH relative to this file, or env:NAME of a variable that holds its text.",
      ),
      table: z
        .string()
        .regex(/^.+\.([^.]+\.[^.]+|\*)$/, "must be share.schema.table")
        .describe(
          "The table, as share.schema.table. With share.schema.* or share.* each table is a source, <source>_<table> or <source>_<schema>_<table>, new ones from the next run on; tags are then written <table>.<column> or <schema>_<table>.<column>.",
        ),
    })
    .describe("A table of somebody's share, read where it is by the Delta Sharing protocol."),
  except,
  tags,
  timezone,
});

const CatalogMount = z.strictObject({
  iceberg_catalog: z
    .strictObject({
      uri: z
        .url({ protocol: /^https?$/ })
        .describe("The address of an Iceberg REST catalog: what stands before /v1."),
      table: z
        .string()
        .regex(/^[^.]+(\.[^.]+)+$/, "must be namespace.table")
        .describe(
          "The table, as namespace.table. With namespace.* each table is a source, <source>_<table>, new ones from the next run on; tags are then written <table>.<column>.",
        ),
      warehouse: z.string().min(1).optional().describe("The warehouse that the catalog is asked for."),
      token: secretReference.optional().describe("Where the bearer token is: env:NAME or file:PATH."),
      credential: secretReference
        .optional()
        .describe(
          "Where client_id:client_secret for OAuth2 client credentials is, in place of a token: env:NAME or file:PATH.",
        ),
      oauth2_server_uri: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe("Where a token is had for the credential. Default: v1/oauth/tokens of the catalog."),
      scope: z.string().min(1).optional().describe("The scope of that token. Default: catalog."),
    })
    .refine(({ token, credential }) => token === undefined || credential === undefined, {
      error: "has both token and credential",
    })
    .describe("A table of somebody's Iceberg REST catalog, read where it is."),
  except,
  tags,
  timezone,
});

export const SourceConfig = z.union([FilesSource, DeltaMount, IcebergMount, SharedMount, CatalogMount]);
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
