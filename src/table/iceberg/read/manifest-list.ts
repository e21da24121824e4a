import { type AvroRecordValue, type AvroValue, openAvro } from "../avro/read.ts";
import { manifestDamaged, unsupported } from "./unsupported.ts";

/** Iceberg spec, "Manifest Lists", as far as reading needs it. */
export interface ManifestListEntry {
  readonly location: string;
  /** `undefined`: only the manifest itself says it. */
  readonly specId: number | undefined;
  readonly content: "data" | "deletes";
  /** 0 for manifests of version 1. */
  readonly sequenceNumber: bigint;
  /** `false`: the manifest is known to have no live entry. */
  readonly mayBeLive: boolean;
}

const mostManifests = 1_000_000;
const ids = { path: 500, spec: 502, added: 504, existing: 505, sequence: 515, content: 517, keys: 519 };
const wanted = new Set(Object.values(ids));

/** Fails with `table.manifest_damaged`, and for encrypted manifests with `table.iceberg_feature_unsupported`. */
export function readManifestListEntries(name: string, body: Uint8Array): ManifestListEntry[] {
  const entries: ManifestListEntry[] = [];
  for (const record of openAvro(name, body, (id) => wanted.has(id)).records) {
    if (entries.length >= mostManifests)
      throw manifestDamaged(name, `it lists more than ${mostManifests} manifests`);
    if (isKey(field(record, ids.keys, "key_metadata")))
      throw unsupported(name, "encryption", "Have the table's owner provide a table that is not encrypted.");
    const content = integer(field(record, ids.content, "content")) ?? 0;
    if (content !== 0 && content !== 1)
      throw manifestDamaged(name, `it lists a manifest with content ${content}`);
    const [added, existing] = [
      integer(field(record, ids.added, "added_files_count")),
      integer(field(record, ids.existing, "existing_files_count")),
    ];
    entries.push({
      location: text(name, field(record, ids.path, "manifest_path")),
      specId: integer(field(record, ids.spec, "partition_spec_id")) ?? 0,
      content: content === 0 ? "data" : "deletes",
      sequenceNumber: big(field(record, ids.sequence, "sequence_number")) ?? 0n,
      mayBeLive: added !== 0 || existing !== 0,
    });
  }
  return entries;
}

/** A field by its id; by its name where the writer left the ids out. */
export function field(record: AvroRecordValue, id: number, name: string): AvroValue | undefined {
  return record.get(id) ?? record.get(name);
}

export function big(value: AvroValue | undefined): bigint | undefined {
  return typeof value === "bigint" ? value : undefined;
}

export function integer(value: AvroValue | undefined): number | undefined {
  return typeof value === "bigint" ? Number(value) : undefined;
}

export function text(name: string, value: AvroValue | undefined): string {
  if (typeof value !== "string" || value === "") throw manifestDamaged(name, "an entry has no path");
  return value;
}

export function isKey(value: AvroValue | undefined): boolean {
  return value instanceof Uint8Array && value.length > 0;
}
