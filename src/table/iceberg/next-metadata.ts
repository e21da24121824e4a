import { nameMapping } from "../../schema/index.ts";
import { OneCopyError, stringifyLossless } from "../../base/index.ts";
import { propertyDeletionVectors } from "../delta/protocol.ts";
import { sortColumns } from "../property.ts";
import type { IcebergChange } from "./change.ts";
import { type DataFileRecord, contentData } from "./manifest.ts";
import {
  type IcebergSchema,
  type IcebergSnapshot,
  type SortOrder,
  type TableMetadata,
  currentSchema,
  currentSnapshot,
  schemaToIceberg,
} from "./metadata.ts";
import { type PartitionSpec, firstPartitionFieldId, specOf } from "./partition.ts";
import { sortOrderOf } from "./sort-order.ts";
import { isIdentifying, statisticsLeaves } from "../statistics.ts";

/** Metadata holds so many snapshots, schemas and earlier metadata files; a version's own metadata file stays in `_iceberg/`. */
const remembered = 100;

/** What the metadata of a table says that never had a snapshot. */
export const withoutSnapshots = {
  "current-snapshot-id": -1n,
  refs: {},
  snapshots: [],
  statistics: [],
  "partition-statistics": [],
  "snapshot-log": [],
  "metadata-log": [],
} satisfies Partial<TableMetadata>;

