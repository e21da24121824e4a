import { OneCopyError } from "../base/index.ts";
import { type Field, type LogicalType, isPrimitive } from "./type.ts";

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

/** `deltaType` is what stands in a schema's `type`: a name, or an object for nested types. Fails with `schema.type_unsupported`. */
export function typeFromDelta(deltaType: unknown): LogicalType {
  if (typeof deltaType === "string") {
    if (primitives.has(deltaType)) return deltaType as LogicalType;
    const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(deltaType);
    if (decimal !== null)
      return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  }
  const name =
    typeof deltaType === "string" ? deltaType : String((deltaType as { type?: unknown } | null)?.type);
  throw new OneCopyError("schema.type_unsupported", `The Delta type ${name} is not supported.`, {
    remedy:
      name === "timestamp_ntz"
        ? "Have the table's owner provide a timestamp with time zone."
        : "Have the table's owner provide a view or table with the column cast to a flat type.",
  });
}
