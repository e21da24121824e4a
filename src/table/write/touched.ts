import type { Session } from "../../engine/index.ts";
import { scan } from "../scan/index.ts";
import { type DataFile, type Snapshot, rowsLeft } from "../snapshot.ts";

/** From a relation of a table's rows, with `__file` and `__row`, the relation of those that an operation takes out. */
export type Matching = (relation: string) => string;

/** A file with rows that an operation takes out. */
export interface TouchedFile {
  readonly file: DataFile;
  /** Whether all of its rows go. */
  readonly whole: boolean;
}

/** The files among `candidates` in which some row goes. */
export async function touchedFiles(
  session: Session,
  snapshot: Snapshot,
  candidates: readonly DataFile[],
  matching: Matching,
): Promise<TouchedFile[]> {
  if (candidates.length === 0) return [];
  const relation = await scan(session, snapshot, { files: candidates, positions: true });
  const found = await session.rows<{ file: string; rows: number }>(
    `SELECT "__file" AS file, count(*) AS rows FROM ${matching(relation)} GROUP BY ALL ORDER BY ALL`,
  );
  const byPath = new Map(candidates.map((file) => [file.path, file]));
  return found.map(({ file: path, rows }) => {
    const file = byPath.get(path)!;
    return { file, whole: rows === rowsLeft(file) };
  });
}
