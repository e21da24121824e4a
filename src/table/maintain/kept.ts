import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type LogState, replay } from "../delta/replay.ts";
import { putSurely } from "../put-surely.ts";
import { notFound } from "../read.ts";
import { readPurged } from "./mark.ts";
import { type LogListing, listLog, oldestKept } from "./log-listing.ts";
import { type Retention, retentionOf } from "./retention.ts";

/** Which versions of a table stay readable: `oldest` to the newest, both included. */
export interface KeptVersions {
  readonly store: Store;
  readonly folder: string;
  readonly newest: LogState;
  readonly oldest: number;
  readonly retention: Retention;
  readonly listing: LogListing;
}

/** What nobody names stays for so long by default: a write may be under way that needs it. */
export const defaultGraceMs = 7 * 86_400_000;

/** Fails with `table.not_found`. */
export async function keptVersionsOf(store: Store, folder: string, nowMs: number): Promise<KeptVersions> {
  const kept = await keptVersions(store, folder, nowMs);
  if (kept === undefined) throw notFound(store, folder);
  return kept;
}

/** `undefined`: there is no table. */
export async function keptVersions(
  store: Store,
  folder: string,
  nowMs: number,
): Promise<KeptVersions | undefined> {
  const newest = await replay(store, folder);
  if (newest === undefined) return undefined;
  const listing = await listLog(store, folder);
  const retention = retentionOf(newest.metaData.configuration);
  const byAge = oldestKept(listing, newest.version, nowMs - retention.versionsMs, retention.minVersions);
  const { version: purged } = await readPurged(store, folder);
  const oldest = Math.min(newest.version, Math.max(byAge, purged));
  return { store, folder, newest, oldest, retention, listing };
}

/** The time by the store's clock, which is the one that objects are stamped by. */
export async function storeNow(store: Store, key: string): Promise<number> {
  await putSurely(store, key, "{}\n");
  const found = await store.head(key);
  await store.delete(key);
  if (found.kind === "absent")
    throw new OneCopyError("table.vacuum_failed", `${key} was written and is not there.`, {
      remedy: "Look at the store: an object must be visible as soon as it is written.",
    });
  return found.entry.modifiedMs;
}
