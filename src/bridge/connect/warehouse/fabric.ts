import { type CheckDialect, checkSql } from "../check.ts";
import type { ConnectedTable, Installation, LakePlace } from "../installation.ts";
import { json, requireLake, storageStep } from "../policy/steps.ts";
import { type Recipe, type Step, folderAccess } from "../recipe.ts";

const brackets: CheckDialect = {
  ident: (name) => `[${name.replaceAll("]", "]]")}]`,
  wide: "DECIMAL(38, 0)",
};

/** Microsoft Fabric: OneLake shortcuts in a lakehouse, which shows each as a table. */
export function fabric(installation: Installation): Recipe {
  const { lake, tables } = installation;
  const cloud = requireLake("Fabric", lake, ["azure", "s3", "gcs"]);
  const own = ({ namespace, name }: ConnectedTable): string => `${namespace}_${name}`;
  const shortcuts: Step[] = tables.map((table) => ({
    say: `Make the shortcut of ${table.namespace}.${table.name}: az rest --method post --resource https://api.fabric.microsoft.com --url "https://api.fabric.microsoft.com/v1/workspaces/<WORKSPACE_ID>/items/<LAKEHOUSE_ID>/shortcuts?shortcutConflictPolicy=CreateOrOverwrite" --body @${own(table)}.json`,
    file: { name: `${own(table)}.json`, text: json(shortcut(cloud, own(table), table)) },
  }));
  return {
    way: "folder",
    why: `A shortcut reads the folder where it is, with its Delta log, so every commit shows, and OneCopy need not run. ${folderAccess}`,
    network: ["OneLake reads the lake's storage.", "OneCopy need not be reachable."],
    steps: [
      storageStep(installation, "the identity of the shortcut's connection"),
      {
        say: "Make a connection to the storage in Fabric (Settings, Manage connections and gateways), and note its id.",
      },
      ...shortcuts,
    ],
    check: {
      name: "check.sql",
      text: checkSql(tables, brackets, (table) => `[dbo].${brackets.ident(own(table))}`),
    },
  };
}

function shortcut(
  lake: Exclude<LakePlace, { kind: "file" }>,
  name: string,
  { folder }: ConnectedTable,
): object {
  const connectionId = "<CONNECTION_ID>";
  const target =
    lake.kind === "azure"
      ? {
          adlsGen2: {
            location: `https://${lake.account}.dfs.core.windows.net`,
            subpath: `/${lake.container}/${lake.prefix}${folder}`,
            connectionId,
          },
        }
      : lake.kind === "s3"
        ? {
            amazonS3: {
              location: `https://${lake.bucket}.s3.<REGION>.amazonaws.com`,
              subpath: `/${lake.prefix}${folder}`,
              connectionId,
            },
          }
        : {
            googleCloudStorage: {
              location: `https://${lake.bucket}.storage.googleapis.com`,
              subpath: `/${lake.prefix}${folder}`,
              connectionId,
            },
          };
  return { path: "Tables", name, target };
}
