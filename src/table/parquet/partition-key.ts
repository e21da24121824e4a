import { OneCopyError } from "../../base/index.ts";
import { ident } from "../../engine/index.ts";
import { type Field, type LogicalType, type Schema, fieldNamed, physicalName } from "../../schema/index.ts";
import { parseDate, parseTimestamp } from "../statistics.ts";

/* Identity partitions. Folders that the engine makes while it writes are named by a key column's text, which is the
   value as Delta's `partitionValues` have it (Delta protocol, "Partition Value Serialization"; FORMATS.md, "Partitions"). */

/** Longer texts get a folder named by their hash: names of folders have at most 255 bytes, percent-encoded. */
const longestName = 60;

const partitionable: ReadonlySet<LogicalType> = new Set<LogicalType>([
  "boolean",
  "byte",
  "short",
  "integer",
  "long",
  "string",
  "date",
  "timestamp",
  "timestamp_ntz",
]);

/** The columns' fields. Fails with `table.column_unknown` or `table.partition_unsupported`. */
export function partitionFields(
  table: string,
  schema: Schema,
  partitionColumns: readonly string[],
): readonly Field[] {
  return partitionColumns.map((name) => {
    const field = fieldNamed(schema, name);
    if (field === undefined)
      throw new OneCopyError("table.column_unknown", `${table} lacks the partition column ${name}.`, {
        remedy: `Its columns are: ${schema.fields.map((one) => one.name).join(", ")}.`,
      });
    if (!partitionable.has(field.type) && kindOf(field.type) !== "decimal")
      throw new OneCopyError(
        "table.partition_unsupported",
        `${table} cannot be partitioned by ${field.name}, which is a ${kindOf(field.type)}.`,
        {
          remedy:
            "Readers do not agree on such partitions. Partition by a whole number, decimal, boolean, text, date or timestamp.",
        },
      );
    return field;
  });
}

function kindOf(type: LogicalType): string {
  return typeof type === "string" ? type : type.kind;
}

/** The expression of a field's key. Texts begin with `=`, or with `#` when they are only a hash, so none is empty or the engine's word for null. */
export function partitionKey(field: Field): string {
  const column = ident(physicalName(field));
  switch (field.type) {
    case "string":
      return `CASE WHEN strlen(${column}) <= ${longestName} THEN '=' || ${column} ELSE '#' || md5(${column}) END`;
    case "timestamp":
      return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
    case "timestamp_ntz":
      return `strftime(${column}, '%Y-%m-%d %H:%M:%S.%f')`;
    default:
      return `CAST(${column} AS VARCHAR)`;
  }
}

/** The value that a key stands for; `undefined`: the key is only its hash. Fails with `table.partition_value`. */
export function valueOfKey(table: string, field: Field, key: string | null): string | null | undefined {
  if (key === null) return null;
  switch (field.type) {
    case "string":
      if (key === "=") throw refused(table, field, "an empty text, which Delta's readers take for null");
      return key.startsWith("=") ? key.slice(1) : undefined;
    case "date":
      if (parseDate(key) === undefined) throw refused(table, field, `${key}, beyond the years 1 to 9999`);
      return key;
    case "timestamp":
    case "timestamp_ntz":
      if (parseTimestamp(key) === undefined)
        throw refused(table, field, `${key}, beyond the years 1 to 9999`);
      return key;
    default:
      return key;
  }
}

function refused(table: string, field: Field, what: string): OneCopyError {
  return new OneCopyError(
    "table.partition_value",
    `The partition column ${field.name} of ${table} holds ${what}.`,
    { remedy: `Make it null, or another value, in the query: nullif(${ident(field.name)}, …).` },
  );
}
