import type { TableMetadata } from "../iceberg/metadata.ts";
import { logOf, withoutSnapshots } from "../iceberg/next-metadata.ts";
import { type Draft, addOrder, addSchema, addSpec, firstId } from "./definition.ts";
import { invalid, stale } from "./refuse.ts";
import type { TableUpdate } from "./update.ts";

const lastAdded = -1;

/**
 * The metadata after a client's updates (REST specification, `TableUpdate`); without `base` that of a new table. The
 * table's location and what its properties come to are not decided here. Fails with `table.iceberg_update_invalid`,
 * or with `table.iceberg_update_stale` when the client has to look at the table again.
 */
export function applyUpdates(
  base: TableMetadata | undefined,
  updates: readonly TableUpdate[],
  nowMs: number,
): TableMetadata {
  const draft: Draft = {
    metadata: base ?? emptyMetadata(),
    added: { snapshots: new Set() },
  };
  for (const update of updates) apply(draft, update, base, nowMs);
  return finished(draft, base, nowMs);
}

function apply(draft: Draft, update: TableUpdate, base: TableMetadata | undefined, nowMs: number): void {
  const { metadata, added } = draft;
  const change = (part: Partial<TableMetadata>): void => {
    draft.metadata = { ...metadata, ...part } as TableMetadata;
  };
  switch (update.action) {
    case "assign-uuid":
      if (base !== undefined && base["table-uuid"].toLowerCase() !== update.uuid.toLowerCase())
        throw invalid(`The table's UUID is ${base["table-uuid"]}, and cannot become another one.`);
      return change({ "table-uuid": base?.["table-uuid"] ?? update.uuid });
    case "upgrade-format-version":
      return change(upgraded(base, metadata, update["format-version"]));
    case "add-schema":
      return addSchema(draft, update.schema, update["last-column-id"]);
    case "set-current-schema":
      return change({ "current-schema-id": idOf(update["schema-id"], added.schema, "schema") });
    case "add-spec":
      return addSpec(draft, update.spec);
    case "set-default-spec":
      return change({ "default-spec-id": idOf(update["spec-id"], added.spec, "partition spec") });
    case "add-sort-order":
      return addOrder(draft, update["sort-order"].fields);
    case "set-default-sort-order":
      return change({ "default-sort-order-id": idOf(update["sort-order-id"], added.order, "sort order") });
    case "add-snapshot":
      return addSnapshot(draft, update.snapshot);
    case "set-snapshot-ref": {
      const { action: _, "ref-name": name, ...ref } = update;
      return setRef(draft, name, ref, nowMs);
    }
    case "remove-snapshots":
      return removeSnapshots(draft, new Set(update["snapshot-ids"]));
    case "remove-snapshot-ref":
      return removeRef(draft, update["ref-name"]);
    case "set-location":
      return change({ location: update.location });
    case "set-properties":
      return change({ properties: { ...metadata.properties, ...update.updates } });
    case "remove-properties": {
      const gone = new Set(update.removals);
      const kept = Object.entries(metadata.properties).filter(([key]) => !gone.has(key));
      return change({ properties: Object.fromEntries(kept) });
    }
    case "set-statistics":
      return change({ statistics: [...about(metadata.statistics, update.statistics), update.statistics] });
    case "remove-statistics":
      return change({ statistics: about(metadata.statistics, update) });
    case "set-partition-statistics": {
      const one = update["partition-statistics"];
      return change({ "partition-statistics": [...about(metadata["partition-statistics"], one), one] });
    }
    case "remove-partition-statistics":
      return change({ "partition-statistics": about(metadata["partition-statistics"], update) });
    case "remove-partition-specs":
      if (update["spec-ids"].includes(metadata["default-spec-id"]))
        throw invalid("The default partition spec cannot be removed.");
      return change({
        "partition-specs": metadata["partition-specs"].filter(
          (one) => !update["spec-ids"].includes(one["spec-id"]),
        ),
      });
    case "remove-schemas":
      if (update["schema-ids"].includes(metadata["current-schema-id"]))
        throw invalid("The current schema cannot be removed.");
      return change({
        schemas: metadata.schemas.filter((one) => !update["schema-ids"].includes(one["schema-id"])),
      });
  }
}

function emptyMetadata(): TableMetadata {
  return {
    "format-version": 2,
    "table-uuid": "",
    location: "",
    "last-sequence-number": 0n,
    "last-updated-ms": 0,
    "last-column-id": 0,
    "current-schema-id": -1,
    schemas: [],
    "default-spec-id": -1,
    "partition-specs": [],
    "last-partition-id": firstId - 1,
    "default-sort-order-id": -1,
    "sort-orders": [],
    properties: {},
    ...withoutSnapshots,
  };
}

function upgraded(
  base: TableMetadata | undefined,
  metadata: TableMetadata,
  wanted: number,
): Partial<TableMetadata> {
  if (wanted !== 1 && wanted !== 2 && wanted !== 3)
    throw invalid(`Iceberg format version ${wanted} is not known; 1, 2 and 3 are.`);
  if (base !== undefined && wanted < base["format-version"])
    throw invalid(`The table has format version ${base["format-version"]}, and cannot go back to ${wanted}.`);
  // Iceberg spec v3, "Row Lineage": rows that are there get ids when they are written again.
  const rowIds = wanted === 3 && metadata["next-row-id"] === undefined ? { "next-row-id": 0 } : {};
  return { "format-version": wanted, ...rowIds };
}

function idOf(id: number, last: number | undefined, what: string): number {
  if (id !== lastAdded) return id;
  if (last === undefined) throw invalid(`No ${what} was added that "the last one added" could be.`);
  return last;
}

