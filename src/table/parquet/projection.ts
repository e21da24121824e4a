import { OneCopyError } from "../../base/index.ts";
import { type Column, ident } from "../../engine/index.ts";
import {
  type Field,
  type Schema,
  fieldNamed,
  isNested,
  ofColumn,
  parseEngineType,
  physicalName,
  typeFromEngine,
  typeToEngine,
} from "../../schema/index.ts";
import { conversion, required } from "./conversion.ts";

/**
 * The query with exactly the schema's columns in its order, types and names in files; a column that the query lacks
 * is null. Fails with `table.column_unknown`, `table.column_type`, `table.column_missing` or
 * `schema.type_unsupported`.
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
      column === undefined
        ? `CAST(NULL AS ${typeToEngine(field.type, physicalName)})`
        : converted(table, field, column);
    return `${value} AS ${ident(physicalName(field))}`;
  });
  return `SELECT ${expressions.join(", ")} FROM (\n${query}\n) AS q`;
}

/** A cast that keeps every value, or fails on the one that it cannot keep. */
function converted(table: string, field: Field, column: Column): string {
  ofColumn(column.name, () => typeFromEngine(column.type));
  const value = conversion(
    { table, column: column.name },
    `q.${ident(column.name)}`,
    parseEngineType(column.type),
    field.type,
  );
  if (value !== undefined)
    return field.nullable || !isNested(field.type) ? value : required(column.name, value);
  const wanted = typeToEngine(field.type);
  throw new OneCopyError(
    "table.column_type",
    `Column ${column.name} of the query is ${column.type}; in ${table} it is ${wanted}.`,
    { remedy: `Cast it in the query: CAST(${ident(column.name)} AS ${wanted}).` },
  );
}

function unknownColumn(table: string, schema: Schema, name: string): OneCopyError {
  return new OneCopyError(
    "table.column_unknown",
    `The query has a column ${name}, which ${table} lacks. It has: ${schema.fields.map((field) => field.name).join(", ")}.`,
    { remedy: "Leave the column out of the query, or add it to the table first." },
  );
}
