import { JsonNumber, parseLossless, stringifyLossless } from "../../base/index.ts";
import { type LogicalType, type Schema, isDecimal } from "../../schema/index.ts";
import {
  type Bound,
  type ColumnStatistics,
  type FileStatistics,
  firstMicro,
  formatDecimal,
  hasBounds,
  lastMicro,
  parseDate,
  parseDecimal,
  parseTimestamp,
  truncateLower,
  truncateUpper,
} from "../statistics.ts";

const stringLength = 32;
const millisecond = 1000n;

/** Delta protocol, "Per-file Statistics", as JSON text. Identifying columns get their null count only. */
export function statsToDelta(
  statistics: FileStatistics,
  schema: Schema,
  identifying: ReadonlySet<string>,
): string {
  const minValues: Record<string, unknown> = {};
  const maxValues: Record<string, unknown> = {};
  const nullCount: Record<string, number> = {};
  for (const { name, type } of schema.fields) {
    const column = statistics.columns.get(name);
    if (column === undefined) continue;
    if (column.nulls !== undefined) nullCount[name] = column.nulls;
    if (identifying.has(name.toLowerCase()) || !hasBounds(type)) continue;
    const [min, max] = [lowerToJson(type, column.lower), upperToJson(type, column.upper)];
    if (min !== undefined) minValues[name] = min;
    if (max !== undefined) maxValues[name] = max;
  }
  return stringifyLossless({ numRecords: statistics.rows, minValues, maxValues, nullCount });
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
  const [minValues, maxValues, nullCount] = ["minValues", "maxValues", "nullCount"].map((key) =>
    asRecord(stats[key]),
  );
  const columns = new Map<string, ColumnStatistics>();
  for (const { name, type } of schema.fields) {
    const nulls = nullCount?.[name];
    const upper = fromJson(type, maxValues?.[name]);
    columns.set(name, {
      nulls: typeof nulls === "number" ? nulls : undefined,
      lower: fromJson(type, minValues?.[name]),
      upper: type === "timestamp" && upper !== undefined ? (upper as bigint) + millisecond : upper,
    });
  }
  return { rows, columns };
}

function lowerToJson(type: LogicalType, bound: Bound | undefined): unknown {
  if (bound === undefined) return undefined;
  if (type === "string") return truncateLower(bound as string, stringLength);
  if (type === "timestamp") return timestampText(floor(bound as bigint));
  return exact(type, bound);
}

function upperToJson(type: LogicalType, bound: Bound | undefined): unknown {
  if (bound === undefined) return undefined;
  if (type === "string") return truncateUpper(bound as string, stringLength);
  if (type === "timestamp") return timestampText(-floor(-(bound as bigint)));
  return exact(type, bound);
}

function exact(type: LogicalType, bound: Bound): unknown {
  if (isDecimal(type)) return new JsonNumber(formatDecimal(bound as bigint, type.scale));
  if (type === "date") return new Date(Number(bound) * 86_400_000).toISOString().slice(0, 10);
  if (typeof bound !== "number") return bound;
  if (!Number.isFinite(bound)) return undefined;
  return Object.is(bound, -0) ? new JsonNumber("-0.0") : bound;
}

/** To the millisecond at or before. */
function floor(micros: bigint): bigint {
  const rest = ((micros % millisecond) + millisecond) % millisecond;
  return micros - rest;
}

function timestampText(micros: bigint): string | undefined {
  if (micros < firstMicro || micros > lastMicro) return undefined;
  return new Date(Number(micros / millisecond)).toISOString();
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
