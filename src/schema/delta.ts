import { OneCopyError } from "../base/index.ts";
import { ofColumn } from "./columns.ts";
import { maxDepth, maxFields } from "./limit.ts";
import { type Field, type LogicalType, isPrimitive, physicalName } from "./type.ts";

const primitives: ReadonlySet<string> = new Set<string>([
  "boolean",
  "byte",
  "short",
  "integer",
  "long",
  "float",
  "double",
  "string",
  "binary",
  "date",
  "timestamp",
  "timestamp_ntz",
]);

/**
 * Delta protocol, "Schema Serialization Format": a name, or an object for lists, maps and structs. A decimal without
 * blank: `decimal(9,2)`. `metadataOf` gives the metadata of a struct's fields.
 */
export function typeToDelta(type: LogicalType, metadataOf: (field: Field) => object = () => ({})): unknown {
  if (isPrimitive(type)) return type;
  switch (type.kind) {
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "list":
      return {
        type: "array",
        elementType: typeToDelta(type.element, metadataOf),
        containsNull: type.elementNullable,
      };
    case "map":
      return {
        type: "map",
        keyType: typeToDelta(type.key, metadataOf),
        valueType: typeToDelta(type.value, metadataOf),
        valueContainsNull: type.valueNullable,
      };
    case "struct":
      return {
        type: "struct",
        fields: type.fields.map((field) => ({
          name: field.name,
          type: typeToDelta(field.type, metadataOf),
          nullable: field.nullable,
          metadata: metadataOf(field),
        })),
      };
  }
}

/** What a field's metadata says of it. */
export interface FieldDescription {
  /** 0: not stated. */
  readonly id: number;
  readonly comment?: string;
  readonly physicalName?: string;
  /** Ids of elements, keys and values in the field, by their way from its physical name: `m.value.element`. */
  readonly nestedIds: Readonly<Record<string, unknown>>;
}

/**
 * `deltaType` is what stands in a schema's `type`: a name, or an object for nested types; `describe` reads a field's
 * metadata. An id that is not stated is 0. Fails with `schema.type_unsupported`.
 */
export function typeFromDelta(
  deltaType: unknown,
  describe: (metadata: Readonly<Record<string, unknown>>) => FieldDescription = () => ({
    id: 0,
    nestedIds: {},
  }),
): LogicalType {
  let parts = 0;
  const inField = (type: unknown, path: string, nestedIds: FieldDescription["nestedIds"], depth: number) => {
    const idOf = (member: string): number => asId(nestedIds[`${path}.${member}`]);
    const inside = (inner: unknown, member: string): LogicalType =>
      inField(inner, `${path}.${member}`, nestedIds, depth + 1);
    return parse(type, depth, idOf, inside);
  };
  const parse = (
    type: unknown,
    depth: number,
    idOf: (member: string) => number,
    inside: (type: unknown, member: string) => LogicalType,
  ): LogicalType => {
    if (++parts > maxFields || depth > maxDepth)
      throw unsupported("nested too deep, or with too many fields");
    if (typeof type === "string") return namedType(type);
    const nested = asObject(type);
    switch (nested["type"]) {
      case "array":
        return {
          kind: "list",
          elementId: idOf("element"),
          element: inside(nested["elementType"], "element"),
          elementNullable: nested["containsNull"] !== false,
        };
      case "map":
        return {
          kind: "map",
          keyId: idOf("key"),
          key: inside(nested["keyType"], "key"),
          valueId: idOf("value"),
          value: inside(nested["valueType"], "value"),
          valueNullable: nested["valueContainsNull"] !== false,
        };
      case "struct":
        if (!Array.isArray(nested["fields"])) throw unsupported("struct without fields");
        return { kind: "struct", fields: nested["fields"].map((field) => parseField(field, depth)) };
      default:
        throw unsupported(String(nested["type"]));
    }
  };
  const parseField = (value: unknown, depth: number): Field => {
    const { name, type, nullable, metadata } = asObject(value);
    if (typeof name !== "string") throw unsupported("struct with a field that has no name");
    const { nestedIds, ...description } = describe(asObject(metadata));
    const field: Field = { ...description, name, type: "boolean", nullable: nullable !== false };
    const read = (): LogicalType => inField(type, physicalName(field), nestedIds, depth + 1);
    return { ...field, type: depth === 0 ? ofColumn(name, read) : read() };
  };
  return inField(deltaType, "", {}, 0);
}

function namedType(name: string): LogicalType {
  if (primitives.has(name)) return name as LogicalType;
  const decimal = /^decimal\((\d{1,2}),\s*(\d{1,2})\)$/.exec(name);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    if (precision >= 1 && precision <= 38 && scale <= precision) return { kind: "decimal", precision, scale };
  }
  throw unsupported(name);
}

function asId(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function unsupported(what: string): OneCopyError {
  const name = what.length > 100 ? `${what.slice(0, 100)}…` : what;
  return new OneCopyError("schema.type_unsupported", `The Delta type ${name} is not supported.`, {
    remedy: "Have the table's owner provide a view or table with the column cast to another type.",
  });
}
