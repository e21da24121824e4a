import { OneCopyError } from "../../base/index.ts";
import type { Snapshot, Table, VersionHead } from "../../table/index.ts";
import { refuse } from "../error.ts";
import type { ChangesRequest, RangeEnd } from "./changes-request.ts";

/** Which version of a table a request is about; neither: the newest. */
export interface TimeTravel {
  readonly version?: number | undefined;
  readonly timestampMs?: number | undefined;
}

/** What is asked of a table here: the versions alone, none of their files. */
export type History = Pick<Table, "head">;

/** The snapshot asked for: a version, or the newest one that is not younger than a moment. `bad_parameter` when there is none. */
export async function snapshotAt(table: Pick<Table, "head" | "snapshot">, at: TimeTravel): Promise<Snapshot> {
  if (at.version !== undefined && at.timestampMs !== undefined) {
    throw refuse("bad_parameter", "Ask for a version or for a timestamp, not for both.");
  }
  const version = at.timestampMs === undefined ? at.version : await versionAt(table, at.timestampMs);
  if (version === undefined) return await table.snapshot();
  const snapshot = await orNone(table.snapshot(version));
  if (snapshot === undefined) throw noVersion(version);
  return snapshot;
}

/** The newest version that is not younger than a moment. `bad_parameter` when there is none. */
export async function versionAt(table: History, moment: number): Promise<number> {
  const newest = await table.head();
  if (newest.timestampMs <= moment) return newest.version;
  const younger = await firstVersion(table, newest, (timestampMs) => timestampMs > moment);
  const head = younger === 0 ? undefined : await orNone(table.head(younger - 1));
  if (head !== undefined) return head.version;
  throw refuse("bad_parameter", `The table has no version as old as ${new Date(moment).toISOString()}.`);
}

/** The first version made at or after a moment (PROTOCOL.md, "startingTimestamp"). `bad_parameter` when all are older. */
export async function firstVersionSince(table: History, moment: number): Promise<number> {
  const newest = await table.head();
  if (newest.timestampMs < moment) {
    throw refuse("bad_parameter", `The table has no version since ${new Date(moment).toISOString()}.`);
  }
  return firstVersion(table, newest, (timestampMs) => timestampMs >= moment);
}

/** The range as versions that there are; `bad_parameter` for one that is empty. */
export async function versionRange(
  table: History,
  { start, end }: Pick<ChangesRequest, "start" | "end">,
): Promise<{ readonly from: number; readonly to: number }> {
  const newest = (await table.head()).version;
  const from = await at(start, (moment) => firstVersionSince(table, moment));
  const to = end === undefined ? newest : await at(end, (moment) => versionAt(table, moment));
  if (from > newest)
    throw refuse("bad_parameter", `The newest version of the table is ${newest}, before ${from}.`);
  if (from > to)
    throw refuse("bad_parameter", `The range from version ${from} to ${to} ends before it begins.`);
  // What may still come is left out, and not waited for (PROTOCOL.md: an ending version is a hint).
  return { from, to: Math.min(to, newest) };
}

async function at(end: RangeEnd, versionOf: (moment: number) => Promise<number>): Promise<number> {
  return "version" in end ? end.version : await versionOf(end.timestampMs);
}

/** ISO 8601 in UTC, `2022-01-01T00:00:00Z` (PROTOCOL.md, "Timestamp Format"), as milliseconds since 1970. */
export function parseTimestamp(text: string): number {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|\+00:00)$/;
  const milliseconds = form.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw refuse("bad_parameter", "A timestamp must be ISO 8601 in UTC, like 2022-01-01T00:00:00Z.");
  }
  return milliseconds;
}

/**
 * The first version whose time fits, by bisection; `fits` must hold for `newest`. Versions that the log has lost
 * are older than those that it has, so they count as not fitting.
 */
async function firstVersion(
  table: History,
  newest: VersionHead,
  fits: (timestampMs: number) => boolean,
): Promise<number> {
  let low = 0;
  let high = newest.version;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const head = await orNone(table.head(middle));
    if (head !== undefined && fits(head.timestampMs)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function orNone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found") return undefined;
    throw error;
  }
}

function noVersion(version: number): OneCopyError {
  return refuse("bad_parameter", `The table has no version ${version}.`);
}
