import type { Session } from "../engine/index.ts";
import { type Snapshot, scan } from "../table/index.ts";

/** Rows of a table's version: from the log, or counted where a foreign writer left no statistics. */
export async function rowCount(session: Session, snapshot: Snapshot): Promise<number> {
  if (snapshot.files.rows !== undefined) return snapshot.files.rows;
  const [row] = await session.rows<{ rows: number }>(
    `SELECT count(*) AS rows FROM ${await scan(session, snapshot)}`,
  );
  return row?.rows ?? 0;
}
