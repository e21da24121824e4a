import { type CheckDialect, checkSql, doubleQuoted } from "../check.ts";
import { type ConnectedTable, type Installation, type LakePlace } from "../installation.ts";
import { json, requireLake, storageStep } from "../policy/steps.ts";
import { trustPolicy } from "../policy/s3.ts";
import { type Recipe, type Way, folderAccess, profileStep, reachesServer, sharedAccess } from "../recipe.ts";

type Cloud = Exclude<LakePlace, { readonly kind: "file" }>;

/**
 * Snowflake: Iceberg tables from the Delta logs in storage; through OneCopy's catalog where a table has what Snowflake does
 * not read of Delta (deletion vectors, column mapping); or the share, with keys that OneCopy lends.
 */
export function snowflake(installation: Installation, way?: Way): Recipe {
  return way === "share" ? byShare(installation) : byVolume(installation, way);
}

function byVolume(installation: Installation, way: Way | undefined): Recipe {
  const { lake, tables, name, address } = installation;
  const cloud = requireLake("Snowflake", lake, ["s3", "azure", "gcs"]);
  const needsCatalog = tables.some(({ readerFeatures }) => readerFeatures.length > 0);
  const volume = {
    say: "Make the external volume:",
    file: { name: "volume.sql", text: volumeSql(name, cloud) },
  };
  const trust =
    cloud.kind === "s3"
      ? [
          {
            say: `Run DESC EXTERNAL VOLUME ${name}_lake, and let that user take on the role with this trust policy:`,
            file: {
              name: "trust-policy.json",
              text: json(trustPolicy("<STORAGE_AWS_IAM_USER_ARN>", "<STORAGE_AWS_EXTERNAL_ID>")),
            },
          },
        ]
      : [
          {
            say: `Run DESC EXTERNAL VOLUME ${name}_lake: it names the identity that gets the permission above.`,
          },
        ];
  const storage = [storageStep(installation, "Snowflake"), volume, ...trust];
  const check = { name: "check.sql", text: checkSql(tables, unquoted, relation(name)) };
  if (!needsCatalog && way !== "catalog")
    return {
      way: "folder",
      why: `Snowflake reads the Delta log itself and refreshes by itself, and OneCopy need not run. ${folderAccess}`,
      network: ["Snowflake reads the lake's storage.", "OneCopy need not be reachable."],
      steps: [
        ...storage,
        { say: "Make the tables:", file: { name: "tables.sql", text: deltaSql(name, tables) } },
      ],
      check,
    };
  return {
    way: "catalog",
    why: `${needsCatalog ? "Some of these tables have deletion vectors or mapped columns, which Snowflake does not read of Delta; as Iceberg it does. " : ""}${sharedAccess} The files are read with the volume's permission.`,
    network: [...reachesServer(address, "Snowflake"), "Snowflake reads the lake's storage."],
    steps: [
      profileStep(installation),
      ...storage,
      {
        say: "Make the tables; <TOKEN> is bearerToken of onecopy.share:",
        file: { name: "tables.sql", text: catalogSql(installation) },
      },
    ],
    check,
  };
}

/** Snowflake lists the share, asks for keys to each table's folder, and reads there. */
function byShare(installation: Installation): Recipe {
  const { lake, tables, name, address } = installation;
  requireLake("Snowflake, by a share,", lake, ["s3"]);
  const linked = ({ namespace, name: table }: ConnectedTable): string =>
    [name, doubleQuoted.ident(namespace), doubleQuoted.ident(table)].join(".");
  return {
    way: "share",
    why: `${sharedAccess} Snowflake reads the tables' folders with keys that OneCopy lends for 15 minutes; it has no permission of its own, and nothing is registered by table.`,
    network: [
      ...reachesServer(address, "Snowflake"),
      "Snowflake reads the lake's storage, with the keys that the server gives.",
    ],
    steps: [
      {
        say: "Let OneCopy lend keys: set ONECOPY_S3_LENDING_ROLE where `onecopy serve` runs (docs/storage.md, Keys that are lent). The share is not strict and has its history, the recipient has no addresses: else there are no keys.",
      },
      profileStep(installation, " --oauth"),
      {
        say: "Make the integration and the database; <CLIENT_SECRET> is clientSecret of onecopy.share:",
        file: { name: "share.sql", text: shareSql(installation) },
      },
    ],
    check: { name: "check.sql", text: checkSql(tables, { ...unquoted, ident: doubleQuoted.ident }, linked) },
  };
}

