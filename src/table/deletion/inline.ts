import type { Store } from "../../storage/index.ts";
import type { DeletionVector } from "../snapshot.ts";
import { readDeletionVector } from "./read.ts";
import { toZ85 } from "./z85.ts";

/**
 * The same deletion vector, standing in its own description (Delta protocol, "Deletion Vector Descriptor Schema", storage
 * type `i`), for who cannot read the table's folder. Fails as {@link readDeletionVector} does.
 */
export async function inlineDeletionVector(
  store: Store,
  folder: string,
  vector: DeletionVector,
): Promise<DeletionVector> {
  if (vector.storageType === "i") return vector;
  const rows = await readDeletionVector(store, folder, vector);
  try {
    const data = rows.serialize();
    const padded = new Uint8Array(Math.ceil(data.length / 4) * 4);
    padded.set(data);
    return {
      storageType: "i",
      pathOrInlineDv: toZ85(padded),
      sizeInBytes: data.length,
      cardinality: vector.cardinality,
    };
  } finally {
    rows.dispose();
  }
}
