import { OneCopyError } from "../base/index.ts";
import { type EngineType, parseEngineType } from "./engine-type.ts";
import { type Field, type LogicalType, isPrimitive } from "./type.ts";

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
  ENUM: "string",
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

/** What helps with a type that no format has. */
const casts: Readonly<Record<string, string>> = {
  "TIME WITH TIME ZONE": "CAST(… AS VARCHAR), or CAST(… AS TIME) without the zone",
  INTERVAL: "CAST(… AS VARCHAR), or epoch(…) for seconds",
  BIT: "CAST(… AS VARCHAR)",
  UHUGEINT: "CAST(… AS DECIMAL(38,0)), which holds 38 digits, or CAST(… AS VARCHAR)",
  BIGNUM: "CAST(… AS VARCHAR)",
  VARIANT: "CAST(… AS JSON), which is held as text",
  GEOMETRY: "CAST(… AS VARCHAR) for its text, or ST_AsWKB(…)",
  UNION: "CAST(to_json(…) AS VARCHAR), or union_extract(…, 'member')",
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
 * The logical type of an engine type as `DESCRIBE` prints it; the ids in it are 0, for whoever takes it into a schema
 * to give. Fails with `schema.type_unsupported`, naming the type and the cast that helps.
 */
export function typeFromEngine(engineType: string): LogicalType {
  return logical(parseEngineType(engineType));
}

function logical(type: EngineType): LogicalType {
  switch (type.kind) {
    case "leaf":
      return logicalLeaf(type.name, type.text);
    case "list":
      return { kind: "list", elementId: 0, element: logical(type.element), elementNullable: true };
    case "map":
      return {
        kind: "map",
        keyId: 0,
        key: keyOf(logical(type.key)),
        valueId: 0,
        value: logical(type.value),
        valueNullable: true,
      };
    case "struct":
      return {
        kind: "struct",
        fields: type.fields.map((field) => ({
          id: 0,
          name: field.name,
          type: logical(field.type),
          nullable: true,
        })),
      };
  }
}

/** Polars' Iceberg reader takes no shorter integers as keys of maps (docs/format.md, "Types"). */
function keyOf(type: LogicalType): LogicalType {
  return type === "byte" || type === "short" ? "integer" : type;
}

function logicalLeaf(name: string, text: string): LogicalType {
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(text);
  if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const type = Object.hasOwn(fromEngine, name) ? fromEngine[name] : undefined;
  if (type !== undefined) return type;
  const cast = Object.hasOwn(casts, name) ? casts[name]! : "CAST(… AS VARCHAR)";
  throw new OneCopyError("schema.type_unsupported", `A table cannot hold values of type ${text}.`, {
    remedy: `Cast it in the query: ${cast}.`,
  });
}

/** The engine's own name of a logical type, to be used in a cast. `nameOf`: what its structs call their fields. */
export function typeToEngine(
  type: LogicalType,
  nameOf: (field: Field) => string = (field) => field.name,
): string {
  if (isPrimitive(type)) return toEngine[type];
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "list":
      return `${typeToEngine(type.element, nameOf)}[]`;
    case "map":
      return `MAP(${typeToEngine(type.key, nameOf)}, ${typeToEngine(type.value, nameOf)})`;
    case "struct":
      return `STRUCT(${type.fields.map((field) => `"${nameOf(field).replaceAll('"', '""')}" ${typeToEngine(field.type, nameOf)}`).join(", ")})`;
  }
}
