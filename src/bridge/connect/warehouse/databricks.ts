import { backticked, checkSql } from "../check.ts";
import { type Installation, addressOf } from "../installation.ts";
import { storageStep } from "../policy/steps.ts";
import {
  type Recipe,
  type Step,
  type Way,
  folderAccess,
  profileStep,
  reachesServer,
  sharedAccess,
} from "../recipe.ts";

/** Databricks with Unity Catalog: external tables where it reaches the lake, else a share. */
export function databricks(installation: Installation, way?: Way): Recipe {
  const isLocal = installation.lake.kind === "file";
  return isLocal || way === "share" ? byShare(installation, isLocal) : byFolder(installation);
}

function byFolder(installation: Installation): Recipe {
  const { name, lake, tables } = installation;
  const q = backticked.ident;
  const schemas = [...new Set(tables.map(({ namespace }) => namespace))];
  const lines = tables.flatMap((table) => {
    const url = addressOf(lake, table.folder);
    const location = `${name}_${table.namespace}_${table.name}`;
    const full = [name, table.namespace, table.name].map(q).join(".");
    return [
      `CREATE EXTERNAL LOCATION IF NOT EXISTS ${q(location)} URL '${text(url)}' WITH (STORAGE CREDENTIAL ${q(`${name}_lake`)});`,
      `CREATE TABLE IF NOT EXISTS ${full} USING DELTA LOCATION '${text(url)}';`,
      `GRANT SELECT ON TABLE ${full} TO \`<GROUP>\`;`,
    ];
  });
  const credential: Step = {
    say: `Make the storage credential ${name}_lake (Catalog Explorer, External data, Credentials; or databricks storage-credentials create), read only, for that identity. Databricks shows the principal and the external id for the trust policy.`,
  };
  return {
    way: "folder",
    why: `Unity Catalog reads the Delta log itself, so every commit shows at once, and OneCopy need not run. ${folderAccess}`,
    network: ["Databricks' compute reads the lake's storage.", "OneCopy need not be reachable."],
    steps: [
      storageStep(installation, "Databricks"),
      credential,
      {
        say: "Register the tables:",
        file: {
          name: "onecopy.sql",
          text: `CREATE CATALOG IF NOT EXISTS ${q(name)};\n${schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${q(name)}.${q(schema)};`).join("\n")}\n${lines.join("\n")}\n`,
        },
      },
    ],
    check: check(installation),
  };
}

function byShare(installation: Installation, isLocal: boolean): Recipe {
  const { name, share, address } = installation;
  return {
    way: "share",
    why: `${isLocal ? "The lake is in a folder of this machine, which Databricks does not reach; the server sends the files. " : ""}${sharedAccess}`,
    network: [
      ...reachesServer(address, "Databricks' compute"),
      ...(isLocal ? [] : ["It reaches the lake's storage, at the addresses of files that the server gives."]),
    ],
    steps: [
      profileStep(installation),
      {
        say: `Make the provider: databricks providers create ${name} TOKEN --recipient-profile-str "$(cat onecopy.share)"`,
      },
      {
        say: "Mount the share:",
        file: {
          name: "onecopy.sql",
          text: `CREATE CATALOG IF NOT EXISTS ${backticked.ident(name)} USING SHARE ${backticked.ident(name)}.${backticked.ident(share)};\n`,
        },
      },
    ],
    check: check(installation),
  };
}

function check({ name, tables }: Installation): Recipe["check"] {
  return {
    name: "check.sql",
    text: checkSql(tables, backticked, (table) =>
      [name, table.namespace, table.name].map(backticked.ident).join("."),
    ),
  };
}

function text(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}
