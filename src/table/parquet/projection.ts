import { OneCopyError } from "../../base/index.ts";
import { type Column, ident } from "../../engine/index.ts";
import {
  type Field,
  type LogicalType,
  type Schema,
  fieldNamed,
  isDecimal,
  ofColumn,
  typeFromEngine,
  typeToEngine,
} from "../../schema/index.ts";

/**
 * The query with exactly the schema's columns in its order and types; a column that the query lacks is null.
 * Fails with `table.column_unknown`, `table.column_type`, `table.column_missing` or `schema.type_unsupported`.
 */
export function project(table: string, schema: Schema, query: string, columns: readonly Column[]): string {
  const sources = new Map<Field, Column>();
  for (const column of columns) {
    const field = fieldNamed(schema, column.name);
    if (field === undefined) throw unknownColumn(table, schema, column.name);
    if (sources.has(field))
      throw new OneCopyError(
        "table.column_unknown",
        `The query for ${table} has the column ${field.name} twice.`,
      );
    sources.set(field, column);
  }
  const expressions = schema.fields.map((field) => {
    const column = sources.get(field);
    if (column === undefined && !field.nullable)
      throw new OneCopyError(
        "table.column_missing",
        `The query for ${table} lacks ${field.name}, which may not be null.`,
      );
    const value =
      column === undefined ? `CAST(NULL AS ${typeToEngine(field.type)})` : converted(table, field, column);
    return `${value} AS ${ident(field.name)}`;
  });
  return `SELECT ${expressions.join(", ")} FROM (\n${query}\n) AS q`;
}

/** A cast that keeps every value, or fails on the one that it cannot keep. */
function converted(table: string, field: Field, column: Column): string {
  const from = ofColumn(column.name, () => typeFromEngine(column.type));
  const name = `q.${ident(column.name)}`;
  if (!keepsValues(from, field.type))
    throw new OneCopyError(
      "table.column_type",
      `Column ${column.name} of the query is ${column.type}; in ${table} it is ${typeToEngine(field.type)}.`,
      { remedy: `Cast it in the query: CAST(${ident(column.name)} AS ${typeToEngine(field.type)}).` },
    );
  if (field.type === "timestamp" && column.type !== typeToEngine("timestamp"))
    return `(CAST(${name} AS TIMESTAMP) AT TIME ZONE 'UTC')`;
  return column.type === typeToEngine(field.type) ? name : `CAST(${name} AS ${typeToEngine(field.type)})`;
}

const integers: readonly LogicalType[] = ["byte", "short", "integer", "long"];

function keepsValues(from: LogicalType, to: LogicalType): boolean {
  if (from === to) return true;
  const fromWhole = integers.includes(from) || (isDecimal(from) && from.scale === 0);
  // Between whole numbers the engine's cast fails on overflow.
  if (fromWhole && (integers.includes(to) || isDecimal(to))) return true;
  if (isDecimal(from) && isDecimal(to)) return from.scale <= to.scale;
  if (to === "double") return from === "float" || ["byte", "short", "integer"].includes(from as string);
  if (to === "float") return from === "byte" || from === "short";
  return false;
}

function unknownColumn(table: string, schema: Schema, name: string): OneCopyError {
  return new OneCopyError(
    "table.column_unknown",
    `The query has a column ${name}, which ${table} lacks. It has: ${schema.fields.map((field) => field.name).join(", ")}.`,
    { remedy: "Leave the column out of the query, or add it to the table first." },
  );
}
