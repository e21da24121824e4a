import { type Session, literal } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import type { DeletedRows } from "../commit/change.ts";
import { RowSet, readDeletionVector, writeDeletionVector } from "../deletion/index.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { scan } from "../scan/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import type { Matching, TouchedFile } from "./touched.ts";

/** So many files are looked at together. */
const filesAtOnce = 256;

/** Deletes rows by vectors: those of a file that was deleted from before are in its new vector too. A file of which all rows go leaves. */
export async function deleteByVectors(
  { store, folder }: TableAccess,
  session: Session,
  snapshot: Snapshot,
  touched: readonly TouchedFile[],
  matching: Matching,
): Promise<{ removes: DataFile[]; deletes: DeletedRows[]; keys: string[] }> {
  const removes = touched.filter(({ whole }) => whole).map(({ file }) => file);
  const some = touched.filter(({ whole }) => !whole).map(({ file }) => file);
  const deletes: DeletedRows[] = [];
  const keys: string[] = [];
  for (let i = 0; i < some.length; i += filesAtOnce) {
    const files = some.slice(i, i + filesAtOnce);
    const sets = await positionsOf(session, snapshot, files, matching);
    for (const [index, file] of files.entries()) {
      const rows = sets[index]!;
      if (file.deletionVector !== undefined) {
        const before = await readDeletionVector(store, folder, file.deletionVector);
        rows.addAll(before);
        before.dispose();
      }
      const location = icebergLocation(store, keyIn(folder, file.path));
      const vector = await writeDeletionVector(store, folder, location, rows);
      rows.dispose();
      keys.push(...vector.keys);
      deletes.push({ file, vector });
    }
  }
  return { removes, deletes, keys };
}

async function positionsOf(
  session: Session,
  snapshot: Snapshot,
  files: readonly DataFile[],
  matching: Matching,
): Promise<RowSet[]> {
  const relation = await scan(session, snapshot, { files, positions: true });
  const numbers = files.map(({ path }, i) => `(${literal(path)}, ${i}::INTEGER)`).join(", ");
  const { file, row } = await session.arrays(
    `SELECT n.i AS "file", CAST(m."__row" AS DOUBLE) AS "row"
     FROM ${matching(relation)} AS m JOIN (VALUES ${numbers}) AS n(path, i) ON n.path = m."__file"`,
  );
  const sets = files.map(() => new RowSet());
  for (let i = 0; i < file!.length; i++) sets[Number(file![i])]!.add(Number(row![i]));
  return sets;
}