function addSnapshot(draft: Draft, one: TableMetadata["snapshots"][number]): void {
  const { metadata } = draft;
  const id = one["snapshot-id"];
  if (metadata.snapshots.some((known) => known["snapshot-id"] === id))
    throw invalid(`There is a snapshot ${id} already.`);
  const [last, sequence] = [metadata["last-sequence-number"], one["sequence-number"]];
  const version = metadata["format-version"];
  if (version > 1 && sequence <= last && one["parent-snapshot-id"] != null)
    throw stale(
      `Cannot add snapshot with sequence number ${sequence} older than last sequence number ${last}`,
    );
  draft.added.snapshots.add(id);
  draft.metadata = {
    ...metadata,
    ...(version > 1 ? { "last-sequence-number": sequence > last ? sequence : last } : {}),
    ...(version > 2 ? nextRowId(metadata, one) : {}),
    snapshots: [...metadata.snapshots, one],
  };
}

/** Iceberg spec v3, "Row Lineage". */
function nextRowId(metadata: TableMetadata, one: TableMetadata["snapshots"][number]) {
  const number = (value: unknown): bigint => BigInt(String(value ?? 0));
  const [next, first] = [number(metadata["next-row-id"]), one["first-row-id"]];
  if (first == null) throw invalid("A snapshot of format version 3 needs a first-row-id.");
  if (number(first) < next)
    throw stale(`The snapshot's first-row-id ${String(first)} is behind the table's next-row-id ${next}`);
  return { "next-row-id": next + number(one["added-rows"]) };
}

function setRef(
  draft: Draft,
  name: string,
  ref: NonNullable<TableMetadata["refs"]>[string],
  nowMs: number,
): void {
  const { metadata, added } = draft;
  const id = ref["snapshot-id"];
  const named = metadata.snapshots.find((one) => one["snapshot-id"] === id);
  if (named === undefined) throw invalid(`Cannot set ${name} to unknown snapshot: ${id}`);
  if (name === "main" && ref.type !== "branch") throw invalid("main is a branch, and cannot be a tag.");
  // Not assigned: a ref may have the name `__proto__`.
  const refs = Object.fromEntries([...Object.entries(metadata.refs ?? {}), [name, ref]]);
  draft.metadata = { ...metadata, refs };
  if (name !== "main" || metadata["current-snapshot-id"] === id) return;
  const atMs = added.snapshots.has(id) ? named["timestamp-ms"] : nowMs;
  draft.metadata = {
    ...draft.metadata,
    "current-snapshot-id": id,
    "snapshot-log": [...metadata["snapshot-log"], { "snapshot-id": id, "timestamp-ms": atMs }],
  };
}

function removeRef(draft: Draft, name: string): void {
  const { metadata } = draft;
  const refs = Object.fromEntries(Object.entries(metadata.refs ?? {}).filter(([key]) => key !== name));
  draft.metadata = { ...metadata, refs, ...(name === "main" ? { "current-snapshot-id": -1n } : {}) };
}

function removeSnapshots(draft: Draft, ids: ReadonlySet<bigint>): void {
  const { metadata } = draft;
  const isKept = (one: { readonly "snapshot-id": bigint }): boolean => !ids.has(one["snapshot-id"]);
  for (const [name, ref] of Object.entries(metadata.refs ?? {}))
    if (!isKept(ref)) throw invalid(`The snapshot ${ref["snapshot-id"]} is held by ${name}.`);
  draft.metadata = {
    ...metadata,
    snapshots: metadata.snapshots.filter(isKept),
    statistics: metadata.statistics?.filter(isKept),
    "partition-statistics": metadata["partition-statistics"]?.filter(isKept),
  };
}

/** The statistics files of other snapshots. */
function about<T extends { readonly "snapshot-id": bigint }>(
  files: readonly T[] = [],
  one: { readonly "snapshot-id": bigint },
): T[] {
  return files.filter((file) => file["snapshot-id"] !== one["snapshot-id"]);
}

/** What has to hold whatever the updates were. */
function finished({ metadata, added }: Draft, base: TableMetadata | undefined, nowMs: number): TableMetadata {
  const schema = metadata.schemas.find((one) => one["schema-id"] === metadata["current-schema-id"]);
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === metadata["default-spec-id"]);
  const order = metadata["sort-orders"].find((one) => one["order-id"] === metadata["default-sort-order-id"]);
  if (schema === undefined || spec === undefined || order === undefined)
    throw invalid("The current schema, the default partition spec or the default sort order is not there.");
  const ids = new Set(fieldIds(schema.fields));
  for (const { "source-id": id, name, transform } of [
    ...spec.fields,
    ...order.fields.map((field) => ({ ...field, name: "of the sort order" })),
  ])
    if (!ids.has(id) && transform !== "void")
      throw invalid(
        `Cannot find source column for partition field or sort field: ${name} (${transform}, ${id})`,
      );
  const current = metadata["current-snapshot-id"];
  return {
    ...metadata,
    "last-updated-ms": Math.max(nowMs, base?.["last-updated-ms"] ?? 0),
    // What was current only in between was never so for anybody.
    "snapshot-log": logOf(metadata["snapshot-log"], metadata.snapshots).filter(
      (entry) => !added.snapshots.has(entry["snapshot-id"]) || entry["snapshot-id"] === current,
    ),
  };
}

function fieldIds(fields: readonly unknown[]): number[] {
  return fields.flatMap((one) => {
    const { id, type } = one as { readonly id: number; readonly type: { readonly fields?: unknown[] } };
    return [id, ...fieldIds(type?.fields ?? [])];
  });
}
