import { OneCopyError } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import type { LogState } from "../delta/replay.ts";

/** A version by its number, or the newest one that is not younger than a moment (ms since 1970). */
export type VersionTarget = { readonly version: number } | { readonly timestampMs: number };

/** Fails with `table.version_not_found`. */
export async function versionAt(table: TableAccess, target: VersionTarget): Promise<LogState> {
  if ("version" in target) return await table.stateAt(target.version);
  const newest = await table.state();
  if (newest.timestampMs <= target.timestampMs) return newest;
  // Versions that the log has lost are older than those that it has.
  let [low, high] = [0, newest.version];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const state = await stateIfThere(table, middle);
    if (state !== undefined && state.timestampMs > target.timestampMs) high = middle;
    else low = middle + 1;
  }
  const found = low === 0 ? undefined : await stateIfThere(table, low - 1);
  if (found !== undefined) return found;
  throw new OneCopyError(
    "table.version_not_found",
    `${table.folder} has no version as old as ${new Date(target.timestampMs).toISOString()}.`,
    { remedy: `The log reaches back to version ${low}.` },
  );
}

async function stateIfThere(table: TableAccess, version: number): Promise<LogState | undefined> {
  try {
    return await table.stateAt(version);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found") return undefined;
    throw error;
  }
}
