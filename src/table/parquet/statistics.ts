import { OneCopyError } from "../../base/index.ts";
import { type Field, type LogicalType, type Schema, isDecimal } from "../../schema/index.ts";
import {
  type Bound,
  type ColumnStatistics,
  type FileStatistics,
  hasBounds,
  parseDate,
  parseDecimal,
  parseTimestamp,
} from "../statistics.ts";

/** One row of `COPY … (RETURN_STATS)`. */
export interface CopiedFile {
  readonly filename: string;
  readonly count: number;
  readonly file_size_bytes: number;
  readonly column_statistics: readonly {
    readonly key: string;
    readonly value: readonly { readonly key: string; readonly value: string }[];
  }[];
}

/**
 * What the engine says about a file that it wrote. `withNaN`: columns that hold a NaN: they get no bounds, since
 * the formats' readers do not agree on where a NaN stands (FORMATS.md, "Statistics").
 */
export function fileStatistics(
  file: CopiedFile,
  schema: Schema,
  withNaN: ReadonlySet<string>,
): FileStatistics {
  const byName = new Map(
    file.column_statistics.map(({ key, value }) => [
      unquoted(key),
      new Map(value.map((entry) => [entry.key, entry.value])),
    ]),
  );
  const columns = new Map<string, ColumnStatistics>();
  for (const field of schema.fields) {
    const stats = byName.get(field.name);
    if (stats === undefined) continue;
    const nulls = Number(stats.get("null_count"));
    const [min, max] = [stats.get("min"), stats.get("max")];
    refuseInfinite(field, min, max);
    const bounded = hasBounds(field.type) && !withNaN.has(field.name) && stats.get("has_nan") !== "true";
    columns.set(field.name, {
      nulls: Number.isSafeInteger(nulls) ? nulls : undefined,
      ...(bounded
        ? { lower: lowestZero(parseBound(field.type, min)), upper: highestZero(parseBound(field.type, max)) }
        : {}),
    });
  }
  return { rows: file.count, columns };
}

/** The float and double columns of a file for which the engine's `has_nan`, which covers the last row group only, says nothing. */
export function unsureOfNaN(file: CopiedFile, schema: Schema, rowGroupRows: number): readonly string[] {
  if (file.count <= rowGroupRows) return [];
  return schema.fields.filter(({ type }) => type === "float" || type === "double").map(({ name }) => name);
}

function parseBound(type: LogicalType, text: string | undefined): Bound | undefined {
  if (text === undefined) return undefined;
  if (isDecimal(type)) return parseDecimal(text, type.scale);
  switch (type) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    case "float":
      return number(text, Math.fround);
    case "double":
      return number(text, (value) => value);
    case "date":
      return parseDate(text);
    case "timestamp":
      return parseTimestamp(text);
    case "string":
      // A bound that the engine cut inside a character is no text any more.
      return text.includes("\uFFFD") ? undefined : text;
    default:
      return undefined;
  }
}

function number(text: string, round: (value: number) => number): number | undefined {
  if (text === "inf") return Infinity;
  if (text === "-inf") return -Infinity;
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? undefined : round(value);
}

/** Zeros of both signs are equal, and readers order them differently: the bounds hold both. */
function lowestZero(bound: Bound | undefined): Bound | undefined {
  return bound === 0 ? -0 : bound;
}

function highestZero(bound: Bound | undefined): Bound | undefined {
  return bound === 0 ? 0 : bound;
}

function refuseInfinite({ name, type }: Field, ...bounds: (string | undefined)[]): void {
  if ((type === "date" || type === "timestamp") && bounds.some((bound) => /infinity/.test(bound ?? "")))
    throw new OneCopyError(
      "table.value_unsupported",
      `Column ${name} holds an infinite ${type}, which neither Delta nor Iceberg can hold.`,
      { remedy: `Make it null in the query: CASE WHEN isfinite("${name}") THEN "${name}" END.` },
    );
}

/** `"a""b"` is how the engine prints the column a"b. */
function unquoted(key: string): string {
  return /^"[^]*"$/.test(key) ? key.slice(1, -1).replaceAll('""', '"') : key;
}
