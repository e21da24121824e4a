import { type AvroRecordValue, type AvroValue, openAvro } from "../avro/read.ts";
import { type ManifestListEntry, big, field, integer, isKey, text } from "./manifest-list.ts";
import { manifestDamaged, unsupported } from "./unsupported.ts";

/** A live entry of a manifest (Iceberg spec, "Manifests"), as far as reading needs it. */
export interface FileEntry {
  readonly content: "data" | "position-deletes" | "equality-deletes";
  /** As the manifest spells it: position deletes name it so. */
  readonly location: string;
  /** Upper case. */
  readonly format: string;
  readonly specId: number;
  /** The tuple as it is written, by the ids of the partition spec's fields. */
  readonly partition: AvroRecordValue;
  readonly rows: number;
  readonly sizeBytes: number;
  /** The data sequence number. */
  readonly sequenceNumber: bigint;
  readonly nullCounts: ReadonlyMap<number, bigint>;
  readonly nanCounts: ReadonlyMap<number, bigint>;
  readonly lowerBounds: ReadonlyMap<number, Uint8Array>;
  readonly upperBounds: ReadonlyMap<number, Uint8Array>;
  readonly equalityIds: readonly number[];
  readonly referencedDataFile: string | undefined;
  /** Of a deletion vector in a Puffin file. */
  readonly contentOffset: number | undefined;
  readonly contentSizeBytes: number | undefined;
}

const deleted = 2;
const ids = {
  status: 0,
  sequence: 3,
  file: 2,
  content: 134,
  path: 100,
  format: 101,
  partition: 102,
  rows: 103,
  size: 104,
  nulls: 110,
  nullKey: 121,
  nullValue: 122,
  nans: 137,
  nanKey: 138,
  nanValue: 139,
  lower: 125,
  lowerKey: 126,
  lowerValue: 127,
  upper: 128,
  upperKey: 129,
  upperValue: 130,
  keys: 131,
  equality: 135,
  referenced: 143,
  contentOffset: 144,
  contentSize: 145,
};
const wantedIds = new Set(Object.values(ids));
const firstPartitionFieldId = 1000;

/**
 * The live entries of a manifest. `keepsBounds`: the columns whose bounds and counts are of use. Fails with
 * `table.manifest_damaged`, and for encrypted files with `table.iceberg_feature_unsupported`.
 */
export function* readLiveEntries(
  name: string,
  body: Uint8Array,
  manifest: Pick<ManifestListEntry, "specId" | "content" | "sequenceNumber">,
  keepsBounds: (fieldId: number) => boolean,
): Generator<FileEntry> {
  const keep = (id: number): boolean => wantedIds.has(id) || id >= firstPartitionFieldId;
  const { metadata, records } = openAvro(name, body, keep);
  const specId = manifest.specId ?? Number(metadata.get("partition-spec-id") ?? 0);
  for (const entry of records) {
    const status = integer(field(entry, ids.status, "status"));
    if (status !== 0 && status !== 1 && status !== deleted)
      throw manifestDamaged(name, `an entry has the status ${status}`);
    if (status === deleted) continue;
    const file = record(name, field(entry, ids.file, "data_file"));
    if (isKey(field(file, ids.keys, "key_metadata")))
      throw unsupported(name, "encryption", "Have the table's owner provide a table that is not encrypted.");
    const sequence = big(field(entry, ids.sequence, "sequence_number"));
    // Only what the manifest's own snapshot added inherits (spec, "Sequence Number Inheritance"); 0 is of version 1.
    if (sequence === undefined && status === 0 && manifest.sequenceNumber !== 0n)
      throw manifestDamaged(name, "an existing entry has no sequence number");
    const bounds = <T extends Uint8Array | bigint>(
      value: AvroValue | undefined,
      keyId: number,
      valueId: number,
    ): ReadonlyMap<number, T> => {
      const found = new Map<number, T>();
      if (!Array.isArray(value)) return found;
      for (const item of value as readonly AvroValue[]) {
        const pair = record(name, item);
        const id = integer(field(pair, keyId, "key"));
        const one = field(pair, valueId, "value");
        if (id !== undefined && keepsBounds(id) && (typeof one === "bigint" || one instanceof Uint8Array))
          found.set(id, one as T);
      }
      return found;
    };
    yield {
      content: contentOf(name, integer(field(file, ids.content, "content")) ?? 0, manifest.content),
      location: text(name, field(file, ids.path, "file_path")),
      format: text(name, field(file, ids.format, "file_format")).toUpperCase(),
      specId,
      partition: record(name, field(file, ids.partition, "partition") ?? new Map()),
      rows: count(name, field(file, ids.rows, "record_count")),
      sizeBytes: count(name, field(file, ids.size, "file_size_in_bytes")),
      sequenceNumber: sequence ?? manifest.sequenceNumber,
      nullCounts: bounds(field(file, ids.nulls, "null_value_counts"), ids.nullKey, ids.nullValue),
      nanCounts: bounds(field(file, ids.nans, "nan_value_counts"), ids.nanKey, ids.nanValue),
      lowerBounds: bounds(field(file, ids.lower, "lower_bounds"), ids.lowerKey, ids.lowerValue),
      upperBounds: bounds(field(file, ids.upper, "upper_bounds"), ids.upperKey, ids.upperValue),
      equalityIds: integers(field(file, ids.equality, "equality_ids")),
      referencedDataFile: optionalText(field(file, ids.referenced, "referenced_data_file")),
      contentOffset: integer(field(file, ids.contentOffset, "content_offset")),
      contentSizeBytes: integer(field(file, ids.contentSize, "content_size_in_bytes")),
    };
  }
}

function contentOf(name: string, content: number, manifest: "data" | "deletes"): FileEntry["content"] {
  const found = (["data", "position-deletes", "equality-deletes"] as const)[content];
  if (found === undefined || (found === "data") !== (manifest === "data"))
    throw manifestDamaged(name, `a manifest of ${manifest} has an entry with content ${content}`);
  return found;
}

function record(name: string, value: AvroValue | undefined): AvroRecordValue {
  if (value instanceof Map) return value as AvroRecordValue;
  throw manifestDamaged(name, "an entry has no data_file record");
}

function count(name: string, value: AvroValue | undefined): number {
  const found = integer(value);
  if (found === undefined || !Number.isSafeInteger(found) || found < 0)
    throw manifestDamaged(name, `an entry counts ${String(found)} rows or bytes`);
  return found;
}

function integers(value: AvroValue | undefined): number[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly AvroValue[]).flatMap((item) => integer(item) ?? []);
}

function optionalText(value: AvroValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
