import { type Field, type LogicalType, isDecimal, isNested, physicalName } from "../../schema/index.ts";
import { parseDate, parseDecimal, parseTimestamp } from "../statistics.ts";
import type { DataFile } from "../snapshot.ts";
import { tagFieldIds } from "./branch.ts";
import { partitionText, statesZone } from "./partition-value.ts";

/** What is known of a column in one file; all that is `undefined` is unknown. */
export interface Bounds {
  readonly lower?: Bound | undefined;
  readonly upper?: Bound | undefined;
  /** Texts that start with the upper bound may be in the file, too: some writers cut it short. */
  readonly upperIsPrefix?: boolean;
  /** Only nulls. */
  readonly onlyNulls?: boolean;
  readonly noNulls?: boolean;
  /** A NaN may be there, whatever the bounds say. */
  readonly mayHaveNaN?: boolean;
}

/** By type: a number for float and double; a text; else whole: days × µs of a date, µs, unscaled digits, 0 and 1. */
export type Bound = bigint | number | string;

/** A column, as files know it. */
export interface BoundColumn {
  readonly field: Field;
  /** Physical names from the top. */
  readonly path: readonly string[];
  readonly isPartition: boolean;
}

/** The bounds of a file's columns. */
export type FileBounds = (column: BoundColumn) => Bounds;

const nothing: Bounds = {};
const microsPerDay = 86_400_000_000n;
const millisecond = 1000n;

/** What the partition values say; nothing of other columns. */
export function partitionBounds(file: DataFile): FileBounds {
  return ({ field, isPartition }) => {
    if (!isPartition) return nothing;
    const text = partitionText(field, file);
    if (text === undefined) return nothing;
    if (text === null) return { onlyNulls: true };
    const value = ofPartition(field.type, text);
    return { lower: value, upper: value, noNulls: true };
  };
}

/** What Delta's statistics say on top of it (Delta protocol, "Per-file Statistics"). */
export function statsBounds(file: DataFile, partition: FileBounds): FileBounds {
  const stats = parsed(file.stats);
  const rows = stats["numRecords"];
  const ours = file.tags[tagFieldIds] === "true";
  return (column) => {
    if (column.isPartition) return partition(column);
    const { path, field } = column;
    const nulls = at(stats["nullCount"], path);
    const [min, max] = [at(stats["minValues"], path), at(stats["maxValues"], path)];
    return {
      lower: lowerOf(field.type, min),
      upper: upperOf(field.type, max),
      upperIsPrefix: field.type === "string",
      onlyNulls: typeof rows === "number" && nulls === rows,
      // Inside a struct, writers do not agree whether a null struct counts.
      noNulls: nulls === 0 && path.length === 1,
      // Ours leave both bounds out when there is a NaN (docs/format.md).
      mayHaveNaN: (field.type === "float" || field.type === "double") && !ours,
    };
  };
}

function ofPartition(type: LogicalType, text: string): Bound | undefined {
  if (type === "string") return text;
  if (type === "boolean") return text === "true" ? 1n : text === "false" ? 0n : undefined;
  if (type === "float" || type === "double") return finite(Number(text));
  // Without a zone it is in that of the writer.
  if (type === "timestamp" && !statesZone(text)) return undefined;
  if (isTimestamp(type)) return /\.\d{7}/.test(text) ? undefined : parseTimestamp(text);
  if (isDecimal(type)) return parseDecimal(text, type.scale);
  if (type === "date") return dayInMicros(text);
  return isWhole(type) && /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;
}

function lowerOf(type: LogicalType, value: unknown): Bound | undefined {
  const found = ofJson(type, value);
  // Writers cut to milliseconds; not all of them downwards before 1970.
  return typeof found === "bigint" && isTimestamp(type)
    ? found - millisecond
    : widened(type, found, value, -1);
}

function upperOf(type: LogicalType, value: unknown): Bound | undefined {
  const found = ofJson(type, value);
  return typeof found === "bigint" && isTimestamp(type)
    ? found + millisecond
    : widened(type, found, value, 1);
}

function ofJson(type: LogicalType, value: unknown): Bound | undefined {
  if (typeof value === "string") {
    if (type === "string") return value;
    if (type === "date") return dayInMicros(value);
    if (type === "timestamp_ntz") return parseTimestamp(value);
    // Without a zone it could be that of the writer's session.
    return type === "timestamp" && /(Z|[+-]\d\d(:?\d\d)?)$/.test(value) ? parseTimestamp(value) : undefined;
  }
  if (typeof value === "boolean") return type === "boolean" ? BigInt(value) : undefined;
  if (typeof value !== "number") return undefined;
  if (type === "float" || type === "double") return finite(value);
  if (isDecimal(type)) return unscaled(value, type.scale);
  return isWhole(type) && Number.isInteger(value) ? BigInt(value) : undefined;
}

/**
 * JSON's numbers are read as doubles, ten times as fast as digit by digit; what a double cannot hold is rounded, so the
 * bound is moved outwards by more than that.
 */
function widened(
  type: LogicalType,
  bound: Bound | undefined,
  value: unknown,
  direction: 1 | -1,
): Bound | undefined {
  if (typeof bound !== "bigint" || typeof value !== "number") {
    // A float's bound may be written as the double next to it.
    return type === "float" && typeof bound === "number"
      ? bound + direction * Math.abs(bound) * 2 ** -22
      : bound;
  }
  const magnitude = bound < 0n ? -bound : bound;
  return magnitude <= 2n ** 49n ? bound : bound + BigInt(direction) * ((magnitude >> 49n) + 1n);
}

/** A double has 15 digits for sure: up to there its shortest text is the one that was written. */
function unscaled(value: number, scale: number): bigint | undefined {
  const exact = parseDecimal(String(value), scale);
  if (exact !== undefined) return exact;
  const shifted = value * 10 ** scale;
  return Number.isFinite(shifted) ? BigInt(Math.round(shifted)) : undefined;
}

function dayInMicros(text: string): bigint | undefined {
  const day = parseDate(text.slice(0, 10));
  return day === undefined ? undefined : day * microsPerDay;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function isTimestamp(type: LogicalType): boolean {
  return type === "timestamp" || type === "timestamp_ntz";
}

function isWhole(type: LogicalType): boolean {
  return type === "byte" || type === "short" || type === "integer" || type === "long";
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function at(values: unknown, path: readonly string[]): unknown {
  let found = values;
  for (const name of path) {
    if (found === null || typeof found !== "object" || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** The column that a path of names means; `undefined`: none that has bounds. */
export function columnNamed(
  fields: readonly Field[],
  names: readonly string[],
  partitions: ReadonlySet<string>,
): BoundColumn | undefined {
  const [name, ...rest] = names;
  const field = fields.find((one) => one.name.toLowerCase() === name?.toLowerCase());
  if (field === undefined) return undefined;
  if (rest.length === 0)
    return isNested(field.type)
      ? undefined
      : { field, path: [physicalName(field)], isPartition: partitions.has(field.name.toLowerCase()) };
  if (!isNested(field.type) || field.type.kind !== "struct") return undefined;
  const inner = columnNamed(field.type.fields, rest, new Set());
  return inner && { ...inner, path: [physicalName(field), ...inner.path] };
}
