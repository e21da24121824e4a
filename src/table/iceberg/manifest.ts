import { readAvro, writeAvro } from "./avro/file.ts";
import { type AvroRecord, intMap, optional, required } from "./avro/schema.ts";
import type { PartitionRecord, PartitionSpec } from "./partition.ts";

/* Iceberg spec v2, "Manifests". The records keep the specification's names, and so pass from file to file. */

export const entryAdded = 1;
export const entryExisting = 0;
export const entryDeleted = 2;

export interface ManifestEntry {
  readonly status: number;
  readonly snapshot_id: bigint | null;
  /** null: inherited from the manifest's own. */
  readonly sequence_number: bigint | null;
  readonly file_sequence_number: bigint | null;
  readonly data_file: DataFileRecord;
}

export interface DataFileRecord {
  readonly content: number;
  readonly file_path: string;
  readonly file_format: string;
  readonly partition: PartitionRecord;
  readonly record_count: bigint;
  readonly file_size_in_bytes: bigint;
  readonly column_sizes?: IntMap<bigint> | null;
  readonly value_counts?: IntMap<bigint> | null;
  readonly null_value_counts?: IntMap<bigint> | null;
  readonly nan_value_counts?: IntMap<bigint> | null;
  readonly lower_bounds?: IntMap<Uint8Array> | null;
  readonly upper_bounds?: IntMap<Uint8Array> | null;
  readonly key_metadata?: Uint8Array | null;
  readonly split_offsets?: readonly bigint[] | null;
  readonly equality_ids?: readonly number[] | null;
  readonly sort_order_id?: number | null;
  /** Of position deletes: the only data file that they are about. */
  readonly referenced_data_file?: string | null;
}

/** What the files of a manifest are: rows, or rows that are deleted (spec, "Manifests", `content`). */
export const contentData = 0;
export const contentDeletes = 1;

export type IntMap<V> = readonly { readonly key: number; readonly value: V }[];

const dataFile = (partition: AvroRecord, content: number): AvroRecord => ({
  type: "record",
  name: "r2",
  fields: [
    required(134, "content", "int"),
    required(100, "file_path", "string"),
    required(101, "file_format", "string"),
    required(102, "partition", partition),
    required(103, "record_count", "long"),
    required(104, "file_size_in_bytes", "long"),
    optional(108, "column_sizes", intMap(117, 118, "long")),
    optional(109, "value_counts", intMap(119, 120, "long")),
    optional(110, "null_value_counts", intMap(121, 122, "long")),
    optional(137, "nan_value_counts", intMap(138, 139, "long")),
    optional(125, "lower_bounds", intMap(126, 127, "bytes")),
    optional(128, "upper_bounds", intMap(129, 130, "bytes")),
    optional(131, "key_metadata", "bytes"),
    optional(132, "split_offsets", { type: "array", items: "long", "element-id": 133 }),
    optional(135, "equality_ids", { type: "array", items: "int", "element-id": 136 }),
    optional(140, "sort_order_id", "int"),
    ...(content === contentDeletes ? [optional(143, "referenced_data_file", "string")] : []),
  ],
});

const manifestEntry = (partition: AvroRecord, content: number): AvroRecord => ({
  type: "record",
  name: "manifest_entry",
  fields: [
    required(0, "status", "int"),
    optional(1, "snapshot_id", "long"),
    optional(3, "sequence_number", "long"),
    optional(4, "file_sequence_number", "long"),
    required(2, "data_file", dataFile(partition, content)),
  ],
});

/** `schema` is Iceberg's JSON of the table schema, with its `schema-id`; `partition` the type of the spec's records. */
export function writeManifest(
  schema: { readonly "schema-id": number },
  spec: PartitionSpec,
  partition: AvroRecord,
  content: number,
  entries: readonly ManifestEntry[],
): Uint8Array {
  return writeAvro(
    manifestEntry(partition, content),
    {
      schema: JSON.stringify(schema),
      "schema-id": String(schema["schema-id"]),
      "partition-spec": JSON.stringify(spec.fields),
      "partition-spec-id": String(spec["spec-id"]),
      "format-version": "2",
      content: content === contentDeletes ? "deletes" : "data",
    },
    entries,
  );
}

/** `inherited`: what the manifest list says of this manifest; entries without a sequence number take it (spec, "Sequence Number Inheritance"). */
export async function readManifest(
  name: string,
  bytes: Uint8Array,
  inherited: { readonly sequence_number: bigint; readonly added_snapshot_id: bigint },
): Promise<ManifestEntry[]> {
  const entries = (await readAvro(name, bytes)) as ManifestEntry[];
  return entries.map((entry) => ({
    ...entry,
    snapshot_id: entry.snapshot_id ?? inherited.added_snapshot_id,
    sequence_number: entry.sequence_number ?? inherited.sequence_number,
    file_sequence_number: entry.file_sequence_number ?? inherited.sequence_number,
  }));
}
