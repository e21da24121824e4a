import { OneCopyError } from "../base/index.ts";
import { type LogicalType, isDecimal } from "./type.ts";

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

/** Delta protocol, "Primitive Types". A decimal without blank: `decimal(9,2)`. */
export function typeToDelta(type: LogicalType): string {
  return isDecimal(type) ? `decimal(${type.precision},${type.scale})` : type;
}

/** `deltaType` is what stands in a schema's `type`: a name, or an object for nested types. Fails with `schema.type_unsupported`. */
export function typeFromDelta(deltaType: unknown): LogicalType {
  if (typeof deltaType === "string") {
    if (primitives.has(deltaType)) return deltaType as LogicalType;
    const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(deltaType);
    if (decimal !== null) return { precision: Number(decimal[1]), scale: Number(decimal[2]) };
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
