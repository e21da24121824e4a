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

/** Trino 476 or newer: its Iceberg connector. */
export function trino(installation: Installation): Recipe {
  const { share, tables, address, trinoName, lake, lends } = installation;
  const storage: Readonly<Record<typeof lake.kind, readonly string[]>> = {
    s3: ["fs.native-s3.enabled=true", "s3.region=<REGION>"],
    gcs: ["fs.native-gcs.enabled=true", "gcs.project-id=<PROJECT>"],
    azure: ["fs.native-azure.enabled=true", "azure.auth-type=DEFAULT"],
    file: ["fs.hadoop.enabled=true"],
  };
  return {
    way: "catalog",
    why: `One properties file brings all tables of the share, and nothing is registered. ${sharedAccess} ${accessToFiles(installation, "Trino")}`,
    network: [
      ...reachesServer(address, "Trino's coordinator"),
      "The coordinator and the workers read the lake's storage themselves.",
    ],
    steps: [
      profileStep(installation),
      tokenStep,
      {
        say: `Put this file into etc/catalog of every node, and restart:`,
        file: {
          name: `${trinoName}.properties`,
          text: `${[
            "connector.name=iceberg",
            "iceberg.catalog.type=rest",
            `iceberg.rest-catalog.uri=${address.origin}/iceberg`,
            `iceberg.rest-catalog.warehouse=${share}`,
            "iceberg.rest-catalog.security=OAUTH2",
            "iceberg.rest-catalog.oauth2.token=${ENV:ONECOPY_TOKEN}",
            ...storage[lake.kind],
            ...(lends ? ["iceberg.rest-catalog.vended-credentials-enabled=true"] : []),
          ].join("\n")}\n`,
        },
      },
    ],
    check: {
      name: "check.sql",
      text: checkSql(tables, doubleQuoted, (table) =>
        [trinoName, table.namespace, table.name].map(doubleQuoted.ident).join("."),
      ),
    },
  };
}
