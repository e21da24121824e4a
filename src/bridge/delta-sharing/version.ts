import { OneCopyError } from "../../base/index.ts";
import type { Snapshot, Table } from "../../table/index.ts";
import { refuse } from "../error.ts";

/** Which version of a table a request is about; neither: the newest. */
export interface TimeTravel {
  readonly version?: number | undefined;
  readonly timestampMs?: number | undefined;
}

/** What is asked of a table here. */
export type History = Pick<Table, "snapshot">;

/** The snapshot asked for: a version, or the newest one that is not younger than a moment. `bad_parameter` when there is none. */
export async function snapshotAt(table: History, at: TimeTravel): Promise<Snapshot> {
  if (at.version !== undefined && at.timestampMs !== undefined) {
    throw refuse("bad_parameter", "Ask for a version or for a timestamp, not for both.");
  }
  if (at.version !== undefined) {
    const snapshot = await snapshotOf(table, at.version);
    if (snapshot === undefined) throw refuse("bad_parameter", `The table has no version ${at.version}.`);
    return snapshot;
  }
  const newest = await table.snapshot();
  const moment = at.timestampMs;
  if (moment === undefined || newest.timestampMs <= moment) return newest;

  const younger = await firstVersion(table, newest, (timestampMs) => timestampMs > moment);
  const snapshot = younger === 0 ? undefined : await snapshotOf(table, younger - 1);
  if (snapshot === undefined) {
    throw refuse("bad_parameter", `The table has no version as old as ${new Date(moment).toISOString()}.`);
  }
  return snapshot;
}

/** The first version made at or after a moment (PROTOCOL.md, "startingTimestamp"). `bad_parameter` when all are older. */
export async function firstVersionSince(table: History, moment: number): Promise<number> {
  const newest = await table.snapshot();
  if (newest.timestampMs < moment) {
    throw refuse("bad_parameter", `The table has no version since ${new Date(moment).toISOString()}.`);
  }
  return firstVersion(table, newest, (timestampMs) => timestampMs >= moment);
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
  newest: Snapshot,
  fits: (timestampMs: number) => boolean,
): Promise<number> {
  let low = 0;
  let high = newest.version;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const snapshot = await snapshotOf(table, middle);
    if (snapshot !== undefined && fits(snapshot.timestampMs)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function snapshotOf(table: History, version: number): Promise<Snapshot | undefined> {
  try {
    return await table.snapshot(version);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found") return undefined;
    throw error;
  }
}
