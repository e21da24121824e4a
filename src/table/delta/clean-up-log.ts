import type { Store } from "../../storage/index.ts";
import { newestPointer } from "../heal/pointer.ts";
import { retentionOf } from "../maintain/retention.ts";
import { keyIn } from "../path.ts";
import type { LogState } from "./replay.ts";
import { listLog } from "./segment.ts";

/** What {@link cleanUpLog} deleted, or with `dryRun` would. */
export interface LogCleanUp {
  readonly deleted: readonly string[];
  /** The oldest version that can still be read afterwards. */
  readonly oldestVersion: number;
}

/**
 * Deletes the commits, and the older checkpoints, that no version needs any more which is kept: those before the newest
 * checkpoint that is itself older than `retentionMs` (default: `delta.logRetentionDuration`, or 30 days). The newest
 * commit stays always, and the one of that checkpoint: their commitInfo is nowhere else. Oldest first, so that what
 * an interruption leaves is a log that begins later.
 */
export async function cleanUpLog(
  store: Store,
  folder: string,
  state: LogState,
  options: { readonly retentionMs?: number; readonly now?: number; readonly dryRun?: boolean } = {},
): Promise<LogCleanUp> {
  const { logMs, versionsMs, minVersions } = retentionOf(state.metaData.configuration);
  const before = (options.now ?? Date.now()) - (options.retentionMs ?? Math.max(logMs, versionsMs));
  const { commits, checkpoints } = await listLog(store, keyIn(folder, "_delta_log/"), undefined);
  const oldestKept = commits.find(({ entry }) => entry.modifiedMs >= before)?.version ?? state.version;
  const pointer = await newestPointer(store, folder, state);
  // Where no healer's file names the Iceberg side, the commit that does is needed.
  const told =
    pointer !== undefined && pointer.version === state.iceberg?.version ? pointer.version : Infinity;
  const start = checkpoints.findLast(
    ({ version }) => version <= Math.min(oldestKept, state.version - minVersions + 1, told),
  );
  if (start === undefined) return { deleted: [], oldestVersion: commits[0]?.version ?? state.version };
  const old = [
    ...commits
      .filter(({ version }) => version < start.version && version < state.version)
      .map(({ version, entry }) => ({ version, keys: [entry.key] })),
    ...checkpoints
      .filter(({ version }) => version < start.version)
      .map(({ version, keys }) => ({ version, keys })),
  ].sort((a, b) => a.version - b.version);
  const deleted = old.flatMap(({ keys }) => keys);
  if (options.dryRun !== true) for (const key of deleted) await store.delete(key);
  return { deleted, oldestVersion: start.version };
}