/** The catalog's names are kept as they are, in small letters, so that they are found in quotes. */
function shareSql({ name, share, address, recipient }: Installation): string {
  return `CREATE CATALOG INTEGRATION IF NOT EXISTS ${name}_share
  CATALOG_SOURCE = DELTA_SHARING
  TABLE_FORMAT = DELTA
  REST_CONFIG = (
    CATALOG_URI = '${address.origin}/delta-sharing/'
    CATALOG_NAME = 'shares/${share}'
    ACCESS_DELEGATION_MODE = VENDED_CREDENTIALS
  )
  REST_AUTHENTICATION = (
    TYPE = OAUTH
    OAUTH_CLIENT_ID = '${recipient}'
    OAUTH_CLIENT_SECRET = '<CLIENT_SECRET>'
    OAUTH_TOKEN_URI = '${address.origin}/delta-sharing/oauth/token'
  )
  ENABLED = TRUE;
CREATE DATABASE ${name}
  LINKED_CATALOG = (
    CATALOG = '${name}_share',
    ALLOWED_WRITE_OPERATIONS = NONE
  )
  CATALOG_CASE_SENSITIVITY = CASE_SENSITIVE;
`;
}

function volumeSql(name: string, lake: Cloud): string {
  return `CREATE EXTERNAL VOLUME IF NOT EXISTS ${name}_lake
  STORAGE_LOCATIONS = ((
    NAME = '${name}_lake'
    ${placeSql(lake).join("\n    ")}
  ))
  ALLOW_WRITES = FALSE;
`;
}

function placeSql(lake: Cloud): string[] {
  switch (lake.kind) {
    case "s3":
      return [
        "STORAGE_PROVIDER = 'S3'",
        `STORAGE_BASE_URL = 's3://${lake.bucket}/${lake.prefix}'`,
        "STORAGE_AWS_ROLE_ARN = '<ROLE_ARN>'",
      ];
    case "gcs":
      return ["STORAGE_PROVIDER = 'GCS'", `STORAGE_BASE_URL = 'gcs://${lake.bucket}/${lake.prefix}'`];
    case "azure":
      return [
        "STORAGE_PROVIDER = 'AZURE'",
        `STORAGE_BASE_URL = 'azure://${lake.account}.blob.core.windows.net/${lake.container}/${lake.prefix}'`,
        "AZURE_TENANT_ID = '<TENANT_ID>'",
      ];
  }
}

function schemasSql(name: string, tables: readonly ConnectedTable[]): string {
  const schemas = [...new Set(tables.map(({ namespace }) => namespace))];
  return `CREATE DATABASE IF NOT EXISTS ${name};\n${schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${name}.${quoted(schema)};`).join("\n")}\n`;
}

/** `place`: which of the integration's tables one is. */
function tablesSql(
  name: string,
  tables: readonly ConnectedTable[],
  integration: "delta" | "catalog",
  place: (table: ConnectedTable) => string,
): string {
  const made = tables.map(
    (table) => `CREATE ICEBERG TABLE IF NOT EXISTS ${relation(name)(table)}
  EXTERNAL_VOLUME = '${name}_lake'
  CATALOG = '${name}_${integration}'
${place(table)}
  AUTO_REFRESH = TRUE;
`,
  );
  return schemasSql(name, tables) + made.join("");
}

function deltaSql(name: string, tables: readonly ConnectedTable[]): string {
  return `CREATE CATALOG INTEGRATION IF NOT EXISTS ${name}_delta
  CATALOG_SOURCE = OBJECT_STORE
  TABLE_FORMAT = DELTA
  REFRESH_INTERVAL_SECONDS = 30
  ENABLED = TRUE;
${tablesSql(name, tables, "delta", (table) => `  BASE_LOCATION = '${table.folder}'`)}`;
}

function catalogSql({ name, share, address, tables }: Installation): string {
  return `CREATE CATALOG INTEGRATION IF NOT EXISTS ${name}_catalog
  CATALOG_SOURCE = ICEBERG_REST
  TABLE_FORMAT = ICEBERG
  CATALOG_NAMESPACE = '${tables[0]!.namespace}'
  REST_CONFIG = (
    CATALOG_URI = '${address.origin}/iceberg'
    CATALOG_NAME = '${share}'
  )
  REST_AUTHENTICATION = (
    TYPE = BEARER
    BEARER_TOKEN = '<TOKEN>'
  )
  REFRESH_INTERVAL_SECONDS = 30
  ENABLED = TRUE;
${tablesSql(
  name,
  tables,
  "catalog",
  (table) => `  CATALOG_NAMESPACE = '${table.namespace}'
  CATALOG_TABLE_NAME = '${table.name}'`,
)}`;
}

function relation(name: string): (table: ConnectedTable) => string {
  return (table) => `${name}.${quoted(table.namespace)}.${quoted(table.name)}`;
}

/** Without quotes a name is found in whatever case Snowflake keeps it; others need them. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : doubleQuoted.ident(name);
}

const unquoted: CheckDialect = { ident: quoted, wide: "NUMBER(38, 0)" };
