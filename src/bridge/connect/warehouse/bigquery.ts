import { backticked, checkSql } from "../check.ts";
import { type ConnectedTable, type Installation, addressOf } from "../installation.ts";
import { requireLake, storageStep } from "../policy/steps.ts";
import { type Recipe, folderAccess } from "../recipe.ts";

/** BigQuery: BigLake external tables on the Delta logs. */
export function bigquery(installation: Installation): Recipe {
  const { lake, tables, name } = installation;
  requireLake("BigQuery", lake, ["gcs"]);
  const dataset = ({ namespace }: ConnectedTable): string => `${name}_${namespace}`;
  const relation = (table: ConnectedTable): string => `\`<PROJECT>.${dataset(table)}.${table.name}\``;
  const datasets = [...new Set(tables.map(dataset))];
  return {
    way: "folder",
    why: `BigQuery reads the Delta log itself, so every commit shows at once, and OneCopy need not run. ${folderAccess}`,
    network: [
      "BigQuery reads the bucket; the dataset's location is the bucket's.",
      "OneCopy need not be reachable.",
    ],
    steps: [
      {
        say: `Make the connection, and note its service account: bq mk --connection --location=<LOCATION> --connection_type=CLOUD_RESOURCE ${name} && bq show --connection <PROJECT>.<LOCATION>.${name}`,
      },
      storageStep(installation, "that service account"),
      {
        say: "Make the tables:",
        file: {
          name: "onecopy.sql",
          text: `${datasets.map((one) => `CREATE SCHEMA IF NOT EXISTS \`<PROJECT>.${one}\` OPTIONS (location = '<LOCATION>');`).join("\n")}\n${tables
            .map(
              (table) => `CREATE EXTERNAL TABLE IF NOT EXISTS ${relation(table)}
WITH CONNECTION \`<PROJECT>.<LOCATION>.${name}\`
OPTIONS (format = 'DELTA_LAKE', uris = ['${addressOf(lake, table.folder).replaceAll("'", "\\'")}']);
`,
            )
            .join("")}`,
        },
      },
    ],
    check: {
      name: "check.sql",
      text: checkSql(tables, { ident: backticked.ident, wide: "BIGNUMERIC" }, relation),
    },
  };
}
