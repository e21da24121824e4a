import { readAvro, writeAvro } from "./avro/file.ts";
import { type AvroRecord, optional, required } from "./avro/schema.ts";
import { type ManifestEntry, entryAdded, entryDeleted, entryExisting } from "./manifest.ts";
import type { FieldSummary } from "./partition.ts";

/** Iceberg spec v2, "Manifest Lists". */
export interface ManifestFile {
  readonly manifest_path: string;
  readonly manifest_length: bigint;
  readonly partition_spec_id: number;
  readonly content: number;
  readonly sequence_number: bigint;
  readonly min_sequence_number: bigint;
  readonly added_snapshot_id: bigint;
  readonly added_files_count: number;
  readonly existing_files_count: number;
  readonly deleted_files_count: number;
  readonly added_rows_count: bigint;
  readonly existing_rows_count: bigint;
  readonly deleted_rows_count: bigint;
  readonly partitions?: readonly FieldSummary[] | null;
  readonly key_metadata?: Uint8Array | null;
}

const manifestFile: AvroRecord = {
  type: "record",
  name: "manifest_file",
  fields: [
    required(500, "manifest_path", "string"),
    required(501, "manifest_length", "long"),
    required(502, "partition_spec_id", "int"),
    required(517, "content", "int"),
    required(515, "sequence_number", "long"),
    required(516, "min_sequence_number", "long"),
    required(503, "added_snapshot_id", "long"),
    required(504, "added_files_count", "int"),
    required(505, "existing_files_count", "int"),
    required(506, "deleted_files_count", "int"),
    required(512, "added_rows_count", "long"),
    required(513, "existing_rows_count", "long"),
    required(514, "deleted_rows_count", "long"),
    optional(507, "partitions", {
      type: "array",
      "element-id": 508,
      items: {
        type: "record",
        name: "r508",
        fields: [
          required(509, "contains_null", "boolean"),
          optional(518, "contains_nan", "boolean"),
          optional(510, "lower_bound", "bytes"),
          optional(511, "upper_bound", "bytes"),
        ],
      },
    }),
    optional(519, "key_metadata", "bytes"),
  ],
};

export function writeManifestList(
  snapshot: { readonly id: bigint; readonly parentId: bigint | undefined; readonly sequenceNumber: bigint },
  manifests: readonly ManifestFile[],
): Uint8Array {
  return writeAvro(
    manifestFile,
    {
      "snapshot-id": String(snapshot.id),
      "parent-snapshot-id": String(snapshot.parentId ?? "null"),
      "sequence-number": String(snapshot.sequenceNumber),
      "format-version": "2",
    },
    manifests,
  );
}

export async function readManifestList(name: string, bytes: Uint8Array): Promise<ManifestFile[]> {
  return (await readAvro(name, bytes)) as ManifestFile[];
}

/** How a manifest list describes a manifest that the snapshot writes. */
export function describeManifest(
  file: {
    readonly location: string;
    readonly lengthBytes: number;
    readonly specId: number;
    readonly content: number;
    readonly partitions: readonly FieldSummary[];
  },
  snapshot: { readonly id: bigint; readonly sequenceNumber: bigint },
  entries: readonly ManifestEntry[],
): ManifestFile {
  const count = (status: number) => entries.filter((entry) => entry.status === status).length;
  const rows = (status: number) =>
    entries.reduce((sum, entry) => sum + (entry.status === status ? entry.data_file.record_count : 0n), 0n);
  const oldest = entries
    .filter((entry) => entry.status !== entryDeleted)
    .map((entry) => entry.sequence_number ?? snapshot.sequenceNumber)
    .reduce((least, one) => (one < least ? one : least), snapshot.sequenceNumber);
  return {
    manifest_path: file.location,
    manifest_length: BigInt(file.lengthBytes),
    partition_spec_id: file.specId,
    content: file.content,
    sequence_number: snapshot.sequenceNumber,
    min_sequence_number: oldest,
    added_snapshot_id: snapshot.id,
    added_files_count: count(entryAdded),
    existing_files_count: count(entryExisting),
    deleted_files_count: count(entryDeleted),
    added_rows_count: rows(entryAdded),
    existing_rows_count: rows(entryExisting),
    deleted_rows_count: rows(entryDeleted),
    partitions: file.partitions,
  };
}
