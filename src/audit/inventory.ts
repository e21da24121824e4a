import type { Workspace } from "../run/index.ts";
import type { Snapshot } from "../table/index.ts";

/** What part of the lake a group of objects is. */
export interface LakePart {
  readonly what: string;
  readonly location: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly reason: string;
  readonly rules?: boolean;
}

export interface TableSizes {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Parquet of the newest version. */
  readonly dataBytes: number;
  /** Parquet that only older versions reach, or none any more. */
  readonly olderBytes: number;
  readonly deltaLogBytes: number;
  readonly icebergBytes: number;
  readonly files: number;
}

export interface LakeInventory {
  readonly parts: readonly LakePart[];
  readonly tables: readonly TableSizes[];
}

interface OpenTable {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly current: ReadonlySet<string>;
  sizes: { data: number; older: number; delta: number; iceberg: number; files: number };
}

/**
 * Every object in the lake, listed once and put to the table, or the part of OneCopy, that it belongs to.
 * `isSetApart`: keys that another row of the audit counts.
 */
export async function takeInventory(
  workspace: Workspace,
  isSetApart: (key: string) => boolean,
): Promise<LakeInventory> {
  const { catalog, project } = workspace;
  const tables = await openTables(workspace);
  const byFolder = new Map(tables.map((table) => [`${table.snapshot.folder}/`, table]));
  const names = { files: 0, sizeBytes: 0 };
  const rules = { files: 0, sizeBytes: 0 };
  const others = { files: 0, sizeBytes: 0 };
  for await (const { key, sizeBytes } of project.lake.list("")) {
    if (isSetApart(key)) continue;
    const table = byFolder.get(folderOf(key));
    if (table !== undefined) count(table, key, sizeBytes);
    else {
      const part = key.startsWith("_catalog/")
        ? names
        : key.startsWith(stateFolder(workspace))
          ? rules
          : others;
      part.files += 1;
      part.sizeBytes += sizeBytes;
    }
  }
  const sizes = tables.map(({ name, snapshot, sizes: s }): TableSizes => ({
    name,
    snapshot,
    dataBytes: s.data,
    olderBytes: s.older,
    deltaLogBytes: s.delta,
    icebergBytes: s.iceberg,
    files: s.files,
  }));
  const lake = project.lake.url;
  return {
    tables: sizes,
    parts: [
      ...sizes.map((table) => ({
        what: `table ${table.name}`,
        location: `${lake}${table.snapshot.folder}/`,
        files: table.files,
        sizeBytes: table.dataBytes + table.olderBytes + table.deltaLogBytes + table.icebergBytes,
        reason: reasonOf(table),
      })),
      { what: "names of tables", location: `${lake}_catalog/`, ...names, reason: "the catalog's name log" },
      ...(rules.files > 0
        ? [
            {
              what: "state of OneCopy",
              location: project.state.url,
              ...rules,
              reason: "revisions and hashed tokens; no customer's value",
              rules: true,
            },
          ]
        : []),
      ...(others.files > 0
        ? [
            {
              what: "objects that belong to no table",
              location: lake,
              ...others,
              reason: `not made by OneCopy, or of dropped tables; ${(await catalog.list()).length} tables are known`,
            },
          ]
        : []),
    ],
  };
}

async function openTables({ catalog }: Workspace): Promise<OpenTable[]> {
  const entries = await catalog.list();
  const opened = await Promise.all(
    entries.map(async ({ namespace, name }) => {
      const table = await catalog.find(`${namespace}.${name}`);
      if (table === undefined) return [];
      const snapshot = await table.snapshot();
      return [
        {
          name: `${namespace}.${name}`,
          snapshot,
          current: new Set([...snapshot.files].map((file) => `${snapshot.folder}/${file.path}`)),
          sizes: { data: 0, older: 0, delta: 0, iceberg: 0, files: 0 },
        },
      ];
    }),
  );
  return opened.flat();
}

/** A table's folder is two segments deep: `<namespace>/<name>/…`. */
function folderOf(key: string): string {
  return key.split("/").slice(0, 2).join("/") + "/";
}

function count({ snapshot, current, sizes }: OpenTable, key: string, sizeBytes: number): void {
  const inside = key.slice(snapshot.folder.length + 1);
  sizes.files += 1;
  if (inside.startsWith("_delta_log/")) sizes.delta += sizeBytes;
  else if (inside.startsWith("_iceberg/")) sizes.iceberg += sizeBytes;
  else if (current.has(key)) sizes.data += sizeBytes;
  else sizes.older += sizeBytes;
}

function reasonOf(table: TableSizes): string {
  const older = table.olderBytes === 0 ? "" : `; ${table.olderBytes} bytes are of older versions`;
  return `one copy for Delta and Iceberg: ${table.dataBytes} bytes of Parquet, ${table.deltaLogBytes} of Delta log, ${table.icebergBytes} of Iceberg metadata${older}`;
}

function stateFolder({ project }: Workspace): string {
  return project.state.url.startsWith(project.lake.url)
    ? project.state.url.slice(project.lake.url.length)
    : "\0";
}
