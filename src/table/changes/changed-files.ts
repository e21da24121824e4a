import { OneCopyError } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import { type Actions, parseCommit } from "../delta/action.ts";
import { dataFile } from "../delta/data-file.ts";
import type { CdcAction, RemoveAction } from "../delta/file-action.ts";
import { isPurged } from "../delta/purged.ts";
import { commitBodies } from "../delta/read-commits.ts";
import type { LogState } from "../delta/replay.ts";
import { readSegment } from "../delta/segment.ts";
import { type Elsewhere, elsewhere } from "../elsewhere.ts";
import { decodePath } from "../path.ts";
import type { DataFile, Protocol } from "../snapshot.ts";
import { changesGone } from "./gone.ts";

/** A table's own description as one version's log has it. */
export interface Description {
  readonly tableId: string;
  /** Delta's JSON text of the schema. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * `add`: its rows came. `remove`: its rows went. `cdc`: the rows that changed, each with its `_change_type`; a commit
 * that has such files says all of its changes in them, and its other files are to be left aside by who tells rows.
 */
export interface FileChange {
  readonly kind: "add" | "remove" | "cdc";
  readonly file: DataFile;
}

/** What one commit did. */
export interface CommitChanges {
  readonly version: number;
  readonly timestampMs: number;
  /** What the commit itself stated anew. */
  readonly description: Description | undefined;
  readonly protocol: Protocol | undefined;
  /** In the order of the log; what was only arranged anew (`dataChange` false) is left out. */
  readonly changes: readonly FileChange[];
}

/** The changes of versions `from`…`to`, both included, by files. */
export interface ChangedFiles {
  readonly from: VersionHead;
  readonly to: VersionHead;
  /** Commit by commit, read as they are taken. Fails with `table.changes_gone`. */
  readonly commits: () => AsyncGenerator<CommitChanges>;
}

/** What a version says of the table itself. */
export interface VersionHead {
  readonly version: number;
  readonly timestampMs: number;
  readonly description: Description;
  readonly protocol: Protocol;
}

/**
 * What happened to a table between two versions, told by its files (Delta protocol, "Change Data Files"). Fails with `table.version_not_found` for versions that there never were, and with `table.changes_gone` for those
 * that are not kept any more.
 */
export async function changedFiles(
  table: TableAccess,
  { from, to }: { readonly from: number; readonly to?: number | undefined },
): Promise<ChangedFiles> {
  const end = to === undefined ? await table.state() : await table.stateAt(to);
  const start = from === end.version ? end : await stateFrom(table, from);
  return { from: headOf(start), to: headOf(end), commits: () => commitsOf(table, start, end.version) };
}

export function headOf({ version, timestampMs, metaData, protocol }: LogState): VersionHead {
  return { version, timestampMs, description: descriptionOf(metaData), protocol };
}

async function stateFrom(table: TableAccess, version: number): Promise<LogState> {
  const newest = await table.state();
  if (version > newest.version) return await table.stateAt(version);
  return await table.stateAt(version).catch((cause: unknown) => {
    throw changesGone(table.folder, version, cause);
  });
}

async function* commitsOf(table: TableAccess, start: LogState, to: number): AsyncGenerator<CommitChanges> {
  const { store, folder } = table;
  const from = start.version;
  let outside = elsewhere(store, start.metaData.configuration);
  try {
    const segment = await readSegment(store, folder, { after: from - 1, version: to });
    for await (const { commit, body } of commitBodies(store, segment?.commits ?? [])) {
      const { version, entry } = commit;
      const actions = parseCommit(entry.key, body);
      const { metaData, protocol, commitInfo } = actions;
      if (isPurged(commitInfo))
        throw new OneCopyError("table.version_not_found", `Version ${version} of ${folder} was purged.`);
      if (metaData !== undefined) outside = elsewhere(store, metaData.configuration);
      yield {
        version,
        timestampMs: commitInfo?.inCommitTimestamp ?? commitInfo?.timestamp ?? entry.modifiedMs,
        description: metaData && descriptionOf(metaData),
        protocol,
        changes: await changesOf(table, version, actions, outside),
      };
    }
  } catch (cause) {
    throw changesGone(folder, from, cause);
  }
}

function descriptionOf({
  id,
  schemaString,
  partitionColumns,
  configuration,
}: LogState["metaData"]): Description {
  return { tableId: id, schemaString, partitionColumns, properties: configuration };
}

async function changesOf(
  table: TableAccess,
  version: number,
  { adds, removes, cdcs }: Actions,
  outside: Elsewhere,
): Promise<FileChange[]> {
  const before = filesBefore(table, version);
  const changes: FileChange[] = cdcs.map((cdc) => ({ kind: "cdc", file: fileOfChanges(cdc) }));
  for (const remove of removes)
    if (remove.dataChange) changes.push({ kind: "remove", file: await removedFile(remove, outside, before) });
  for (const add of adds) if (add.dataChange) changes.push({ kind: "add", file: dataFile(add, outside) });
  return changes;
}

function fileOfChanges({ path, size, partitionValues }: CdcAction): DataFile {
  return {
    path: decodePath(path),
    sizeBytes: size,
    rows: undefined,
    modifiedMs: 0,
    stats: undefined,
    partitionValues,
    tags: {},
    dataChange: false,
  };
}

type FileBefore = (path: string) => Promise<DataFile | undefined>;

/** The files of the version before: read only for a remove that does not say all. */
function filesBefore(table: TableAccess, version: number): FileBefore {
  return async (path) => {
    const state = version === 0 ? undefined : await table.stateAt(version - 1);
    return (await state?.files())?.get(path);
  };
}

/** Delta protocol, "Add File and Remove File": size and partition values of a remove are optional. */
async function removedFile(
  { path: stated, size, partitionValues, deletionTimestamp, deletionVector }: RemoveAction,
  outside: Elsewhere,
  before: FileBefore,
): Promise<DataFile> {
  const path = decodePath(stated, outside);
  const known = size === undefined || partitionValues === undefined ? await before(path) : undefined;
  return {
    path,
    sizeBytes: size ?? known?.sizeBytes ?? 0,
    rows: known?.rows,
    modifiedMs: deletionTimestamp ?? 0,
    stats: undefined,
    partitionValues: partitionValues ?? known?.partitionValues ?? {},
    tags: {},
    dataChange: true,
    ...(deletionVector === undefined ? {} : { deletionVector }),
  };
}
