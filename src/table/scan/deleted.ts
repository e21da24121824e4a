import { createHash } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { type RowSet, readDeletionVector } from "../deletion/index.ts";
import { type RowGroup, parquetFile } from "../deletion/parquet.ts";
import type { DataFile } from "../snapshot.ts";

const columns = [
  { name: "file", type: "long" },
  { name: "row", type: "long" },
] as const;
const rowsPerGroup = 122_880;
const concurrentReads = 16;

/**
 * A Parquet file in the engine's scratch folder with the deleted rows: `file` is the place in `files`, `row` the one in
 * the file. The same files give the same one, so a table that is asked again and again has its vectors read once.
 * Fails with `table.deletion_vector_damaged`.
 */
export async function deletedRows(
  session: Session,
  store: Store,
  folder: string,
  files: readonly Pick<DataFile, "path" | "deletionVector">[],
): Promise<string> {
  const identity = createHash("sha256").update(`${store.url}\n${folder}`);
  for (const { path, deletionVector } of files)
    identity.update(`\n${JSON.stringify([path, deletionVector])}`);
  const target = join(session.scratchFolder, `deleted-${identity.digest("hex").slice(0, 40)}.parquet`);
  if (await stat(target).catch(() => undefined)) return target;
  const sets: RowSet[] = [];
  const temporary = `${target}.${newId()}`;
  try {
    for (let i = 0; i < files.length; i += concurrentReads) {
      const batch = files.slice(i, i + concurrentReads).map(async ({ deletionVector }, j) => {
        sets[i + j] = await readDeletionVector(store, folder, deletionVector!);
      });
      for (const read of await Promise.allSettled(batch)) if (read.status === "rejected") throw read.reason;
    }
    const file = await open(temporary, "wx", 0o600);
    try {
      for (const piece of parquetFile(columns, rowGroups(sets), "none")) await file.write(piece);
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    return target;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    for (const set of sets) set?.dispose();
  }
}

/** Filled up: a row group for each of many files with few deleted rows would be slow to read. */
function* rowGroups(sets: readonly RowSet[]): Generator<RowGroup> {
  const [file, row] = [new Float64Array(rowsPerGroup), new Float64Array(rowsPerGroup)];
  let filled = 0;
  for (const [index, set] of sets.entries())
    for (const batch of set.batches())
      for (let from = 0; from < batch.length;) {
        const taken = batch.subarray(from, from + rowsPerGroup - filled);
        file.fill(index, filled, filled + taken.length);
        row.set(taken, filled);
        filled += taken.length;
        from += taken.length;
        if (filled < rowsPerGroup) continue;
        yield [file, row];
        filled = 0;
      }
  if (filled > 0) yield [file.subarray(0, filled), row.subarray(0, filled)];
}
