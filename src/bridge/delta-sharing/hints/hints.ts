import type { ColumnPath, Constant, Filter } from "../../../engine/index.ts";
import { type LogicalType, type Schema, isDecimal, isNested } from "../../../schema/index.ts";
import { type DataFile, type Snapshot, filterMatcher, rowsLeft } from "../../../table/index.ts";
import { parseJsonHint } from "./json.ts";
import { unknown } from "./logic.ts";
import { parseSqlHint } from "./sql.ts";
import { NotUnderstood } from "./token.ts";

/** Which rows the client wants; all of it may be passed over, and is where it is not understood. */
export interface Hints {
  /** In SQL; all of them hold. */
  readonly predicates: readonly string[];
  /** A tree of operations in JSON. */
  readonly json: string | undefined;
  /** So many rows. */
  readonly limit: number | undefined;
}

const longestHint = 64 * 1024;
/** Every file of the table is asked for each of them. */
const mostComparisons = 500;

/**
 * The files in which a row may be that the client wants, judged by partition values and statistics: never one too few.
 * The limit counts only where there are no other hints: which rows of a file fit these is not known.
 */
export function hintedFiles(snapshot: Snapshot, { predicates, json, limit }: Hints): Iterable<DataFile> {
  const sql = predicates.map((text) => usable(understood(text, parseSqlHint), snapshot.schema, sqlFits));
  const tree = json === undefined ? [] : [usable(understood(json, parseJsonHint), snapshot.schema, jsonFits)];
  const filters = [...sql, ...tree].filter(({ kind }) => kind !== "unknown");
  if (limit !== undefined && limitOf({ predicates, json, limit }) !== undefined)
    return limited(snapshot.files, limit);
  const filter: Filter = { kind: "and", of: filters };
  if (filters.length === 0 || comparisonsIn(filter) > mostComparisons) return snapshot.files;
  return matching(snapshot.files, filterMatcher(filter, snapshot));
}

/** How many rows are wanted, where that is known: which rows of a file fit other hints is not. */
export function limitOf({ predicates, json, limit }: Hints): number | undefined {
  return predicates.length === 0 && json === undefined ? limit : undefined;
}

function understood(text: string, parse: (text: string) => Filter): Filter {
  if (text.length > longestHint) return unknown;
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof NotUnderstood) return unknown;
    throw error;
  }
}

function* matching(files: Iterable<DataFile>, matches: (file: DataFile) => boolean): Generator<DataFile> {
  for (const file of files) if (matches(file)) yield file;
}

/** As many files as hold `limit` rows; a file of unknown length counts as empty, so there are never too few. */
function* limited(files: Iterable<DataFile>, limit: number): Generator<DataFile> {
  let rows = 0;
  for (const file of files) {
    if (rows >= limit) return;
    rows += rowsLeft(file) ?? 0;
    yield file;
  }
}

type Fits = (type: LogicalType, constant: Constant) => boolean;

/** The filter without comparisons that clients with other rules, or in other time zones, may see otherwise. */
function usable(filter: Filter, schema: Schema, fits: Fits): Filter {
  if (filter.kind === "and" || filter.kind === "or")
    return { kind: filter.kind, of: filter.of.map((one) => usable(one, schema, fits)) };
  if (filter.kind !== "compare") return filter;
  const type = typeOf(schema, filter.column);
  return type !== undefined && fits(type, filter.value) ? filter : unknown;
}

function typeOf({ fields }: Pick<Schema, "fields">, [name, ...rest]: ColumnPath): LogicalType | undefined {
  const type = fields.find((field) => field.name.toLowerCase() === name?.toLowerCase())?.type;
  if (rest.length === 0 || type === undefined) return type;
  return isNested(type) && type.kind === "struct" ? typeOf(type, rest) : undefined;
}

/** A moment without a zone is in that of the client's session, which nobody here knows. */
function sqlFits(type: LogicalType, constant: Constant): boolean {
  switch (constant.type) {
    case "exact":
    case "double":
      return isNumber(type);
    case "boolean":
      return type === "boolean";
    case "date":
      return type === "date";
    case "text":
      if (type === "string" || type === "date") return true;
      return type === "timestamp" && statesZone(constant.text);
    case "timestamp":
    case "timestamptz":
      return type === "timestamp" && statesZone(constant.text);
  }
}

/** "The column's value will be cast to the specified valueType": only where that changes nothing. */
function jsonFits(type: LogicalType, constant: Constant): boolean {
  switch (constant.type) {
    case "exact":
      return isNumber(type) && !isDecimal(type) && type !== "float" && type !== "double";
    case "double":
      return type === "float" || type === "double";
    case "text":
      return type === "string";
    default:
      return sqlFits(type, constant);
  }
}

function isNumber(type: LogicalType): boolean {
  return (
    isDecimal(type) || ["byte", "short", "integer", "long", "float", "double"].some((name) => name === type)
  );
}

function statesZone(text: string): boolean {
  return /^\d{4}-\d\d-\d\d.*(Z|[+-]\d\d(:?\d\d)?)$/.test(text) && text.length > 11;
}

function comparisonsIn(filter: Filter): number {
  if (filter.kind !== "and" && filter.kind !== "or") return 1;
  return filter.of.reduce((sum, one) => sum + comparisonsIn(one), 0);
}
