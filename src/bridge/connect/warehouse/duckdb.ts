import { checkSql, doubleQuoted } from "../check.ts";
import type { Installation } from "../installation.ts";
import {
  type Recipe,
  accessToFiles,
  profileStep,
  reachesServer,
  sharedAccess,
  tokenStep,
} from "../recipe.ts";

/** DuckDB 1.4 or newer, with its `iceberg` extension. */
export function duckdb(installation: Installation): Recipe {
  const { share, tables, address, name } = installation;
  const storage = ownStorage(installation);
  return {
    way: "catalog",
    why: `ATTACH brings all tables of the share. ${sharedAccess} ${accessToFiles(installation, "DuckDB")}`,
    network: [...reachesServer(address, "DuckDB"), "DuckDB reads the lake's storage itself."],
    steps: [
      profileStep(installation),
      tokenStep,
      ...storage,
      {
        say: "Attach the catalog (duckdb -init onecopy.sql):",
        file: {
          name: "onecopy.sql",
          text: `INSTALL httpfs; LOAD httpfs;
INSTALL avro; LOAD avro;
INSTALL iceberg; LOAD iceberg;
CREATE OR REPLACE SECRET ${name}_token (TYPE iceberg, TOKEN getenv('ONECOPY_TOKEN'));
ATTACH '${share}' AS ${name} (TYPE iceberg, ENDPOINT '${address.origin}/iceberg', SECRET ${name}_token);
`,
        },
      },
    ],
    check: {
      name: "check.sql",
      text: checkSql(tables, doubleQuoted, (table) =>
        [name, table.namespace, table.name].map(doubleQuoted.ident).join("."),
      ),
    },
  };
}

function ownStorage({ lake, lends }: Installation): Recipe["steps"] {
  // It asks for keys by itself.
  if (lends) return [];
  switch (lake.kind) {
    case "s3":
      return [
        {
          say: "Give DuckDB read access to the lake: CREATE SECRET (TYPE s3, PROVIDER credential_chain); before the files below.",
        },
      ];
    case "gcs":
      return [
        {
          say: "Give DuckDB read access to the lake: CREATE SECRET (TYPE gcs, KEY_ID '<HMAC_KEY>', SECRET '<HMAC_SECRET>'); before the files below.",
        },
      ];
    case "azure":
      return [
        {
          say: "Give DuckDB read access to the lake: INSTALL azure; LOAD azure; CREATE SECRET (TYPE azure, PROVIDER credential_chain); before the files below.",
        },
      ];
    case "file":
      return [];
  }
}
