import { OneCopyError, newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { icebergLocation } from "../path.ts";
import type { AvroRecord } from "./avro/schema.ts";
import { describeManifest } from "./manifest-list.ts";
import { writeManifest } from "./manifest.ts";
import { type TableMetadata, currentSchema, typeOfField } from "./metadata.ts";
import type { ManifestWriter } from "./next-manifests.ts";
import { type PartitionSpec, partitionSummaries, partitionType } from "./partition.ts";

/** Writes the manifests of a snapshot. `put` stores a body under a name in `_iceberg/`, and gives the key. */
export function manifestWriter(
  store: Store,
  metadata: TableMetadata,
  snapshot: { readonly id: bigint; readonly sequenceNumber: bigint },
  put: (name: string, body: Uint8Array) => Promise<string>,
): ManifestWriter {
  return async (specId, content, entries) => {
    const { spec, partition } = specAndType(metadata, specId);
    const body = writeManifest(currentSchema(metadata), spec, partition, content, entries);
    const location = icebergLocation(store, await put(`${newId()}-m.avro`, body));
    const partitions = partitionSummaries(
      spec,
      (id) => typeOfField(metadata, id),
      entries.map(({ data_file: file }) => file.partition),
    );
    const file = { location, lengthBytes: body.length, specId, content, partitions };
    return describeManifest(file, snapshot, entries);
  };
}

function specAndType(
  metadata: TableMetadata,
  specId: number,
): { spec: PartitionSpec; partition: AvroRecord } {
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === specId);
  if (spec === undefined)
    throw new OneCopyError(
      "table.metadata_damaged",
      `${metadata.location}: partition spec ${specId} is missing.`,
    );
  return { spec, partition: partitionType(spec, (id) => typeOfField(metadata, id)) };
}
