import type { Field, LogicalType, Schema } from "../../schema/index.ts";
import { type IcebergSchema, type TableMetadata, currentSchema, schemaToIceberg } from "./metadata.ts";

type KnownField = IcebergSchema["fields"][number];

/**
 * Whether the Iceberg side has had this very schema, ids and all: a restore by somebody else brings it back, with the files
 * that have these ids.
 */
function isKnownSchema(schema: Schema, metadata: TableMetadata): boolean {
  const shape = ({ fields }: IcebergSchema): string =>
    JSON.stringify(fields.map(({ id, name, required, type }) => [id, name, required, type]));
  const wanted = shape(schemaToIceberg(schema, 0));
  return metadata.schemas.some((known) => shape(known) === wanted);
}

/**
 * The schema with the ids that the Iceberg side has given to its columns, which no foreign Delta writer can
 * change. A column that is new there, or whose type became another one, gets a fresh id; so do fields, elements, keys
 * and values in it. `mapped`: the Delta side states ids that outlive a rename (column mapping), so they are looked for
 * before names.
 */
export function withIcebergIds(schema: Schema, metadata: TableMetadata, mapped = false): Schema {
  const given = metadata["last-column-id"];
  if (isKnownSchema(schema, metadata)) return { ...schema, lastFieldId: Math.max(given, schema.lastFieldId) };
  let last = Math.max(given, schema.lastFieldId);
  const used = new Set<number>();
  /** An id of the Delta side's own above all that Iceberg has given can stay. */
  const free = (id: number): number => {
    const mine = id > given && !used.has(id) ? id : ++last;
    used.add(mine);
    return mine;
  };
  const field = (one: Field, known: readonly KnownField[]): Field => {
    const match =
      (mapped ? known.find(({ id }) => id === one.id) : undefined) ??
      known.find(({ name }) => name.toLowerCase() === one.name.toLowerCase());
    const kept = match !== undefined && isPromotion(match.type, one.type) ? match : undefined;
    const id = kept === undefined ? free(one.id) : kept.id;
    return { ...one, id, type: type(one.type, kept?.type) };
  };
  const type = (one: LogicalType, known: unknown): LogicalType => {
    if (typeof one === "string" || one.kind === "decimal") return one;
    const there = (known ?? {}) as Readonly<Record<string, unknown>>;
    const idOf = (key: string, mine: number): number => {
      const id = there[key];
      return typeof id === "number" ? id : free(mine);
    };
    switch (one.kind) {
      case "list":
        return {
          ...one,
          elementId: idOf("element-id", one.elementId),
          element: type(one.element, there["element"]),
        };
      case "map":
        return {
          ...one,
          keyId: idOf("key-id", one.keyId),
          key: type(one.key, there["key"]),
          valueId: idOf("value-id", one.valueId),
          value: type(one.value, there["value"]),
        };
      case "struct": {
        const fields = (there["fields"] ?? []) as readonly KnownField[];
        return { ...one, fields: one.fields.map((inner) => field(inner, fields)) };
      }
    }
  };
  const known = currentSchema(metadata).fields;
  const fields = schema.fields.map((one) => field(one, known));
  return { fields, lastFieldId: Math.max(last, ...used) };
}

const integers: readonly unknown[] = ["byte", "short", "integer"];

/** Whether Iceberg takes a type for another state of the one that it knows (spec v2, "Schema Evolution"). */
function isPromotion(from: unknown, to: LogicalType): boolean {
  if (typeof to === "object") {
    const nested = (from ?? {}) as Readonly<Record<string, unknown>>;
    if (to.kind !== "decimal" && nested["type"] !== to.kind) return false;
    // An element has no name to be known by: another type of it makes another list.
    if (to.kind === "list") return isPromotion(nested["element"], to.element);
    if (to.kind === "map")
      return isPromotion(nested["key"], to.key) && isPromotion(nested["value"], to.value);
    if (to.kind === "struct") return true;
    const known = /^decimal\((\d+), *(\d+)\)$/.exec(String(from));
    return known !== null && Number(known[2]) === to.scale && Number(known[1]) <= to.precision;
  }
  if (from === "int") return integers.includes(to) || to === "long";
  if (from === "float") return to === "float" || to === "double";
  const same: Readonly<Record<string, LogicalType>> = {
    timestamptz: "timestamp",
    timestamp: "timestamp_ntz",
  };
  return (same[String(from)] ?? from) === to;
}
