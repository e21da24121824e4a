import { OneCopyError } from "../base/index.ts";
import { maxDepth, maxFields } from "./limit.ts";
import { type Field, type LogicalType, isPrimitive } from "./type.ts";

const toIceberg = {
  boolean: "boolean",
  // Iceberg has no 8- and 16-bit integers; the files say INT_8 and INT_16, which every reader of int accepts.
  byte: "int",
  short: "int",
  integer: "int",
  long: "long",
  float: "float",
  double: "double",
  string: "string",
  binary: "binary",
  date: "date",
  timestamp: "timestamptz",
  timestamp_ntz: "timestamp",
} as const;

const fromIceberg: Readonly<Record<string, LogicalType>> = {
  boolean: "boolean",
  int: "integer",
  long: "long",
  float: "float",
  double: "double",
  string: "string",
  uuid: "string",
  time: "string",
  binary: "binary",
  date: "date",
  timestamptz: "timestamp",
  timestamp: "timestamp_ntz",
};

/** Iceberg spec v2, "Appendix C: JSON serialization", "Schemas". A decimal with blank: `decimal(9, 2)`. */
export function typeToIceberg(type: LogicalType): unknown {
  if (isPrimitive(type)) return toIceberg[type];
  switch (type.kind) {
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    case "list":
      return {
        type: "list",
        "element-id": type.elementId,
        element: typeToIceberg(type.element),
        "element-required": !type.elementNullable,
      };
    case "map":
      return {
        type: "map",
        "key-id": type.keyId,
        key: typeToIceberg(type.key),
        "value-id": type.valueId,
        value: typeToIceberg(type.value),
        "value-required": !type.valueNullable,
      };
    case "struct":
      return { type: "struct", fields: type.fields.map(fieldToIceberg) };
  }
}

export function fieldToIceberg(field: Field) {
  return {
    id: field.id,
    name: field.name,
    required: !field.nullable,
    type: typeToIceberg(field.type),
    ...(field.comment === undefined ? {} : { doc: field.comment }),
  };
}

/** A name, or an object for nested types. `uuid` and `time` are held as string. Fails with `schema.type_unsupported`. */
export function typeFromIceberg(icebergType: unknown): LogicalType {
  let parts = 0;
  const parse = (type: unknown, depth: number): LogicalType => {
    if (++parts > maxFields || depth > maxDepth)
      throw unsupported("nested too deep, or with too many fields");
    if (typeof type === "string") return namedType(type);
    const nested = asObject(type);
    switch (nested["type"]) {
      case "list":
        return {
          kind: "list",
          elementId: idOf(nested, "element-id"),
          element: parse(nested["element"], depth + 1),
          elementNullable: nested["element-required"] !== true,
        };
      case "map":
        return {
          kind: "map",
          keyId: idOf(nested, "key-id"),
          key: parse(nested["key"], depth + 1),
          valueId: idOf(nested, "value-id"),
          value: parse(nested["value"], depth + 1),
          valueNullable: nested["value-required"] !== true,
        };
      case "struct":
        if (!Array.isArray(nested["fields"])) throw unsupported(type);
        return {
          kind: "struct",
          fields: nested["fields"].map((field) => parseField(asObject(field), depth)),
        };
      default:
        throw unsupported(type);
    }
  };
  const parseField = (field: Readonly<Record<string, unknown>>, depth: number): Field => {
    const { name, doc } = field;
    if (typeof name !== "string") throw unsupported("struct with a field that has no name");
    return {
      id: idOf(field, "id"),
      name,
      type: parse(field["type"], depth + 1),
      nullable: field["required"] !== true,
      ...(typeof doc === "string" ? { comment: doc } : {}),
    };
  };
  return parse(icebergType, 0);
}

function namedType(name: string): LogicalType {
  const decimal = /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/.exec(name);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    if (precision >= 1 && precision <= 38 && scale <= precision) return { kind: "decimal", precision, scale };
  }
  if (/^fixed\[\d+\]$/.test(name)) return "binary";
  if (Object.hasOwn(fromIceberg, name)) return fromIceberg[name]!;
  throw unsupported(name);
}

function idOf(part: Readonly<Record<string, unknown>>, key: string): number {
  const id = part[key];
  if (Number.isSafeInteger(id) && (id as number) >= 0) return id as number;
  throw unsupported(`${String(part["type"])} whose ${key} is no field id`);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function unsupported(type: unknown): OneCopyError {
  const text = typeof type === "string" ? type : (JSON.stringify(type) ?? String(type));
  const name = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new OneCopyError("schema.type_unsupported", `The Iceberg type ${name} is not supported.`, {
    remedy:
      "Use one of boolean, int, long, float, double, decimal, string, binary, fixed, uuid, date, time, timestamp, timestamptz, list, map, struct.",
  });
}