/** Version 0's metadata: no snapshot yet. */
export function firstMetadata(location: string, tableId: string, change: IcebergChange): TableMetadata {
  const spec = specOf(change.schema, change.partitionColumns, []);
  const order = sortOrderOf(change.schema, sortColumns(change.properties), []);
  return {
    "format-version": 2,
    "table-uuid": tableId,
    location,
    "last-sequence-number": 0n,
    "last-updated-ms": change.timestampMs,
    "last-column-id": change.schema.lastFieldId,
    "current-schema-id": 0,
    schemas: [schemaToIceberg(change.schema, 0)],
    ...specFields(spec, []),
    ...orderFields(order, []),
    properties: icebergProperties(location, change),
    ...withoutSnapshots,
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
  const specs = base["partition-specs"];
  const orders = base["sort-orders"];
  const spec = specOf(change.schema, change.partitionColumns, specs);
  const sortBy = sortColumns(change.properties);
  const isThere = ({ fields }: PartitionSpec | SortOrder): boolean =>
    fields.every((one) => change.schema.fields.some(({ id }) => id === one["source-id"]));
  // Iceberg engines may have set what Delta has no word for: it stays as long as nobody sets it here.
  const foreignSpec = specs.find((one) => one["spec-id"] === base["default-spec-id"]);
  const keepsSpec = change.keepsPartitions === true && foreignSpec !== undefined && isThere(foreignSpec);
  const foreignOrder = orders.find((one) => one["order-id"] === base["default-sort-order-id"]);
  const isUnset = sortBy.length === 0 && sortColumns(base.properties).length === 0;
  const keepsOrder = isUnset && foreignOrder !== undefined && isThere(foreignOrder);
  const expired = change.expired ?? new Set();
  const named = namedByRefs(base);
  const snapshots = base.snapshots.filter(
    (one) =>
      !expired.has(one["snapshot-id"]) ||
      one["snapshot-id"] === base["current-snapshot-id"] ||
      named.has(one["snapshot-id"]),
  );
  const { schema: _, "partition-spec": __, ...kept } = base;
  return {
    ...(kept as TableMetadata),
    "format-version": writtenVersion(base),
    ...specFields(spec, specs),
    ...(keepsSpec ? { "default-spec-id": base["default-spec-id"] } : {}),
    ...(keepsOrder ? {} : orderFields(sortOrderOf(change.schema, sortBy, orders), orders)),
    snapshots,
    "snapshot-log": logOf(base["snapshot-log"], snapshots),
    "last-updated-ms": Math.max(change.timestampMs, base["last-updated-ms"]),
    "last-column-id": Math.max(base["last-column-id"], change.schema.lastFieldId),
    "current-schema-id": schemaId,
    schemas: same ? base.schemas : withSchema(base, { ...wanted, "schema-id": schemaId }),
    properties: icebergProperties(base.location, change),
    "metadata-log": [...base["metadata-log"], earlier].slice(-earlierFiles(base.properties)),
  };
}

/** How many earlier metadata files are listed: as many as the table's owner says (`write.metadata.previous-versions-max`), or all that are remembered. */
export function earlierFiles(properties: Readonly<Record<string, string>>): number {
  const text = properties["write.metadata.previous-versions-max"] ?? "";
  return /^[1-9]\d{0,2}$/.test(text) ? Math.min(Number(text), remembered) : remembered;
}

/** What version 1 has is right in version 2; version 3 wants row ids, which OneCopy does not give. */
function writtenVersion(base: TableMetadata): 2 {
  if (base["format-version"] < 3) return 2;
  throw new OneCopyError(
    "table.iceberg_feature_unsupported",
    `${base.location} is an Iceberg table of format version 3, to which OneCopy does not write.`,
    { remedy: "Write to it through the Iceberg catalog, or copy its rows to a table of version 2." },
  );
}

/** Of the schemas before, the newest stay, and those that a snapshot or a partition spec still needs. */
function withSchema(base: TableMetadata, next: IcebergSchema): IcebergSchema[] {
  const used = new Set(base.snapshots.map((one) => one["schema-id"]));
  const sources = new Set(
    base["partition-specs"].flatMap(({ fields }) => fields.map((field) => field["source-id"])),
  );
  const oldest = base.schemas.length - remembered;
  const kept = base.schemas.filter(
    (one, i) => i > oldest || used.has(one["schema-id"]) || one.fields.some(({ id }) => sources.has(id)),
  );
  return [...kept, next];
}

function specFields(spec: PartitionSpec, known: readonly PartitionSpec[]) {
  const specs = known.includes(spec) ? known : [...known, spec];
  return {
    "default-spec-id": spec["spec-id"],
    "partition-specs": [...specs] as TableMetadata["partition-specs"],
    "last-partition-id": Math.max(
      firstPartitionFieldId - 1,
      ...specs.flatMap(({ fields }) => fields).map((field) => field["field-id"]),
    ),
  };
}

function orderFields(order: SortOrder, known: readonly SortOrder[]) {
  const orders = known.includes(order) ? known : [...known, order];
  return { "default-sort-order-id": order["order-id"], "sort-orders": [...orders] };
}

export function logOf(
  log: TableMetadata["snapshot-log"],
  snapshots: readonly IcebergSnapshot[],
): TableMetadata["snapshot-log"] {
  const ids = new Set(snapshots.map((one) => one["snapshot-id"]));
  return log.filter((entry) => ids.has(entry["snapshot-id"]));
}

/** What a snapshot adds and deletes: data files and delete files. */
export interface Totals {
  readonly added: readonly DataFileRecord[];
  readonly deleted: readonly DataFileRecord[];
  readonly changesRows: boolean;
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
    summary: summaryOf(currentSnapshot(metadata)?.summary ?? {}, totals),
    "schema-id": metadata["current-schema-id"],
  };
  const named = namedByRefs(metadata);
  const all = [...metadata.snapshots, made];
  const oldest = all.length - remembered;
  const snapshots = all.filter((one, i) => i >= oldest || named.has(one["snapshot-id"]));
  return {
    ...metadata,
    "last-sequence-number": snapshot.sequenceNumber,
    "last-updated-ms": made["timestamp-ms"],
    "current-snapshot-id": snapshot.id,
    refs: {
      ...metadata.refs,
      main: { "snapshot-id": snapshot.id, type: "branch" },
    },
    snapshots,
    "snapshot-log": logOf(
      [...metadata["snapshot-log"], { "snapshot-id": snapshot.id, "timestamp-ms": made["timestamp-ms"] }],
      snapshots,
    ),
  };
}

/** The metadata as if there had never been another snapshot: no branch, tag or statistics file outlives that. */
export function withoutHistory(metadata: TableMetadata): TableMetadata {
  const current = metadata["current-snapshot-id"];
  const snapshots = metadata.snapshots
    .filter((one) => one["snapshot-id"] === current)
    .map(({ "parent-snapshot-id": _, ...one }) => one as IcebergSnapshot);
  return {
    ...metadata,
    refs: current == null ? {} : { main: { "snapshot-id": current, type: "branch" } },
    snapshots,
    statistics: [],
    "partition-statistics": [],
    "snapshot-log": logOf(metadata["snapshot-log"], snapshots),
    "metadata-log": [],
  };
}

/** Branches and tags: what they name is listed as long as they are there. */
function namedByRefs(metadata: TableMetadata): Set<bigint> {
  return new Set(Object.values(metadata.refs ?? {}).map((ref) => ref["snapshot-id"]));
}

