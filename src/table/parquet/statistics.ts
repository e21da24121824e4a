import { OneCopyError } from "../../base/index.ts";
import { ident } from "../../engine/index.ts";
import { type LogicalType, type Schema, isDecimal } from "../../schema/index.ts";
import {
  type Bound,
  type ColumnStatistics,
  type FileStatistics,
  type StatisticsLeaf,
  hasBounds,
  parseDate,
  parseDecimal,
  parseTimestamp,
  physicalPath,
  statisticsLeaves,
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
 * What the engine says about a file that it wrote. `withNaN`: ids of fields that hold a NaN: they get no bounds, since
 * the formats' readers do not agree on where a NaN stands (FORMATS.md, "Statistics").
 */
export function fileStatistics(
  file: CopiedFile,
  schema: Schema,
  withNaN: ReadonlySet<number>,
): FileStatistics {
  const byKey = new Map(file.column_statistics.map(({ key, value }) => [key, value]));
  const columns = new Map<number, ColumnStatistics>();
  for (const leaf of statisticsLeaves(schema)) {
    const { id, type } = leaf;
    const entries = byKey.get(engineKey(leaf));
    if (entries === undefined) continue;
    const stats = new Map(entries.map(({ key, value }) => [key, value]));
    const nulls = Number(stats.get("null_count"));
    const [min, max] = [stats.get("min"), stats.get("max")];
    refuseInfinite(leaf, min, max);
    const bounded = hasBounds(type) && !withNaN.has(id) && stats.get("has_nan") !== "true";
    columns.set(id, {
      nulls: Number.isSafeInteger(nulls) ? nulls : undefined,
      ...(bounded
        ? { lower: lowestZero(parseBound(type, min)), upper: highestZero(parseBound(type, max)) }
        : {}),
    });
  }
  return { rows: file.count, columns };
}

/** `"a""b"."c"` is how the engine prints the field c of the column a"b. */
function engineKey(leaf: StatisticsLeaf): string {
  return physicalPath(leaf).map(ident).join(".");
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
    case "timestamp_ntz":
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

function refuseInfinite({ type, path }: StatisticsLeaf, ...bounds: (string | undefined)[]): void {
  const instant = type === "date" || type === "timestamp" || type === "timestamp_ntz";
  if (!instant || !bounds.some((bound) => /infinity/.test(bound ?? ""))) return;
  const name = path.map((field) => field.name).join(".");
  const column = path.map((field) => ident(field.name)).join(".");
  throw new OneCopyError(
    "table.value_unsupported",
    `Column ${name} holds an infinite ${type}, which neither Delta nor Iceberg can hold.`,
    { remedy: `Make it null in the query: CASE WHEN isfinite(${column}) THEN ${column} END.` },
  );
}
