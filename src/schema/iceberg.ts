import { OneCopyError } from "../base/index.ts";
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

/** Fails with `schema.type_unsupported`. `uuid` and `time` are stored as string. */
export function typeFromIceberg(icebergType: unknown): LogicalType {
  if (typeof icebergType === "string") {
    const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(icebergType);
    if (decimal !== null)
      return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
    if (/^fixed\[\d+\]$/.test(icebergType)) return "binary";
    if (Object.hasOwn(fromIceberg, icebergType)) return fromIceberg[icebergType]!;
  }
  throw new OneCopyError(
    "schema.type_unsupported",
    `The Iceberg type ${JSON.stringify(icebergType)} is not supported.`,
    { remedy: "Use one of boolean, int, long, float, double, decimal, string, binary, date, timestamptz." },
  );
}
