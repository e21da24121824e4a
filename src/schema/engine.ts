import { OneCopyError } from "../base/index.ts";
import { type LogicalType, isPrimitive } from "./type.ts";

/** What an engine type becomes. Those that both formats lack are cast to one that holds every value. */
const fromEngine: Readonly<Record<string, LogicalType>> = {
  BOOLEAN: "boolean",
  TINYINT: "byte",
  SMALLINT: "short",
  UTINYINT: "short",
  INTEGER: "integer",
  USMALLINT: "integer",
  BIGINT: "long",
  UINTEGER: "long",
  UBIGINT: { kind: "decimal", precision: 20, scale: 0 },
  // sum() of integers is a HUGEINT. It holds 39 digits, so the cast fails, and says so, beyond 38.
  HUGEINT: { kind: "decimal", precision: 38, scale: 0 },
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "string",
  JSON: "string",
  UUID: "string",
  TIME: "string",
  TIME_NS: "string",
  BLOB: "binary",
  DATE: "date",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
  // Without a zone: taken as UTC, since a zone-less type lifts the Delta protocol (docs/format.md).
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
};

const toEngine = {
  boolean: "BOOLEAN",
  byte: "TINYINT",
  short: "SMALLINT",
  integer: "INTEGER",
  long: "BIGINT",
  float: "FLOAT",
  double: "DOUBLE",
  string: "VARCHAR",
  binary: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMP WITH TIME ZONE",
  timestamp_ntz: "TIMESTAMP",
} as const;

/**
 * The logical type of an engine type as `DESCRIBE` prints it. Fails with `schema.type_unsupported`, naming the
 * type and the cast that helps.
 */
export function typeFromEngine(engineType: string): LogicalType {
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(engineType);
  if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  if (/^ENUM\([^]*\)$/.test(engineType)) return "string";
  const type = Object.hasOwn(fromEngine, engineType) ? fromEngine[engineType] : undefined;
  if (type === undefined)
    throw new OneCopyError("schema.type_unsupported", `A table cannot hold values of type ${engineType}.`, {
      remedy: `Cast it in the query: CAST(… AS VARCHAR)${/[[(]/.test(engineType) ? ", or to_json(…) for lists, structs and maps" : ""}.`,
    });
  return type;
}

/** The engine's own name of a logical type, to be used in a cast. */
export function typeToEngine(type: LogicalType): string {
  if (isPrimitive(type)) return toEngine[type];
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "list":
      return `${typeToEngine(type.element)}[]`;
    case "map":
      return `MAP(${typeToEngine(type.key)}, ${typeToEngine(type.value)})`;
    case "struct":
      return `STRUCT(${type.fields.map((field) => `"${field.name.replaceAll('"', '""')}" ${typeToEngine(field.type)}`).join(", ")})`;
  }
}
