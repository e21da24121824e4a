import { OneCopyError } from "../../../base/index.ts";
import { checkSql, doubleQuoted } from "../check.ts";
import { type ConnectedTable, type Installation, addressOf } from "../installation.ts";
import { json, requireLake, storageStep } from "../policy/steps.ts";
import { type Recipe, type Step, folderAccess } from "../recipe.ts";

/** Redshift: Iceberg tables in the Glue Data Catalog, which names one metadata file for each. */
export function redshift(installation: Installation): Recipe {
  const { lake, tables, name } = installation;
  requireLake("Redshift", lake, ["s3"]);
  const database = `${name}_${installation.share.toLowerCase()}`.replaceAll(/[^a-z0-9_]/g, "_");
  const own = ({ namespace, name: table }: ConnectedTable): string => `${namespace}_${table}`;
  const register: Step[] = tables.map((table) => ({
    say: `Register ${table.namespace}.${table.name} (a table that is there already: aws glue update-table): aws glue create-table --cli-input-json file://${own(table)}.json`,
    file: { name: `${own(table)}.json`, text: json(glueTable(installation, database, own(table), table)) },
  }));
  return {
    way: "folder",
    why: `Glue is the catalog that Redshift has. It names one metadata file of each table: Redshift reads that version until the table is registered again, so run this after each \`onecopy run\`. ${folderAccess}`,
    network: ["Redshift reads the bucket and the Glue Data Catalog.", "OneCopy need not be reachable."],
    steps: [
      storageStep(installation, "Redshift (attached to the cluster or namespace)"),
      {
        say: "Let the role read the catalog, too:",
        file: { name: "glue-policy.json", text: json(gluePolicy(database, tables.map(own))) },
      },
      { say: `Make the database: aws glue create-database --database-input Name=${database}` },
      ...register,
      {
        say: "Make the schema in Redshift:",
        file: {
          name: "onecopy.sql",
          text: `CREATE EXTERNAL SCHEMA IF NOT EXISTS ${name}\nFROM DATA CATALOG DATABASE '${database}'\nIAM_ROLE '<ROLE_ARN>';\n`,
        },
      },
    ],
    check: {
      name: "check.sql",
      text: checkSql(tables, doubleQuoted, (table) => `${name}.${doubleQuoted.ident(own(table))}`),
    },
  };
}

function glueTable({ lake }: Installation, database: string, name: string, table: ConnectedTable): object {
  if (table.metadataLocation === undefined)
    throw new OneCopyError(
      "connect.no_iceberg",
      `${table.namespace}.${table.name} has no Iceberg metadata yet.`,
      {
        remedy: "Run `onecopy run`, which makes it.",
      },
    );
  return {
    DatabaseName: database,
    TableInput: {
      Name: name,
      TableType: "EXTERNAL_TABLE",
      Parameters: { table_type: "ICEBERG", metadata_location: table.metadataLocation },
      StorageDescriptor: {
        Location: addressOf(lake, table.folder),
        Columns: table.columns.flatMap((column) =>
          column.type === "nested" ? [] : [{ Name: column.name, Type: glueType(column.type) }],
        ),
      },
    },
  };
}

/** Hive's names, as Glue has them. */
function glueType(type: string): string {
  const names: Readonly<Record<string, string>> = {
    byte: "int",
    short: "int",
    integer: "int",
    long: "bigint",
    timestamp_ntz: "timestamp",
  };
  return names[type] ?? type;
}

function gluePolicy(database: string, tables: readonly string[]): object {
  const arn = "arn:aws:glue:<REGION>:<ACCOUNT_ID>";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadCatalog",
        Effect: "Allow",
        Action: ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"],
        Resource: [
          `${arn}:catalog`,
          `${arn}:database/${database}`,
          ...tables.map((table) => `${arn}:table/${database}/${table}`),
        ],
      },
    ],
  };
}
