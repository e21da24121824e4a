import type { Session } from "../engine/index.ts";
import { type Snapshot, scan } from "../table/index.ts";

/** Rows of a table's version: from the log, or counted where a foreign writer left no statistics. */
export async function rowCount(session: Session, snapshot: Snapshot): Promise<number> {
  const counts = snapshot.files.map((file) => file.rows);
  if (counts.every((rows) => rows !== undefined)) return counts.reduce<number>((sum, rows) => sum + rows, 0);
  const [row] = await session.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${scan(snapshot)}`);
  return row?.rows ?? 0;
}
