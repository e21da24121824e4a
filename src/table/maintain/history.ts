import type { TableAccess } from "../access.ts";
import { readCommits } from "../delta/read-commits.ts";
import { keptVersionsOf } from "./kept.ts";

/** One commit, as the log tells of it. */
export interface VersionEntry {
  readonly version: number;
  readonly committedAtMs: number;
  /** Delta's word: WRITE, DELETE, MERGE, OPTIMIZE, RESTORE, …; `undefined`: the writer did not say. */
  readonly operation: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Who wrote it. */
  readonly engine: string | undefined;
  readonly filesAdded: number;
  readonly filesRemoved: number;
  /** Whether it stays readable in both formats; one that does not may be readable until the next vacuum. */
  readonly isKept: boolean;
}

const commitsAtOnce = 64;

/** The newest `limit` commits that the log has, the newest first. Fails with `table.not_found`. */
export async function history(
  { store, folder }: Pick<TableAccess, "store" | "folder">,
  { limit = 20 }: { readonly limit?: number } = {},
): Promise<VersionEntry[]> {
  const { newest, oldest, listing } = await keptVersionsOf(store, folder, Date.now());
  const times = new Map(listing.commits.map(({ version, modifiedMs }) => [version, modifiedMs]));
  const entries: VersionEntry[] = [];
  let to = newest.version;
  // A commit that was cleaned up, or is missing, ends what can be told.
  while (to >= 0 && times.has(to) && entries.length < limit) {
    let from = to;
    while (to - from + 1 < Math.min(commitsAtOnce, limit - entries.length) && times.has(from - 1)) from--;
    for (const { version, actions } of (await readCommits(store, folder, from, to)).reverse()) {
      const { commitInfo, adds, removes } = actions;
      entries.push({
        version,
        committedAtMs: commitInfo?.inCommitTimestamp ?? commitInfo?.timestamp ?? times.get(version)!,
        operation: commitInfo?.operation,
        parameters: commitInfo?.operationParameters ?? {},
        engine: commitInfo?.engineInfo,
        filesAdded: adds.length,
        filesRemoved: removes.length,
        isKept: version >= oldest,
      });
    }
    to = from - 1;
  }
  return entries;
}
