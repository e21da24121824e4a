import { OneCopyError } from "../base/index.ts";
import { type LogicalType, isDecimal } from "./type.ts";

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

/** Iceberg spec v2, "Primitive Types" in JSON. A decimal with blank: `decimal(9, 2)`. */
export function typeToIceberg(type: LogicalType): string {
  return isDecimal(type) ? `decimal(${type.precision}, ${type.scale})` : toIceberg[type];
}

/** Fails with `schema.type_unsupported`. `uuid` and `time` are stored as string. */
export function typeFromIceberg(icebergType: unknown): LogicalType {
  if (typeof icebergType === "string") {
    const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(icebergType);
    if (decimal !== null) return { precision: Number(decimal[1]), scale: Number(decimal[2]) };
    if (/^fixed\[\d+\]$/.test(icebergType)) return "binary";
    if (Object.hasOwn(fromIceberg, icebergType)) return fromIceberg[icebergType]!;
  }
  throw new OneCopyError(
    "schema.type_unsupported",
    `The Iceberg type ${JSON.stringify(icebergType)} is not supported.`,
    { remedy: "Use one of boolean, int, long, float, double, decimal, string, binary, date, timestamptz." },
  );
}