/** Spec, "Optional Snapshot Summary Fields". `before`: the summary of the snapshot that it follows. */
export function summaryOf(
  before: Readonly<Record<string, string>>,
  totals: Totals,
): Record<string, string> & { readonly operation: string } {
  const rows = (files: readonly DataFileRecord[]) => files.reduce((sum, file) => sum + file.record_count, 0n);
  const bytes = (files: readonly DataFileRecord[]) =>
    files.reduce((sum, file) => sum + file.file_size_in_bytes, 0n);
  const [added, addedDeletes] = byContent(totals.added);
  const [deleted, deletedDeletes] = byContent(totals.deleted);
  const total = (key: string, plus: bigint, minus: bigint) => ({
    [key]: String(BigInt(before[key] ?? "0") + plus - minus),
  });
  const count = (key: string, value: bigint | number) => (value > 0 ? { [key]: String(value) } : {});
  const size = (files: readonly DataFileRecord[]) => BigInt(files.length);
  return {
    operation: operationOf(totals),
    ...count("added-data-files", added.length),
    ...count("added-records", rows(added)),
    ...count("deleted-data-files", deleted.length),
    ...count("deleted-records", rows(deleted)),
    ...count("added-delete-files", addedDeletes.length),
    ...count("added-position-deletes", rows(addedDeletes)),
    ...count("added-position-delete-files", addedDeletes.length),
    ...count("removed-delete-files", deletedDeletes.length),
    ...count("removed-position-deletes", rows(deletedDeletes)),
    ...count("removed-position-delete-files", deletedDeletes.length),
    ...count("added-files-size", bytes(totals.added)),
    ...count("removed-files-size", bytes(totals.deleted)),
    "changed-partition-count": String(
      new Set([...totals.added, ...totals.deleted].map(({ partition }) => stringifyLossless(partition))).size,
    ),
    ...total("total-records", rows(added), rows(deleted)),
    ...total("total-files-size", bytes(totals.added), bytes(totals.deleted)),
    ...total("total-data-files", size(added), size(deleted)),
    ...total("total-delete-files", size(addedDeletes), size(deletedDeletes)),
    ...total("total-position-deletes", rows(addedDeletes), rows(deletedDeletes)),
    "total-equality-deletes": "0",
  };
}

function byContent(
  files: readonly DataFileRecord[],
): [data: readonly DataFileRecord[], deletes: readonly DataFileRecord[]] {
  return [
    files.filter(({ content }) => content === contentData),
    files.filter(({ content }) => content !== contentData),
  ];
}

/** Spec, "Snapshots", `operation`. */
function operationOf({ added, deleted, changesRows }: Totals): string {
  if (!changesRows) return "replace";
  const rowsCame = added.some(({ content }) => content === contentData);
  const rowsWent = deleted.length > 0 || added.some(({ content }) => content !== contentData);
  if (!rowsWent) return "append";
  return rowsCame ? "overwrite" : "delete";
}

/** The properties of the table for Iceberg's readers and writers: the owner's, and what keeps the table right in both formats. */
export function icebergProperties(
  location: string,
  change: Pick<IcebergChange, "properties" | "schema" | "identifying">,
): Record<string, string> {
  const own = Object.entries(change.properties).filter(([key]) => !key.startsWith("delta."));
  const counted = statisticsLeaves(change.schema)
    .filter((leaf) => isIdentifying(leaf, change.identifying))
    .map(({ path }) => [`write.metadata.metrics.column.${path.map(({ name }) => name).join(".")}`, "counts"]);
  return {
    ...(change.properties[propertyDeletionVectors] === "true" ? mergeOnRead : {}),
    ...Object.fromEntries([...own, ...counted]),
    // FORMATS.md, rules 1, 5 and 8, and "Foreign Iceberg writers".
    "write.metadata.path": `${location}/_iceberg`,
    "schema.name-mapping.default": JSON.stringify(nameMapping(change.schema)),
    "gc.enabled": change.properties["gc.enabled"] ?? "false",
  };
}

/** With deletion vectors engines may mark rows. Else nothing is said: who can write files anew does, by Iceberg's default, and the others mark rows. */
const mergeOnRead = {
  "write.delete.mode": "merge-on-read",
  "write.update.mode": "merge-on-read",
  "write.merge.mode": "merge-on-read",
};

/** Everything of a schema but its id. */
function fingerprint(schema: IcebergSchema): string {
  return JSON.stringify(
    schema.fields.map(({ id, name, required, type, doc }) => [id, name, required, type, doc]),
  );
}
