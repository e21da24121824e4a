import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type FileChange, type FileSet, fileSet } from "../file-set.ts";
import { decodePath } from "../path.ts";
import type { DataFile, IcebergPointer } from "../snapshot.ts";
import {
  type Actions,
  type AddAction,
  type CommitInfoAction,
  type MetaDataAction,
  type ProtocolAction,
  parseCommit,
} from "./action.ts";
import { readCheckpointFiles, readCheckpointHead } from "./checkpoint.ts";
import { type CommitFile, type LogSegment, readSegment } from "./segment.ts";

/**
 * The state of a table after its log was replayed up to a version (Delta protocol, "Action Reconciliation"). What
 * is said about the table itself is here at once; its files only when somebody asks for them.
 */
export interface LogState {
  readonly version: number;
  readonly timestampMs: number;
  readonly protocol: ProtocolAction;
  readonly metaData: MetaDataAction;
  readonly transactions: ReadonlyMap<string, number>;
  readonly commitInfo: CommitInfoAction | undefined;
  /** As commits tell it; a pointer of a healer may be newer. */
  readonly iceberg: IcebergPointer | undefined;
  /** Read at the first call; later ones get the same set. Fails with `table.log_damaged` or `table.path_outside`. */
  files(): Promise<FileSet>;
}

const concurrentReads = 32;

/** Replays the log up to `version` (default: the newest), from `base` on when it is given. `undefined`: no table. */
export async function replay(
  store: Store,
  folder: string,
  version?: number,
  base?: LogState,
): Promise<LogState | undefined> {
  const from = base !== undefined && (version === undefined || version >= base.version) ? base : undefined;
  const segment = await readSegment(store, folder, { version, after: from?.version });
  if (segment === undefined) return undefined;
  if (from !== undefined && segment.version === from.version) return from;
  return await replaySegment(store, folder, segment, from);
}

/** The actions of versions `from`…`to`, both included, that somebody else committed. */
export async function readCommits(
  store: Store,
  folder: string,
  from: number,
  to: number,
): Promise<{ version: number; actions: Actions }[]> {
  const segment = await readSegment(store, folder, { after: from - 1, version: to });
  return await readAll(store, segment?.commits ?? []);
}

async function replaySegment(
  store: Store,
  folder: string,
  segment: LogSegment,
  base: LogState | undefined,
): Promise<LogState> {
  const commits = readAll(store, segment.commits);
  const transactions = new Map(base?.transactions);
  let { protocol, metaData, commitInfo, iceberg } = base ?? {};
  let timestampMs = base?.timestampMs ?? 0;
  if (segment.checkpoint !== undefined) {
    const head = await readCheckpointHead(store, segment.checkpoint.keys);
    ({ protocol, metaData } = head);
    for (const { appId, version } of head.transactions) transactions.set(appId, version);
  }
  for (const { version, actions, modifiedMs } of await commits) {
    for (const { appId, version: last } of actions.transactions) transactions.set(appId, last);
    protocol = actions.protocol ?? protocol;
    metaData = actions.metaData ?? metaData;
    commitInfo = actions.commitInfo;
    timestampMs = commitInfo?.inCommitTimestamp ?? commitInfo?.timestamp ?? modifiedMs;
    iceberg = pointerOf(folder, version, commitInfo) ?? iceberg;
  }
  if (protocol === undefined || metaData === undefined)
    throw new OneCopyError("table.log_damaged", `The log of ${folder} has no protocol or no metaData.`);
  const changes = (await commits).map(({ actions }) => fileChange(actions));
  const files = filesSince(store, segment.checkpoint?.keys, base, changes);
  return {
    version: segment.version,
    timestampMs,
    protocol,
    metaData,
    transactions,
    commitInfo,
    iceberg,
    files,
  };
}

/** The files of `base`, or of the checkpoint, with the changes since; read once. */
function filesSince(
  store: Store,
  checkpoint: readonly string[] | undefined,
  base: LogState | undefined,
  changes: readonly FileChange[],
): () => Promise<FileSet> {
  const load = async (): Promise<FileSet> => {
    if (base !== undefined) return (await base.files()).changed(changes);
    const adds = checkpoint === undefined ? [] : await readCheckpointFiles(store, checkpoint);
    return fileSet(adds.map(dataFile)).changed(changes);
  };
  let loading: Promise<FileSet> | undefined;
  return async () => {
    loading ??= load();
    return await loading;
  };
}

function fileChange({ removes, adds }: Actions): FileChange {
  return {
    removes: removes.map((remove) => ({ ...remove, path: decodePath(remove.path) })),
    adds: adds.map(dataFile),
  };
}

async function readAll(store: Store, commits: readonly CommitFile[]) {
  const read: { version: number; actions: Actions; modifiedMs: number }[] = [];
  for (let i = 0; i < commits.length; i += concurrentReads) {
    const batch = commits.slice(i, i + concurrentReads).map(async ({ version, entry }) => {
      const found = await store.get(entry.key);
      if (found.kind === "absent")
        throw new OneCopyError("table.log_damaged", `${entry.key} vanished while the log was read.`, {
          remedy: "The log was cleaned up meanwhile: open the table again.",
        });
      const actions = parseCommit(entry.key, new TextDecoder().decode(found.body));
      return { version, actions, modifiedMs: entry.modifiedMs };
    });
    read.push(...(await Promise.all(batch)));
  }
  return read;
}

function pointerOf(
  folder: string,
  version: number,
  commitInfo: CommitInfoAction | undefined,
): IcebergPointer | undefined {
  const path = commitInfo?.onecopy?.iceberg;
  return path === undefined ? undefined : icebergPointer(folder, version, path);
}

/** A pointer as a log or a healer wrote it; `undefined` when it is not of our form, and so not ours. */
export function icebergPointer(folder: string, version: number, path: string): IcebergPointer | undefined {
  const match = /^_iceberg\/(\d+)-[0-9a-f-]{36}\.metadata\.json$/.exec(path);
  if (match === null || Number(match[1]) !== version) return undefined;
  return { metadataKey: folder === "" ? path : `${folder}/${path}`, version };
}

/** What the log says about a file that is in the table. Fails with `table.path_outside`. */
export function dataFile(add: AddAction): DataFile {
  return {
    path: decodePath(add.path),
    sizeBytes: add.size,
    rows: rowsOf(add.stats),
    modifiedMs: add.modificationTime,
    stats: add.stats,
    partitionValues: add.partitionValues,
    tags: add.tags,
    dataChange: add.dataChange,
    ...(add.deletionVector === undefined ? {} : { deletionVector: add.deletionVector }),
  };
}

/** `numRecords` without parsing all of the statistics where it stands first, as every writer puts it. */
function rowsOf(stats: string | undefined): number | undefined {
  if (stats === undefined) return undefined;
  const digits = /^\s*\{\s*"numRecords"\s*:\s*(\d+)\s*[,}]/.exec(stats)?.[1];
  if (digits !== undefined) return Number(digits);
  try {
    const { numRecords } = JSON.parse(stats) as { numRecords?: unknown };
    return typeof numRecords === "number" ? numRecords : undefined;
  } catch {
    return undefined;
  }
}
