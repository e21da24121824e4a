import type { Store } from "../../storage/index.ts";
import type { DeletionVector } from "../snapshot.ts";
import { readDeletionVector } from "./read.ts";
import type { RowSet } from "./row-set.ts";
import { toZ85 } from "./z85.ts";

/** A vector that holds its rows itself (Delta protocol, "Deletion Vector Descriptor Schema", storage type `i`), and so needs no object. */
export function inlineVector(rows: RowSet): DeletionVector {
  const data = rows.serialize();
  const padded = new Uint8Array(Math.ceil(data.length / 4) * 4);
  padded.set(data);
  return {
    storageType: "i",
    pathOrInlineDv: toZ85(padded),
    sizeInBytes: data.length,
    cardinality: rows.cardinality,
  };
}

/** The same deletion vector, for who cannot read the table's folder. Fails as {@link readDeletionVector} does. */
export async function inlineDeletionVector(
  store: Store,
  folder: string,
  vector: DeletionVector,
): Promise<DeletionVector> {
  if (vector.storageType === "i") return vector;
  const rows = await readDeletionVector(store, folder, vector);
  try {
    return inlineVector(rows);
  } finally {
    rows.dispose();
  }
}
