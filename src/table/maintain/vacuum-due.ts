import type { TableAccess } from "../access.ts";
import type { LogState } from "../delta/replay.ts";
import { defaultGraceMs } from "./kept.ts";
import { listLog, oldestKept } from "./log-listing.ts";
import { readMark } from "./mark.ts";
import { retentionOf } from "./retention.ts";

const dayMs = 86_400_000;

/**
 * Whether a version has gone out of retention since the last vacuum, which is looked at once a day; or whether what failed
 * writes leave was last looked for as long ago as that waits.
 */
export async function isVacuumDue(
  { store, folder }: TableAccess,
  { version, metaData }: LogState,
  nowMs: number,
): Promise<boolean> {
  const mark = await readMark(store, folder);
  if (mark !== undefined && nowMs - mark.atMs < dayMs) return false;
  const { versionsMs, minVersions } = retentionOf(metaData.configuration);
  const listing = await listLog(store, folder);
  if (oldestKept(listing, version, nowMs - versionsMs, minVersions) > (mark?.oldest ?? 0)) return true;
  const sinceMs = mark?.atMs ?? listing.commits[0]?.modifiedMs ?? nowMs;
  return nowMs - sinceMs > defaultGraceMs;
}
