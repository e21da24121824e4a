import { ACCESS_LOG_FOLDER } from "../access/index.ts";
import { OneCopyError } from "../base/index.ts";
import type { Workspace } from "../run/index.ts";
import type { ObjectKind, Snapshot, Table } from "../table/index.ts";

/** What part of the lake a group of objects is. */
export interface LakePart {
  readonly what: string;
  readonly location: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly reason: string;
  readonly rules?: boolean;
}

/** Objects of a table's folder of one kind that one and the same needs. */
export interface ObjectGroup {
  readonly kind: ObjectKind;
  /** `log`: the Delta log tells of all versions; `unknown`: of nobody's whom OneCopy knows. */
  readonly use: "newest" | "older" | "nobody" | "log" | "unknown";
  readonly objects: number;
  readonly sizeBytes: number;
}

export interface TableObjects {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Every object in its folder, once. */
  readonly groups: readonly ObjectGroup[];
}

export interface LakeInventory {
  readonly parts: readonly LakePart[];
  readonly tables: readonly TableObjects[];
}

interface Sum {
  files: number;
  sizeBytes: number;
}

/**
 * Every object in the lake, put to the table, or the part of OneCopy, that it belongs to. `isSetApart`: keys that another
 * row of the audit counts.
 */
export async function takeInventory(
  workspace: Workspace,
  isSetApart: (key: string) => boolean,
): Promise<LakeInventory> {
  const { catalog, project } = workspace;
  const tables: TableObjects[] = [];
  const unreadable: { name: string; folder: string; why: string; sum: Sum }[] = [];
  for (const { namespace, name, folder } of await catalog.list()) {
    const known = `${namespace}.${name}`;
    try {
      const objects = await objectsOf(await catalog.find(known), known, isSetApart);
      if (objects !== undefined) tables.push(objects);
    } catch (error) {
      if (!(error instanceof OneCopyError)) throw error;
      unreadable.push({ name: known, folder, why: error.message, sum: { files: 0, sizeBytes: 0 } });
    }
  }
  const counted = new Set(tables.map(({ snapshot }) => `${snapshot.folder}/`));
  const byFolder = new Map(unreadable.map(({ folder, sum }) => [`${folder}/`, sum]));
  const [names, views, accesses, rules, others]: [Sum, Sum, Sum, Sum, Sum] = [
    { files: 0, sizeBytes: 0 },
    { files: 0, sizeBytes: 0 },
    { files: 0, sizeBytes: 0 },
    { files: 0, sizeBytes: 0 },
    { files: 0, sizeBytes: 0 },
  ];
  for await (const { key, sizeBytes } of project.lake.list("")) {
    const folder = folderOf(key);
    if (isSetApart(key) || counted.has(folder)) continue;
    const besides = key.startsWith("_catalog/")
      ? names
      : key.startsWith("_views/")
        ? views
        : key.startsWith(ACCESS_LOG_FOLDER)
          ? accesses
          : key.startsWith(stateFolder(workspace))
            ? rules
            : others;
    const sum = byFolder.get(folder) ?? besides;
    sum.files += 1;
    sum.sizeBytes += sizeBytes;
  }
  const lake = project.lake.url;
  return {
    tables,
    parts: [
      ...tables.map((table) => ({
        what: `table ${table.name}`,
        location: `${lake}${table.snapshot.folder}/`,
        files: sumOf(table, () => true).objects,
        sizeBytes: sumOf(table, () => true).sizeBytes,
        reason: reasonOf(table),
      })),
      ...unreadable.map(({ name, folder, why, sum }) => ({
        what: `table ${name}`,
        location: `${lake}${folder}/`,
        ...sum,
        reason: `it can't be read now: ${why}`,
      })),
      { what: "names of tables", location: `${lake}_catalog/`, ...names, reason: "the catalog's name log" },
      ...(views.files > 0
        ? [
            {
              what: "views",
              location: `${lake}_views/`,
              ...views,
              reason: "SQL that Iceberg engines put into the catalog; no rows",
            },
          ]
        : []),
      ...(accesses.files > 0
        ? [
            {
              what: "log of accesses",
              location: `${lake}${ACCESS_LOG_FOLDER}`,
              ...accesses,
              reason: "what the Bridge has answered lately; a run puts it into _system.access",
            },
          ]
        : []),
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

async function objectsOf(
  table: Table | undefined,
  name: string,
  isSetApart: (key: string) => boolean,
): Promise<TableObjects | undefined> {
  if (table === undefined) return undefined;
  const snapshot = await table.snapshot();
  const groups = new Map<string, ObjectGroup>();
  for await (const { key, kind, use: needed, sizeBytes } of table.inventory()) {
    if (isSetApart(key)) continue;
    const use = needed ?? (kind === "unknown" ? "unknown" : "log");
    const before = groups.get(`${kind} ${use}`) ?? { kind, use, objects: 0, sizeBytes: 0 };
    groups.set(`${kind} ${use}`, {
      ...before,
      objects: before.objects + 1,
      sizeBytes: before.sizeBytes + sizeBytes,
    });
  }
  return { name, snapshot, groups: [...groups.values()] };
}

function sumOf({ groups }: TableObjects, isMeant: (group: ObjectGroup) => boolean) {
  const meant = groups.filter(isMeant);
  return {
    objects: meant.reduce((sum, { objects }) => sum + objects, 0),
    sizeBytes: meant.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** A table's folder is two segments deep: `<namespace>/<name>/…`. */
function folderOf(key: string): string {
  return key.split("/").slice(0, 2).join("/") + "/";
}

const rowKinds: ReadonlySet<ObjectKind> = new Set(["data", "deletion-vector"]);

function reasonOf(table: TableObjects): string {
  const bytes = (isMeant: (group: ObjectGroup) => boolean): number => sumOf(table, isMeant).sizeBytes;
  const isRows = ({ kind }: ObjectGroup): boolean => rowKinds.has(kind);
  const [data, log] = [
    bytes((one) => isRows(one) && one.use === "newest"),
    bytes(({ use }) => use === "log"),
  ];
  const [older, nobody, unknown] = [
    bytes((one) => isRows(one) && one.use === "older"),
    sumOf(table, ({ use }) => use === "nobody"),
    sumOf(table, ({ use }) => use === "unknown"),
  ];
  const iceberg = bytes((one) => !isRows(one) && (one.use === "newest" || one.use === "older"));
  return [
    `one copy for Delta and Iceberg: ${data} bytes of Parquet, ${log} of Delta log, ${iceberg} of Iceberg metadata`,
    ...(older === 0 ? [] : [`${older} bytes are of older versions`]),
    ...(nobody.objects === 0
      ? []
      : [`${nobody.sizeBytes} bytes in ${nobody.objects} objects are needed by nobody, until vacuum comes`]),
    ...(unknown.objects === 0
      ? []
      : [`${unknown.sizeBytes} bytes in ${unknown.objects} objects are not of OneCopy`]),
  ].join("; ");
}

function stateFolder({ project }: Workspace): string {
  return project.state.url.startsWith(project.lake.url)
    ? project.state.url.slice(project.lake.url.length)
    : "\0";
}
