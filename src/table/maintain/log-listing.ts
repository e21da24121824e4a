import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";

/** What stands in the log, by name; no file is opened. */
export interface LogListing {
  /** In order; a gap may be there. `modifiedMs` is by the store's clock. */
  readonly commits: readonly { readonly version: number; readonly modifiedMs: number }[];
  /** Versions of checkpoints, of whichever kind, in order. */
  readonly checkpoints: readonly number[];
}

export async function listLog(store: Store, folder: string): Promise<LogListing> {
  const log = keyIn(folder, "_delta_log/");
  const commits: { version: number; modifiedMs: number }[] = [];
  const checkpoints = new Set<number>();
  for await (const { key, modifiedMs } of store.list(log)) {
    const match = /^(\d{20})\.(json$|checkpoint\b)/.exec(key.slice(log.length));
    if (match === null) continue;
    if (match[2] === "json") commits.push({ version: Number(match[1]), modifiedMs });
    else checkpoints.add(Number(match[1]));
  }
  return { commits, checkpoints: [...checkpoints].sort((a, b) => a - b) };
}

/** The first version that can be put together from what is there: of a whole log 0, of one that was cleaned up its first checkpoint. */
export function oldestReadable({ commits, checkpoints }: LogListing, newest: number): number {
  let first = newest;
  for (let i = commits.length - 1; i >= 0 && commits[i]!.version >= first - 1; i--)
    first = Math.min(first, commits[i]!.version);
  if (first === 0) return 0;
  return checkpoints.find((version) => version >= first - 1) ?? newest;
}

/**
 * The first version that is kept: those after it were committed later than `cutoffMs`, and it was the newest until then.
 * At least `minVersions` are kept.
 */
export function oldestKept(
  listing: LogListing,
  newest: number,
  cutoffMs: number,
  minVersions: number,
): number {
  const next = listing.commits.find(({ version, modifiedMs }) => version > 0 && modifiedMs > cutoffMs);
  const byAge = next === undefined ? newest : next.version - 1;
  const wanted = Math.max(0, Math.min(byAge, newest, newest - minVersions + 1));
  return Math.max(wanted, Math.min(newest, oldestReadable(listing, newest)));
}
