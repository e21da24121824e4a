import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type Elsewhere, elsewhere } from "../elsewhere.ts";
import type { FileSet } from "../file-set.ts";
import { FileChanges } from "../packed/changes.ts";
import { decodePath } from "../path.ts";
import type { IcebergPointer } from "../snapshot.ts";
import { type CommitInfoAction, type MetaDataAction, type ProtocolAction, readActions } from "./action.ts";
import { readCheckpointFiles, readCheckpointHead } from "./checkpoint.ts";
import { dataFile } from "./data-file.ts";
import { filesAt, filesSource } from "./files-at.ts";
import { findPointer, pointerOf } from "./find-pointer.ts";
import { isPurge, isPurged } from "./purged.ts";
import { commitBodies } from "./read-commits.ts";
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
  /** The newest checkpoint that was seen, of whatever version. */
  readonly checkpointVersion: number | undefined;
  /** Read at the first call; later ones get the same set. Fails with `table.log_damaged` or `table.path_outside`. */
  files(): Promise<FileSet>;
}

/**
 * Replays the log up to `version` (default: the newest), from `base` on when it is given. `undefined`: no table.
 * `filesToo`: they are wanted, and so read at the same time.
 */
export async function replay(
  store: Store,
  folder: string,
  version?: number,
  base?: LogState,
  { filesToo = false }: { readonly filesToo?: boolean } = {},
): Promise<LogState | undefined> {
  const from = base !== undefined && (version === undefined || version >= base.version) ? base : undefined;
  const segment = await readSegment(store, folder, { version, after: from?.version });
  if (segment === undefined) return undefined;
  if (from !== undefined && segment.version === from.version) return from;
  // Begun with a checkpoint, since what came after the base was cleaned up, it needs no base.
  const isAnew = segment.checkpoint !== undefined;
  return await replaySegment(store, folder, segment, isAnew ? undefined : from, filesToo);
}

async function replaySegment(
  store: Store,
  folder: string,
  segment: LogSegment,
  base: LogState | undefined,
  filesToo: boolean,
): Promise<LogState> {
  const { checkpoint, checkpointCommit } = segment;
  const head = checkpoint && (await readCheckpointHead(store, folder, checkpoint));
  const loading = filesToo && head ? readCheckpointFiles(store, filesSource(store, head)) : undefined;
  loading?.catch(() => undefined);
  // What a checkpoint itself does not say of its own version.
  const isNewest = segment.commits.length === 0 && checkpointCommit !== undefined;
  const before = head?.metaData ?? base?.metaData;
  const tail = await readTail(store, folder, isNewest ? [checkpointCommit] : segment.commits, before);
  // What was known of a table is not what its log tells after a purge.
  if (tail.hasPurge && base !== undefined) {
    const anew = await readSegment(store, folder, { version: segment.version });
    if (anew !== undefined) return await replaySegment(store, folder, anew, undefined, filesToo);
  }
  if (tail.isGone)
    throw new OneCopyError(
      "table.version_not_found",
      `Version ${segment.version} of ${folder} was purged; newer ones can be read.`,
    );
  const protocol = tail.protocol ?? head?.protocol ?? base?.protocol;
  const metaData = tail.metaData ?? before;
  if (protocol === undefined || metaData === undefined)
    throw new OneCopyError("table.log_damaged", `The log of ${folder} has no protocol or no metaData.`);
  const known = head?.transactions.map(({ appId, version }) => [appId, version] as const);
  return {
    version: segment.version,
    timestampMs: tail.timestampMs ?? checkpoint?.modifiedMs ?? 0,
    protocol,
    metaData,
    transactions: new Map([...(base?.transactions ?? known ?? []), ...tail.transactions]),
    commitInfo: tail.commitInfo,
    iceberg:
      tail.iceberg ?? base?.iceberg ?? (await findPointer(store, folder, metaData, checkpoint?.version)),
    checkpointVersion: segment.newestCheckpoint ?? base?.checkpointVersion,
    files: filesAt(store, base?.files, head, loading, isNewest ? [] : [tail.changes]),
  };
}

/** What the commits say, the later one's word before the earlier one's. */
interface Tail {
  readonly changes: FileChanges;
  readonly transactions: Map<string, number>;
  /** Whether there was a purge, and whether one took what a commit had said. */
  hasPurge: boolean;
  isGone: boolean;
  protocol?: ProtocolAction;
  metaData?: MetaDataAction;
  commitInfo?: CommitInfoAction | undefined;
  timestampMs?: number;
  iceberg?: IcebergPointer;
}

async function readTail(
  store: Store,
  folder: string,
  commits: readonly CommitFile[],
  before: MetaDataAction | undefined,
): Promise<Tail> {
  // A clone's log names its sources before their files.
  const outside: Elsewhere = (location) => {
    const metaData = tail.metaData ?? before;
    return metaData && elsewhere(store, metaData.configuration)(location);
  };
  const tail: Tail = { changes: new FileChanges(), transactions: new Map(), hasPurge: false, isGone: false };
  for await (const { commit, body } of commitBodies(store, commits)) {
    let info: CommitInfoAction | undefined;
    readActions(commit.entry.key, body, {
      add: (action) => tail.changes.add(dataFile(action, outside)),
      remove: (action) => tail.changes.remove({ ...action, path: decodePath(action.path, outside) }),
      txn: (action) => tail.transactions.set(action.appId, action.version),
      protocol: (action) => (tail.protocol = action),
      metaData: (action) => (tail.metaData = action),
      commitInfo: (action) => (info = action),
    });
    tail.changes.endCommit();
    tail.hasPurge ||= isPurge(info);
    tail.isGone ||= isPurged(info);
    noteInfo(tail, folder, commit, info);
  }
  return tail;
}

function noteInfo(tail: Tail, folder: string, { version, entry }: CommitFile, info?: CommitInfoAction): void {
  tail.commitInfo = info;
  // Delta protocol, "In-Commit Timestamps": where there is one, it counts.
  tail.timestampMs = info?.inCommitTimestamp ?? info?.timestamp ?? entry.modifiedMs;
  const pointer = pointerOf(folder, version, info);
  if (pointer !== undefined) tail.iceberg = pointer;
}
