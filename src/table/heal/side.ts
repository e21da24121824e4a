import type { Store } from "../../storage/index.ts";
import type { IcebergSide } from "../access.ts";
import { icebergLost, manifestsOf } from "../iceberg/live.ts";
import { parseMetadata } from "../iceberg/metadata.ts";
import type { IcebergPointer } from "../snapshot.ts";

/** Reads the Iceberg side that a pointer names: its metadata and manifest list. Fails with `table.iceberg_lost` or `table.metadata_damaged`. */
export async function readSide(store: Store, folder: string, pointer: IcebergPointer): Promise<IcebergSide> {
  const { metadataKey } = pointer;
  const found = await store.get(metadataKey);
  if (found.kind === "absent") throw icebergLost(metadataKey);
  const metadata = parseMetadata(metadataKey, found.body);
  return { ...pointer, metadata, manifests: await manifestsOf(store, folder, metadata) };
}
