import { JsonNumber, parseLossless, stringifyLossless } from "../../base/index.ts";
import { type LogicalType, type Schema, isDecimal } from "../../schema/index.ts";
import {
  type Bound,
  type ColumnStatistics,
  type FileStatistics,
  firstMicro,
  formatDecimal,
  hasBounds,
  isIdentifying,
  lastMicro,
  parseDate,
  parseDecimal,
  parseTimestamp,
  physicalPath,
  statisticsLeaves,
  truncateLower,
  truncateUpper,
} from "../statistics.ts";

const stringLength = 32;
const millisecond = 1000n;
/** Decimal digits that every double holds. */
const digitsOfDouble = 15;

/** Delta protocol, "Per-file Statistics", as JSON text. Identifying columns get their null count only. */
export function statsToDelta(
  statistics: FileStatistics,
  schema: Schema,
  identifying: ReadonlySet<string>,
): string {
  const minValues: Tree = {};
  const maxValues: Tree = {};
  const nullCount: Tree = {};
  for (const leaf of statisticsLeaves(schema)) {
    const column = statistics.columns.get(leaf.id);
    if (column === undefined) continue;
    const { type } = leaf;
    const path = physicalPath(leaf);
    put(nullCount, path, column.nulls);
    if (isIdentifying(leaf, identifying) || !hasBounds(type)) continue;
    put(minValues, path, lowerToJson(type, column.lower));
    put(maxValues, path, upperToJson(type, column.upper));
  }
  return stringifyLossless({ numRecords: statistics.rows, minValues, maxValues, nullCount });
}

/** As the schema is nested, so are the statistics. */
interface Tree {
  [name: string]: unknown;
}

function put(tree: Tree, [name, ...rest]: readonly string[], value: unknown): void {
  if (value === undefined || name === undefined) return;
  // Not assigned: a column may have the name `__proto__`.
  const define = (inner: unknown): void => {
    Object.defineProperty(tree, name, { value: inner, enumerable: true, configurable: true, writable: true });
  };
  if (rest.length === 0) return define(value);
  if (!Object.hasOwn(tree, name)) define({});
  put(tree[name] as Tree, rest, value);
}

function at(tree: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => {
    const record = asRecord(inner);
    return Object.hasOwn(record, name) ? record[name] : undefined;
  }, tree);
}

/**
 * The statistics that some Delta writer left; what is not of the column's type is left out. Writers cut a
 * timestamp to milliseconds, so its upper bound is raised by one. Float and double get no bounds: whether a NaN
 * is in the file is not said, and the readers of Iceberg would then lose its row.
 */
export function statsFromDelta(text: string | undefined, schema: Schema): FileStatistics | undefined {
  if (text === undefined) return undefined;
  const stats = asRecord(parsed(text));
  const rows = stats["numRecords"];
  if (typeof rows !== "number") return undefined;
  const columns = new Map<number, ColumnStatistics>();
  for (const leaf of statisticsLeaves(schema)) {
    const { id, type } = leaf;
    const path = physicalPath(leaf);
    const nulls = at(stats["nullCount"], path);
    const upper = fromJson(type, at(stats["maxValues"], path));
    const cut = type === "timestamp" || type === "timestamp_ntz";
    columns.set(id, {
      nulls: typeof nulls === "number" ? nulls : undefined,
      lower: fromJson(type, at(stats["minValues"], path)),
      upper: cut && upper !== undefined ? (upper as bigint) + millisecond : upper,
    });
  }
  return { rows, columns };
}

function lowerToJson(type: LogicalType, bound: Bound | undefined): unknown {
  if (bound === undefined) return undefined;
  if (type === "string") return truncateLower(bound as string, stringLength);
  if (type === "timestamp") return timestampText(floor(bound as bigint), "Z");
  if (type === "timestamp_ntz") return timestampText(floor(bound as bigint), "");
  return exact(type, bound);
}

function upperToJson(type: LogicalType, bound: Bound | undefined): unknown {
  if (bound === undefined) return undefined;
  if (type === "string") return truncateUpper(bound as string, stringLength);
  if (type === "timestamp") return timestampText(-floor(-(bound as bigint)), "Z");
  if (type === "timestamp_ntz") return timestampText(-floor(-(bound as bigint)), "");
  return exact(type, bound);
}

function exact(type: LogicalType, bound: Bound): unknown {
  if (isDecimal(type)) return decimalToJson(bound as bigint, type.scale);
  if (type === "date") return new Date(Number(bound) * 86_400_000).toISOString().slice(0, 10);
  if (typeof bound !== "number") return bound;
  if (!Number.isFinite(bound)) return undefined;
  return Object.is(bound, -0) ? new JsonNumber("-0.0") : bound;
}

/** Trino takes it for a double, and leaves out files that have the row when more digits than a double holds were rounded. */
function decimalToJson(bound: bigint, scale: number): JsonNumber | undefined {
  const digits = String(bound).replace(/^-|0+$/g, "");
  return digits.length > digitsOfDouble ? undefined : new JsonNumber(formatDecimal(bound, scale));
}

/** To the millisecond at or before. */
function floor(micros: bigint): bigint {
  const rest = ((micros % millisecond) + millisecond) % millisecond;
  return micros - rest;
}

function timestampText(micros: bigint, zone: "Z" | ""): string | undefined {
  if (micros < firstMicro || micros > lastMicro) return undefined;
  return new Date(Number(micros / millisecond)).toISOString().slice(0, -1) + zone;
}

function fromJson(type: LogicalType, value: unknown): Bound | undefined {
  if (value === undefined || value === null) return undefined;
  const text = value instanceof JsonNumber ? value.value : value;
  if (isDecimal(type))
    return typeof text === "number" || typeof text === "string"
      ? parseDecimal(plainNumber(String(text)), type.scale)
      : undefined;
  switch (type) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return /^-?\d+$/.test(String(text)) ? BigInt(String(text)) : undefined;
    case "string":
      return typeof text === "string" ? text : undefined;
    case "date":
      return parseDate(String(text));
    case "timestamp":
    case "timestamp_ntz":
      return parseTimestamp(String(text));
    default:
      return undefined;
  }
}

/** Without exponent; what cannot be written so is refused by the parser that follows. */
function plainNumber(text: string): string {
  return /e/i.test(text) && Number.isSafeInteger(Number(text)) ? String(BigInt(Number(text))) : text;
}

function parsed(text: string): unknown {
  try {
    return parseLossless(text);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}
