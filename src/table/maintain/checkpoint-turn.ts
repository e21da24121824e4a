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
    const { store, folder } = table;
    const state = await table.stateAt(version);
    // Somebody else's, which no commit since has told of.
    this.newest = Math.max(this.newest, (await readCheckpointHint(store, folder)) ?? 0);
    if (!isCheckpointDue({ ...state, checkpointVersion: this.newest })) return;
    await writeCheckpoint(store, folder, state);
    this.newest = version;
    await cleanUpLog(store, folder, state);
  }
}

/** Of many writers that find a checkpoint due at the same time, one has the version whose turn it is. */
function isTurn(state: Pick<LogState, "version" | "checkpointVersion" | "metaData">): boolean {
  return (
    isCheckpointDue(state) &&
    state.version % Math.max(1, Math.floor(checkpointInterval(state.metaData) / 10)) === 0
  );
}
