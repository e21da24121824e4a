import type { TableAccess } from "../access.ts";
import { cleanUpLog } from "../delta/clean-up-log.ts";
import { readCheckpointHint } from "../delta/segment.ts";
import type { LogState } from "../delta/replay.ts";
import { checkpointInterval, isCheckpointDue, writeCheckpoint } from "../delta/write-checkpoint.ts";

/**
 * Writes checkpoints beside the commits of one table in this process, one at a time. No write waits for one or fails with
 * it: what did not come about is tried again at a later commit, and by the next `maintain`.
 */
export class CheckpointTurns {
  /** The newest checkpoint that this process knows of by its own doing. */
  private newest = 0;
  private underWay: Promise<void> | undefined;

  /** `before`: what the commit of `version` was made on. */
  committed(table: TableAccess, version: number, before: LogState): void {
    const { metaData } = before;
    const checkpointVersion = Math.max(this.newest, before.checkpointVersion ?? 0);
    if (this.underWay !== undefined || !isTurn({ version, checkpointVersion, metaData })) return;
    this.underWay = this.write(table, version)
      .catch(() => undefined)
      .finally(() => (this.underWay = undefined));
  }

  /** Resolves when none is being written. */
  async settled(): Promise<void> {
    await this.underWay;
  }

  private async write(table: TableAccess, version: number): Promise<void> {
    const { newest } = await checkpointIfDue(table, await table.stateAt(version));
    this.newest = Math.max(this.newest, newest);
  }
}

/**
 * Writes a checkpoint, with log clean-up, if none has come for so long. `newest`: the version of the newest one that is
 * known of then, 0 for none.
 */
export async function checkpointIfDue(
  { store, folder }: Pick<TableAccess, "store" | "folder">,
  state: LogState,
): Promise<{ readonly newest: number; readonly isWritten: boolean }> {
  const known = state.checkpointVersion ?? 0;
  if (!isCheckpointDue(state)) return { newest: known, isWritten: false };
  // Somebody else's, which no commit since has told of.
  const newest = Math.max(known, (await readCheckpointHint(store, folder)) ?? 0);
  if (!isCheckpointDue({ ...state, checkpointVersion: newest })) return { newest, isWritten: false };
  // One may be there without a hint: who wrote it died in between.
  const outcome = await writeCheckpoint(store, folder, state);
  await cleanUpLog(store, folder, state);
  return { newest: state.version, isWritten: outcome === "written" };
}

/** Of many writers that find a checkpoint due at the same time, one has the version whose turn it is. */
function isTurn(state: Pick<LogState, "version" | "checkpointVersion" | "metaData">): boolean {
  return (
    isCheckpointDue(state) &&
    state.version % Math.max(1, Math.floor(checkpointInterval(state.metaData) / 10)) === 0
  );
}
