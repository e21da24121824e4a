import type { IcebergChange } from "./change.ts";
import type { DataFileRecord } from "./manifest.ts";
import {
  type IcebergSchema,
  type IcebergSnapshot,
  type TableMetadata,
  currentSchema,
  currentSnapshot,
  schemaToIceberg,
} from "./metadata.ts";

/** Metadata holds so many snapshots and earlier metadata files; a version's own metadata file stays in `_iceberg/`. */
const remembered = 100;

/** Version 0's metadata: no snapshot yet. */
export function firstMetadata(location: string, tableId: string, change: IcebergChange): TableMetadata {
  return {
    "format-version": 2,
    "table-uuid": tableId,
    location,
    "last-sequence-number": 0n,
    "last-updated-ms": change.timestampMs,
    "last-column-id": change.schema.lastFieldId,
    "current-schema-id": 0,
    schemas: [schemaToIceberg(change.schema, 0)],
    "default-spec-id": 0,
    "partition-specs": [{ "spec-id": 0, fields: [] }],
    "last-partition-id": 999,
    "default-sort-order-id": 0,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    properties: icebergProperties(location, change),
    "current-snapshot-id": -1n,
    refs: {},
    snapshots: [],
    statistics: [],
    "partition-statistics": [],
    "snapshot-log": [],
    "metadata-log": [],
  };
}

/** The metadata that follows `base`, before its snapshot is added. */
export function nextMetadata(
  base: TableMetadata,
  baseLocation: string,
  change: IcebergChange,
): TableMetadata {
  const schema = currentSchema(base);
  const wanted = schemaToIceberg(change.schema, schema["schema-id"]);
  const same = fingerprint(wanted) === fingerprint(schema);
  const schemaId = same ? schema["schema-id"] : Math.max(...base.schemas.map((one) => one["schema-id"])) + 1;
  const earlier = { "metadata-file": baseLocation, "timestamp-ms": base["last-updated-ms"] };
  return {
    ...base,
    "last-updated-ms": Math.max(change.timestampMs, base["last-updated-ms"]),
    "last-column-id": Math.max(base["last-column-id"], change.schema.lastFieldId),
    "current-schema-id": schemaId,
    schemas: same ? base.schemas : [...base.schemas, { ...wanted, "schema-id": schemaId }],
    properties: { ...base.properties, ...icebergProperties(base.location, change) },
    "metadata-log": [...base["metadata-log"], earlier].slice(-remembered),
  };
}

export interface Totals {
  readonly added: readonly DataFileRecord[];
  readonly deleted: readonly DataFileRecord[];
}

/** The metadata with a new current snapshot. */
export function summarize(
  metadata: TableMetadata,
  timestampMs: number,
  snapshot: { readonly id: bigint; readonly parentId: bigint | undefined; readonly sequenceNumber: bigint },
  manifestList: string,
  totals: Totals,
): TableMetadata {
  const last = metadata["last-updated-ms"];
  const made: IcebergSnapshot = {
    "snapshot-id": snapshot.id,
    ...(snapshot.parentId === undefined ? {} : { "parent-snapshot-id": snapshot.parentId }),
    "sequence-number": snapshot.sequenceNumber,
    "timestamp-ms": Math.max(timestampMs, last),
    "manifest-list": manifestList,
    summary: summary(currentSnapshot(metadata)?.summary ?? {}, totals),
    "schema-id": metadata["current-schema-id"],
  };
  const snapshots = [...metadata.snapshots, made].slice(-remembered);
  const ids = new Set(snapshots.map((one) => one["snapshot-id"]));
  return {
    ...metadata,
    "last-sequence-number": snapshot.sequenceNumber,
    "last-updated-ms": made["timestamp-ms"],
    "current-snapshot-id": snapshot.id,
    refs: {
      ...(metadata["refs"] as object | undefined),
      main: { "snapshot-id": snapshot.id, type: "branch" },
    },
    snapshots,
    "snapshot-log": [
      ...metadata["snapshot-log"],
      { "snapshot-id": snapshot.id, "timestamp-ms": made["timestamp-ms"] },
    ].filter((entry) => ids.has(entry["snapshot-id"])),
  };
}

function summary(
  before: Readonly<Record<string, string>>,
  { added, deleted }: Totals,
): Record<string, string> {
  const rows = (files: readonly DataFileRecord[]) => files.reduce((sum, file) => sum + file.record_count, 0n);
  const bytes = (files: readonly DataFileRecord[]) =>
    files.reduce((sum, file) => sum + file.file_size_in_bytes, 0n);
  const total = (key: string, plus: bigint, minus: bigint) => ({
    [key]: String(BigInt(before[key] ?? "0") + plus - minus),
  });
  const counts = (verb: "added" | "deleted", files: readonly DataFileRecord[]) =>
    files.length === 0
      ? {}
      : {
          [`${verb}-data-files`]: String(files.length),
          [`${verb}-records`]: String(rows(files)),
          [verb === "added" ? "added-files-size" : "removed-files-size"]: String(bytes(files)),
        };
  return {
    operation: deleted.length === 0 ? "append" : added.length === 0 ? "delete" : "overwrite",
    ...counts("added", added),
    ...counts("deleted", deleted),
    "changed-partition-count": added.length + deleted.length === 0 ? "0" : "1",
    ...total("total-records", rows(added), rows(deleted)),
    ...total("total-files-size", bytes(added), bytes(deleted)),
    ...total("total-data-files", BigInt(added.length), BigInt(deleted.length)),
    "total-delete-files": "0",
    "total-position-deletes": "0",
    "total-equality-deletes": "0",
  };
}

function icebergProperties(location: string, change: IcebergChange): Record<string, string> {
  const own = Object.entries(change.properties).filter(([key]) => !key.startsWith("delta."));
  const mapping = change.schema.fields.map((field) => ({ "field-id": field.id, names: [field.name] }));
  const counted = change.schema.fields
    .filter((field) => change.identifying.has(field.name.toLowerCase()))
    .map((field) => [`write.metadata.metrics.column.${field.name}`, "counts"]);
  return {
    ...Object.fromEntries([...own, ...counted]),
    // FORMATS.md, rules 1, 5 and 8, and "Foreign Iceberg writers".
    "write.metadata.path": `${location}/_iceberg`,
    "schema.name-mapping.default": JSON.stringify(mapping),
    "gc.enabled": "false",
    "write.delete.mode": "copy-on-write",
    "write.update.mode": "copy-on-write",
    "write.merge.mode": "copy-on-write",
  };
}

/** Everything of a schema but its id. */
function fingerprint(schema: IcebergSchema): string {
  return JSON.stringify(
    schema.fields.map(({ id, name, required, type, doc }) => [id, name, required, type, doc]),
  );
}
