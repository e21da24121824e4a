import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringifyLossless } from "../../../base/index.ts";
import { type Session, literal } from "../../../engine/index.ts";
import { writeAvro } from "../avro/file.ts";
import { type AvroRecord, type AvroSchema, intMap, optional, required } from "../avro/schema.ts";

/** An Iceberg table by hand, for what no writer at hand makes. */
export interface CraftedTable {
  readonly formatVersion?: number;
  /** As the metadata says it; the files lie in the folder. */
  readonly location: string;
  readonly schemas: readonly { readonly "schema-id": number; readonly fields: readonly unknown[] }[];
  readonly currentSchemaId?: number;
  readonly specs?: readonly { readonly "spec-id": number; readonly fields: readonly object[] }[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly snapshots: readonly CraftedSnapshot[];
  readonly currentSnapshotId?: bigint;
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface CraftedSnapshot {
  readonly id: bigint;
  readonly timestampMs?: number;
  readonly manifests: readonly CraftedManifest[];
  /** The manifests stand in the snapshot itself (version 1). */
  readonly inline?: boolean;
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface CraftedManifest {
  readonly content?: "data" | "deletes";
  readonly sequence?: bigint;
  readonly specId?: number;
  /** The partition tuple's fields: id, name, Avro type. */
  readonly partition?: readonly (readonly [number, string, AvroSchema])[];
  readonly entries: readonly CraftedEntry[];
  readonly keyMetadata?: Uint8Array;
}

export interface CraftedEntry {
  readonly status?: number;
  readonly path: string;
  /** Instead of `<location>/<path>`. */
  readonly address?: string;
  readonly content?: number;
  readonly format?: string;
  readonly sequence?: bigint | null;
  readonly rows?: bigint;
  readonly partition?: Readonly<Record<string, unknown>>;
  readonly equalityIds?: readonly number[];
  readonly referencedDataFile?: string;
  readonly offset?: number;
  readonly lengthBytes?: number;
  readonly lower?: Readonly<Record<number, Uint8Array>>;
  readonly upper?: Readonly<Record<number, Uint8Array>>;
  readonly keyMetadata?: Uint8Array;
}

/** Writes Parquet. `fieldIds`: DuckDB's FIELD_IDS, such as `{a: 1}`; none: the file states no ids. */
export async function craftParquet(
  session: Session,
  folder: string,
  path: string,
  query: string,
  fieldIds?: string,
): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  const ids = fieldIds === undefined ? "" : `, FIELD_IDS ${fieldIds}`;
  await session.run(`COPY (${query}) TO ${literal(join(folder, path))} (FORMAT parquet${ids})`);
}

/** Writes the metadata and the manifests; the metadata file's path in the folder. */
export async function craftTable(folder: string, table: CraftedTable): Promise<string> {
  const { formatVersion = 2, location } = table;
  await mkdir(join(folder, "metadata"), { recursive: true });
  const snapshots = await Promise.all(
    table.snapshots.map(async (snapshot, n) => {
      const files = await Promise.all(
        snapshot.manifests.map(async (manifest, m) => {
          const path = `metadata/m${n}-${m}.avro`;
          const body = manifestBytes(table, manifest);
          await writeFile(join(folder, path), body);
          return {
            ...describe(table, manifest, `${location}/${path}`),
            manifest_length: BigInt(body.length),
          };
        }),
      );
      const list = `metadata/snap-${n}.avro`;
      await writeFile(join(folder, list), writeAvro(listSchema(formatVersion), {}, files));
      return {
        "snapshot-id": snapshot.id,
        "timestamp-ms": snapshot.timestampMs ?? 1_000 * (n + 1),
        ...(formatVersion > 1 ? { "sequence-number": n + 1 } : {}),
        summary: { operation: "append" },
        ...(snapshot.inline === true
          ? { manifests: files.map((file) => file.manifest_path) }
          : { "manifest-list": `${location}/${list}` }),
        ...snapshot.more,
      };
    }),
  );
  const metadata = {
    "format-version": formatVersion,
    "table-uuid": "11111111-2222-3333-4444-555555555555",
    location,
    "last-sequence-number": snapshots.length,
    "last-updated-ms": 1_000 * (snapshots.length + 1),
    "last-column-id": 1000,
    schemas: table.schemas.map((schema) => ({ type: "struct", ...schema })),
    "current-schema-id": table.currentSchemaId ?? table.schemas[0]!["schema-id"],
    "partition-specs": table.specs ?? [{ "spec-id": 0, fields: [] }],
    "default-spec-id": 0,
    properties: table.properties ?? {},
    "current-snapshot-id": table.currentSnapshotId ?? table.snapshots.at(-1)?.id ?? -1,
    snapshots,
    ...table.more,
  };
  const path = "metadata/00001-11111111-2222-3333-4444-555555555555.metadata.json";
  await writeFile(join(folder, path), stringifyLossless(metadata));
  return path;
}

function manifestBytes(table: CraftedTable, manifest: CraftedManifest): Uint8Array {
  const { formatVersion = 2, location } = table;
  const partition: AvroRecord = {
    type: "record",
    name: "r102",
    fields: (manifest.partition ?? []).map(([id, name, type]) => optional(id, name, type)),
  };
  const v2 = formatVersion > 1;
  const file: AvroRecord = {
    type: "record",
    name: "r2",
    fields: [
      ...(v2 ? [required(134, "content", "int")] : []),
      required(100, "file_path", "string"),
      required(101, "file_format", "string"),
      required(102, "partition", partition),
      required(103, "record_count", "long"),
      required(104, "file_size_in_bytes", "long"),
      // A column that no version of the specification has: readers skip it.
      required(9999, "block_size", "long"),
      optional(125, "lower_bounds", intMap(126, 127, "bytes")),
      optional(128, "upper_bounds", intMap(129, 130, "bytes")),
      optional(131, "key_metadata", "bytes"),
      ...(v2 ? [optional(135, "equality_ids", { type: "array", items: "int", "element-id": 136 })] : []),
      ...(v2 ? [optional(143, "referenced_data_file", "string")] : []),
      ...(v2
        ? [optional(144, "content_offset", "long"), optional(145, "content_size_in_bytes", "long")]
        : []),
    ],
  };
  const entry: AvroRecord = {
    type: "record",
    name: "manifest_entry",
    fields: [
      required(0, "status", "int"),
      optional(1, "snapshot_id", "long"),
      ...(v2 ? [optional(3, "sequence_number", "long"), optional(4, "file_sequence_number", "long")] : []),
      required(2, "data_file", file),
    ],
  };
  const bounds = (values: Readonly<Record<number, Uint8Array>> = {}) =>
    Object.entries(values).map(([key, value]) => ({ key: Number(key), value }));
  const records = manifest.entries.map((one) => ({
    status: one.status ?? 1,
    snapshot_id: 1n,
    sequence_number: one.sequence ?? null,
    file_sequence_number: one.sequence ?? null,
    data_file: {
      content: one.content ?? 0,
      file_path: one.address ?? `${location}/${one.path}`,
      file_format: one.format ?? "PARQUET",
      partition: one.partition ?? {},
      record_count: one.rows ?? 1n,
      file_size_in_bytes: 1000n,
      block_size: 64n,
      lower_bounds: bounds(one.lower),
      upper_bounds: bounds(one.upper),
      key_metadata: one.keyMetadata ?? null,
      equality_ids: one.equalityIds ?? null,
      referenced_data_file: one.referencedDataFile ?? null,
      content_offset: one.offset ?? null,
      content_size_in_bytes: one.lengthBytes ?? null,
    },
  }));
  return writeAvro(entry, { "partition-spec-id": String(manifest.specId ?? 0) }, records);
}

function listSchema(formatVersion: number): AvroRecord {
  const v2 = [
    required(517, "content", "int"),
    required(515, "sequence_number", "long"),
    required(516, "min_sequence_number", "long"),
  ];
  return {
    type: "record",
    name: "manifest_file",
    fields: [
      required(500, "manifest_path", "string"),
      required(501, "manifest_length", "long"),
      required(502, "partition_spec_id", "int"),
      ...(formatVersion > 1 ? v2 : []),
      required(503, "added_snapshot_id", "long"),
      optional(519, "key_metadata", "bytes"),
    ],
  };
}

function describe(_table: CraftedTable, manifest: CraftedManifest, location: string) {
  return {
    manifest_path: location,
    partition_spec_id: manifest.specId ?? 0,
    content: manifest.content === "deletes" ? 1 : 0,
    sequence_number: manifest.sequence ?? 1n,
    min_sequence_number: 0n,
    added_snapshot_id: 1n,
    key_metadata: manifest.keyMetadata ?? null,
  };
}
