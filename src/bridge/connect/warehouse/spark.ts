import { backticked, checkSql } from "../check.ts";
import type { Installation } from "../installation.ts";
import {
  type Recipe,
  accessToFiles,
  profileStep,
  reachesServer,
  sharedAccess,
  tokenStep,
} from "../recipe.ts";

/** Apache Spark 3.5 or newer, with Iceberg's runtime. */
export function spark(installation: Installation): Recipe {
  const { share, tables, address, name, lake, lends } = installation;
  const catalog = `spark.sql.catalog.${name}`;
  const io: Readonly<Record<typeof lake.kind, readonly string[]>> = {
    s3: [`${catalog}.io-impl org.apache.iceberg.aws.s3.S3FileIO`],
    gcs: [`${catalog}.io-impl org.apache.iceberg.gcp.gcs.GCSFileIO`],
    azure: [`${catalog}.io-impl org.apache.iceberg.azure.adlsv2.ADLSFileIO`],
    file: [],
  };
  return {
    way: "catalog",
    why: `One catalog brings all tables of the share, and nothing is registered. ${sharedAccess} ${accessToFiles(installation, "Spark")}`,
    network: [
      ...reachesServer(address, "Spark's driver"),
      "The driver and the executors read the lake's storage themselves.",
    ],
    steps: [
      profileStep(installation),
      tokenStep,
      {
        say: `Add these lines to spark-defaults.conf, and start Spark with Iceberg's runtime and the token: spark-sql --packages org.apache.iceberg:iceberg-spark-runtime-<SPARK>_<SCALA>:<VERSION>${bundle(lake.kind)} --properties-file spark-defaults.conf --conf ${catalog}.token="$ONECOPY_TOKEN"`,
        file: {
          name: "spark-defaults.conf",
          text: `${[
            "spark.sql.extensions org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            `${catalog} org.apache.iceberg.spark.SparkCatalog`,
            `${catalog}.type rest`,
            `${catalog}.uri ${address.origin}/iceberg`,
            `${catalog}.warehouse ${share}`,
            // Else a commit shows only after half a minute.
            `${catalog}.cache-enabled false`,
            ...io[lake.kind],
            ...(lends ? [`${catalog}.header.X-Iceberg-Access-Delegation vended-credentials`] : []),
          ].join("\n")}\n`,
        },
      },
    ],
    check: {
      name: "check.sql",
      text: checkSql(tables, backticked, (table) =>
        [name, table.namespace, table.name].map(backticked.ident).join("."),
      ),
    },
  };
}

function bundle(kind: string): string {
  const names: Readonly<Record<string, string>> = { s3: "aws", gcs: "gcp", azure: "azure" };
  return names[kind] === undefined ? "" : `,org.apache.iceberg:iceberg-${names[kind]}-bundle:<VERSION>`;
}
