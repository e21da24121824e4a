import { type Session, ident } from "../../engine/index.ts";
import { typeToEngine } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { keptVersionsOf } from "../maintain/kept.ts";
import { kindOf } from "../maintain/inventory.ts";
import { listLog } from "../maintain/log-listing.ts";
import { reachOf } from "../maintain/reach.ts";
import { filesOutside, isOutside } from "../elsewhere.ts";
import { keyIn } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { scan } from "../scan/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import type { PurgeOutcome } from "./purge.ts";
import { type PurgedRows, matchingRows } from "./rewrite.ts";
import { holdsValue } from "./values.ts";

/**
 * Whether nothing is left to do: no row matches, no checkpoint came that may tell of what was before, and objects that still hold a value are of the newest version: data
 * files that were written anew, and what that version, `fence`, says of itself.
 */
export async function isGone(
  table: TableAccess,
  session: Session,
  rows: PurgedRows,
  found: ReadonlySet<string>,
  rewritten: ReadonlySet<string>,
  fence: number,
): Promise<boolean> {
  const { store, folder } = table;
  const state = await table.state();
  const snapshot = await snapshotOf(store, folder, state);
  if ((await matchingRows(session, snapshot, rows)).size > 0) return false;
  const { checkpoints } = await listLog(store, folder);
  if (checkpoints.some((version) => version !== fence)) return false;
  if (found.size === 0) return true;
  if (state.version !== fence) return false;
  const kept = { ...(await keptVersionsOf(store, folder, 0)), oldest: fence };
  const { current, older } = await reachOf(kept, { nowMs: 0, graceMs: 0 });
  const data = new Set(ownFiles(snapshot).map(({ path }) => keyIn(folder, path)));
  const prefix = keyIn(folder, "");
  return [...found].every((key) => {
    if (data.has(key)) return rewritten.has(key);
    const kind = key.startsWith(prefix) ? kindOf(key.slice(prefix.length)) : undefined;
    const isLog = kind === "delta-log" || kind === "checkpoint";
    return isLog || current.has(key) || older.has(key);
  });
}

/** Where values stand in the newest version, of whose objects those in `found` hold one. */
export async function remainingIn(
  table: TableAccess,
  session: Session,
  { tables }: PurgedRows,
  found: ReadonlySet<string>,
): Promise<PurgeOutcome["remaining"]> {
  const snapshot = await snapshotOf(table.store, table.folder, await table.state());
  const outside = filesOutside(snapshot.files);
  if (found.size === 0) return { columns: [], metadata: false, filesOutside: outside };
  const relation = await scan(session, snapshot, { files: ownFiles(snapshot) });
  const columns: { column: string; rows: number }[] = [];
  for (const { name, type } of snapshot.schema.fields) {
    const test = holdsValue(ident(name), typeToEngine(type), tables);
    if (test === undefined) continue;
    const [row] = await session.rows<{ rows: number }>(
      `SELECT count(*) AS rows FROM ${relation} WHERE ${test}`,
    );
    if (row !== undefined && row.rows > 0) columns.push({ column: name, rows: row.rows });
  }
  return { columns, metadata: columns.length === 0, filesOutside: outside };
}

function ownFiles({ files }: Snapshot): DataFile[] {
  return [...files].filter((file) => !isOutside(file));
}
