import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
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
import { readCheckpoint } from "./checkpoint.ts";
import { type CommitFile, type LogSegment, readSegment } from "./segment.ts";

/** The state of a table after its log was replayed up to a version (Delta protocol, "Action Reconciliation"). */
export interface LogState {
  readonly version: number;
  readonly timestampMs: number;
  readonly protocol: ProtocolAction;
  readonly metaData: MetaDataAction;
  /** By decoded path. */
  readonly files: ReadonlyMap<string, AddAction>;
  readonly transactions: ReadonlyMap<string, number>;
  readonly commitInfo: CommitInfoAction | undefined;
  /** As commits tell it; a pointer of a healer may be newer. */
  readonly iceberg: IcebergPointer | undefined;
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
  const files = new Map(base?.files);
  const transactions = new Map(base?.transactions);
  let { protocol, metaData, commitInfo, iceberg } = base ?? {};
  let timestampMs = base?.timestampMs ?? 0;
  const apply = (version: number, actions: Actions, modifiedMs: number): void => {
    for (const { path } of actions.removes) files.delete(decodePath(path));
    for (const add of actions.adds) files.set(decodePath(add.path), add);
    for (const { appId, version: last } of actions.transactions) transactions.set(appId, last);
    protocol = actions.protocol ?? protocol;
    metaData = actions.metaData ?? metaData;
    commitInfo = actions.commitInfo;
    timestampMs = commitInfo?.inCommitTimestamp ?? commitInfo?.timestamp ?? modifiedMs;
    iceberg = pointerOf(folder, version, commitInfo) ?? iceberg;
  };
  if (segment.checkpoint !== undefined) {
    const { keys, version } = segment.checkpoint;
    apply(version, await readCheckpoint(store, keys), 0);
  }
  for (const { version, actions, modifiedMs } of await commits) apply(version, actions, modifiedMs);
  if (protocol === undefined || metaData === undefined)
    throw new OneCopyError("table.log_damaged", `The log of ${folder} has no protocol or no metaData.`);
  return {
    version: segment.version,
    timestampMs,
    protocol,
    metaData,
    files,
    transactions,
    commitInfo,
    iceberg,
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

/** The files of a state as data. */
export function dataFiles(state: LogState): DataFile[] {
  return [...state.files].map(([path, add]) => dataFile(path, add));
}

export function dataFile(path: string, add: AddAction): DataFile {
  return {
    path,
    sizeBytes: add.size,
    rows: rowsOf(add.stats),
    modifiedMs: add.modificationTime,
    stats: add.stats,
    partitionValues: add.partitionValues,
    tags: add.tags,
    dataChange: add.dataChange,
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
