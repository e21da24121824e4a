import { addresses, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { withLogEngine } from "../log-engine.ts";
import { escapedPattern } from "../path.ts";
import { putUntilKnown } from "../put-surely.ts";
import type { DeletionVector } from "../snapshot.ts";
import { frameBytes, toBlob } from "./blob.ts";
import { RowSet } from "./row-set.ts";

/** A vector of a file that is lost, and the key of the position deletes that say the same. */
export interface LostVector {
  readonly vector: DeletionVector;
  readonly deletesKey: string;
}

/**
 * Writes a lost `.bin` file anew, each vector where the log says that it is. Nothing is written where the vectors had
 * another form, which is not known.
 */
export async function putVectorsBack(store: Store, key: string, lost: readonly LostVector[]): Promise<void> {
  const ends = lost.map(({ vector }) => (vector.offset ?? 1) + vector.sizeInBytes + frameBytes);
  const body = new Uint8Array(Math.max(...ends));
  body[0] = 1;
  for (const { vector, deletesKey } of lost) {
    const rows = await readRows(store, deletesKey);
    try {
      const blob = toBlob(rows);
      if (rows.cardinality !== vector.cardinality || blob.length !== vector.sizeInBytes + frameBytes) return;
      body.set(blob, vector.offset ?? 1);
    } finally {
      rows.dispose();
    }
  }
  await putUntilKnown(store, key, body, { ifAbsent: true });
}

/** Of a position-delete file, which is about one data file. */
async function readRows(store: Store, key: string): Promise<RowSet> {
  return await withLogEngine(async (session) => {
    const found = await addresses(session, store, [key]);
    const { pos } = await session.arrays(
      `SELECT pos FROM read_parquet(${textList(found.map(escapedPattern))})`,
    );
    return RowSet.fromArray(pos as Iterable<number | bigint>);
  });
}
