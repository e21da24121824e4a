import { type IcebergSchema, type SortOrder, type TableMetadata } from "../iceberg/metadata.ts";
import { type PartitionSpec, firstPartitionFieldId as firstId } from "../iceberg/partition.ts";
import { idsIn, mapIds } from "./ids.ts";
import { invalid } from "./refuse.ts";
import type { NewTable, TableUpdate } from "./update.ts";

export { firstId };

/** Metadata while updates are applied: the ids that "the last one added" stands for come and go with it. */
export interface Draft {
  metadata: TableMetadata;
  readonly added: { schema?: number; spec?: number; order?: number; readonly snapshots: Set<bigint> };
}

/** A schema that is there already, whatever its id, is not there twice. */
export function addSchema(draft: Draft, schema: IcebergSchema, lastColumnId = 0): void {
  const { metadata } = draft;
  const highest = Math.max(metadata["last-column-id"], lastColumnId, ...idsIn(schema));
  const shape = ({ fields, "identifier-field-ids": keys }: IcebergSchema): string =>
    JSON.stringify([fields, keys ?? []]);
  const same = metadata.schemas.find((known) => shape(known) === shape(schema));
  const id = same?.["schema-id"] ?? nextId(metadata.schemas.map((one) => one["schema-id"]));
  draft.added.schema = id;
  draft.metadata = {
    ...metadata,
    "last-column-id": highest,
    schemas: same === undefined ? [...metadata.schemas, { ...schema, "schema-id": id }] : metadata.schemas,
  };
}

export function addSpec(
  draft: Draft,
  { fields }: Extract<TableUpdate, { readonly action: "add-spec" }>["spec"],
): void {
  const { metadata } = draft;
  const specs = metadata["partition-specs"];
  const shape = (spec: Pick<PartitionSpec, "fields"> | { readonly fields: typeof fields }): string =>
    JSON.stringify(spec.fields.map((one) => [one["source-id"], one.transform, one.name]));
  const same = specs.find((known) => shape(known) === shape({ fields }));
  if (same !== undefined) {
    draft.added.spec = same["spec-id"];
    return;
  }
  if (new Set(fields.map(({ name }) => name)).size < fields.length)
    throw invalid("Two fields of the partition spec have the same name.");
  let last = metadata["last-partition-id"];
  const numbered = fields.map((field) => ({ ...field, "field-id": field["field-id"] ?? ++last }));
  const id = nextId(specs.map((one) => one["spec-id"]));
  draft.added.spec = id;
  draft.metadata = {
    ...metadata,
    "last-partition-id": Math.max(last, ...numbered.map((field) => field["field-id"])),
    "partition-specs": [...specs, { "spec-id": id, fields: numbered }],
  };
}

export function addOrder(draft: Draft, fields: SortOrder["fields"]): void {
  const { metadata } = draft;
  const orders = metadata["sort-orders"];
  const shape = (order: readonly SortOrder["fields"][number][]): string =>
    JSON.stringify(order.map((one) => [one["source-id"], one.transform, one.direction, one["null-order"]]));
  const same = orders.find((known) => shape(known.fields) === shape(fields));
  // 0 is the order of what is not sorted.
  const id =
    same?.["order-id"] ??
    (fields.length === 0 ? 0 : Math.max(0, ...orders.map((one) => one["order-id"])) + 1);
  draft.added.order = id;
  if (same === undefined)
    draft.metadata = { ...metadata, "sort-orders": [...orders, { "order-id": id, fields }] };
}

/** The updates that make a table as a client wants it. Ids of columns are given anew, from the top down (as Iceberg's own catalogs do). */
export function updatesFor(wanted: NewTable, uuid: string): TableUpdate[] {
  const { schema, properties } = wanted;
  let last = 0;
  const given = new Map<number, number>();
  const fresh = mapIds(schema, (id) => {
    given.set(id, ++last);
    return last;
  });
  const sourceOf = (id: number): number => {
    const now = given.get(id);
    if (now === undefined) throw invalid(`The schema has no field ${id}.`);
    return now;
  };
  const keys = schema["identifier-field-ids"];
  const identifiers = Array.isArray(keys)
    ? { "identifier-field-ids": keys.map((id) => sourceOf(Number(id))) }
    : {};
  const { "format-version": version, ...others } = properties ?? {};
  return [
    { action: "assign-uuid", uuid },
    { action: "upgrade-format-version", "format-version": Number(version ?? 2) },
    { action: "add-schema", schema: { ...fresh, ...identifiers, "schema-id": 0 } },
    { action: "set-current-schema", "schema-id": -1 },
    {
      action: "add-spec",
      spec: {
        fields: (wanted["partition-spec"]?.fields ?? []).map((field, i) => ({
          ...field,
          "source-id": sourceOf(field["source-id"]),
          "field-id": firstId + i,
        })),
      },
    },
    { action: "set-default-spec", "spec-id": -1 },
    {
      action: "add-sort-order",
      "sort-order": {
        fields: (wanted["write-order"]?.fields ?? []).map((field) => ({
          ...field,
          "source-id": sourceOf(field["source-id"]),
        })),
      },
    },
    { action: "set-default-sort-order", "sort-order-id": -1 },
    { action: "set-properties", updates: others },
  ];
}

function nextId(known: TableMetadata["schemas"][number]["schema-id"][]): number {
  return Math.max(-1, ...known) + 1;
}
