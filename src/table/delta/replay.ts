import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type Elsewhere, elsewhere } from "../elsewhere.ts";
import type { FileSet } from "../file-set.ts";
import { FileChanges } from "../packed/changes.ts";
import { decodePath } from "../path.ts";
import type { IcebergPointer } from "../snapshot.ts";
import { type CommitInfoAction, type MetaDataAction, type ProtocolAction, readActions } from "./action.ts";
import { readCheckpointHead } from "./checkpoint.ts";
import { dataFile } from "./data-file.ts";
import { filesAt } from "./files-at.ts";
import { findPointer, pointerOf } from "./find-pointer.ts";
import { commitBodies } from "./read-commits.ts";
import { type LogSegment, readSegment } from "./segment.ts";

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

async function replaySegment(
  store: Store,
  folder: string,
  segment: LogSegment,
  base: LogState | undefined,
): Promise<LogState> {
  const { checkpoint, checkpointCommit } = segment;
  const transactions = new Map(base?.transactions);
  let { protocol, metaData, commitInfo, iceberg } = base ?? {};
  let timestampMs = base?.timestampMs ?? checkpoint?.modifiedMs ?? 0;
  const head = checkpoint && (await readCheckpointHead(store, folder, checkpoint));
  if (head !== undefined) {
    ({ protocol, metaData } = head);
    for (const { appId, version } of head.transactions) transactions.set(appId, version);
  }
  const note = (version: number, info: CommitInfoAction | undefined, modifiedMs: number): void => {
    commitInfo = info;
    timestampMs = info?.inCommitTimestamp ?? info?.timestamp ?? modifiedMs;
    iceberg = pointerOf(folder, version, info) ?? iceberg;
  };
  // What the checkpoint itself does not say of its own version.
  if (segment.commits.length === 0 && checkpointCommit !== undefined)
    for await (const { commit, body } of commitBodies(store, [checkpointCommit])) {
      let info: CommitInfoAction | undefined;
      readActions(commit.entry.key, body, { commitInfo: (action) => (info = action) });
      note(commit.version, info, commit.entry.modifiedMs);
    }
  // A clone's log names its sources before their files.
  const outside: Elsewhere = (location) =>
    metaData === undefined ? undefined : elsewhere(store, metaData.configuration)(location);
  const changes = new FileChanges();
  for await (const { commit, body } of commitBodies(store, segment.commits)) {
    let info: CommitInfoAction | undefined;
    readActions(commit.entry.key, body, {
      add: (action) => changes.add(dataFile(action, outside)),
      remove: (action) => changes.remove({ ...action, path: decodePath(action.path, outside) }),
      txn: ({ appId, version }) => transactions.set(appId, version),
      protocol: (action) => (protocol = action),
      metaData: (action) => (metaData = action),
      commitInfo: (action) => (info = action),
    });
    changes.endCommit();
    note(commit.version, info, commit.entry.modifiedMs);
  }
  if (protocol === undefined || metaData === undefined)
    throw new OneCopyError("table.log_damaged", `The log of ${folder} has no protocol or no metaData.`);
  iceberg ??= await findPointer(store, folder, metaData, checkpoint?.version);
  return {
    version: segment.version,
    timestampMs,
    protocol,
    metaData,
    transactions,
    commitInfo,
    iceberg,
    checkpointVersion: segment.newestCheckpoint ?? base?.checkpointVersion,
    files: filesAt(store, head, base?.files, changes),
  };
}
