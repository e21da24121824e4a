import type { Comparison, Constant, Filter } from "../../engine/index.ts";
import { type LogicalType, type Schema, isDecimal } from "../../schema/index.ts";
import { compareKeys } from "../../storage/index.ts";
import { parseDate, parseTimestamp } from "../statistics.ts";
import { type Bound, type BoundColumn, type Bounds, type FileBounds, columnNamed } from "./bounds.ts";

/** A filter that is bound to a table's columns. */
export interface Condition {
  /** `false`: no row of a file with these bounds matches. */
  readonly mayMatch: (bounds: FileBounds) => boolean;
  /** Something in it is about a column that is no partition column. */
  readonly needsStats: boolean;
}

const always: Condition = { mayMatch: () => true, needsStats: false };

export function compile(filter: Filter, schema: Schema, partitionColumns: readonly string[]): Condition {
  const partitions = new Set(partitionColumns.map((name) => name.toLowerCase()));
  const on = (path: readonly string[], test: (column: BoundColumn) => Test | undefined): Condition => {
    const column = columnNamed(schema.fields, path, partitions);
    const found = column && test(column);
    return column === undefined || found === undefined
      ? always
      : { mayMatch: (bounds) => found(bounds(column)), needsStats: !column.isPartition };
  };
  const bind = (one: Filter): Condition => {
    switch (one.kind) {
      case "and":
      case "or": {
        const parts = one.of.map(bind);
        const needsStats = parts.some((part) => part.needsStats);
        return one.kind === "and"
          ? { mayMatch: (bounds) => parts.every(({ mayMatch }) => mayMatch(bounds)), needsStats }
          : { mayMatch: (bounds) => parts.some(({ mayMatch }) => mayMatch(bounds)), needsStats };
      }
      case "compare":
        return on(one.column, ({ field }) => comparison(field.type, one.operator, one.value));
      case "prefix":
        return on(one.column, ({ field }) => (field.type === "string" ? startsWith(one.text) : undefined));
      case "is-null":
        return on(one.column, () => (bounds) => bounds.noNulls !== true);
      case "is-not-null":
        return on(one.column, () => (bounds) => bounds.onlyNulls !== true);
      case "unknown":
        return always;
      case "never":
        return { mayMatch: () => false, needsStats: false };
    }
  };
  return bind(filter);
}

type Test = (bounds: Bounds) => boolean;

/** The constant lies between both, in the words of the column's bounds. */
interface Interval {
  readonly low: Bound;
  readonly high: Bound;
  /** The bounds of the column, to be compared with the interval; by default as they are. */
  readonly of?: (bound: Bound) => Bound;
}

function comparison(type: LogicalType, operator: Comparison, constant: Constant): Test | undefined {
  const interval = intervalOf(type, constant);
  if (interval === undefined) return undefined;
  const { low, high, of = (bound: Bound) => bound } = interval;
  return (bounds) => {
    if (bounds.onlyNulls === true) return false;
    const lower = bounds.lower === undefined ? undefined : of(bounds.lower);
    const upper = bounds.upper === undefined ? undefined : of(bounds.upper);
    switch (operator) {
      case "=":
        return !isBelow(bounds, upper, low) && !(lower !== undefined && compare(lower, high) > 0);
      case "<>":
        return !(
          lower !== undefined &&
          upper !== undefined &&
          compare(low, high) === 0 &&
          compare(lower, low) === 0 &&
          compare(upper, low) === 0 &&
          bounds.upperIsPrefix !== true &&
          bounds.mayHaveNaN !== true
        );
      case "<":
        return lower === undefined || compare(lower, high) < 0;
      case "<=":
        return lower === undefined || compare(lower, high) <= 0;
      // The engine's order has NaN above all.
      case ">":
        return bounds.mayHaveNaN === true || upper === undefined || endsAfter(bounds, upper, low);
      case ">=":
        return bounds.mayHaveNaN === true || !isBelow(bounds, upper, low);
    }
  };
}

/** All values up to `upper` are below `value`. */
function isBelow(bounds: Bounds, upper: Bound | undefined, value: Bound): boolean {
  if (upper === undefined || compare(upper, value) >= 0) return false;
  return !(bounds.upperIsPrefix === true && (value as string).startsWith(upper as string));
}

function endsAfter(bounds: Bounds, upper: Bound, value: Bound): boolean {
  return compare(upper, value) > 0 || (bounds.upperIsPrefix === true && !isBelow(bounds, upper, value));
}

function startsWith(text: string): Test {
  return (bounds) => {
    if (bounds.onlyNulls === true) return false;
    if (isBelow(bounds, bounds.upper, text)) return false;
    const lower = bounds.lower as string | undefined;
    return lower === undefined || compare(lower, text) <= 0 || lower.startsWith(text);
  };
}

function compare(a: Bound, b: Bound): number {
  // Texts by their UTF-8 bytes, as both formats and the engine order them.
  if (typeof a === "string" || typeof b === "string") return compareKeys(String(a), String(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How the engine compares such a column with such a constant; `undefined` where that is not known for sure. */
function intervalOf(type: LogicalType, constant: Constant): Interval | undefined {
  switch (constant.type) {
    case "exact":
      return ofExact(type, constant.digits, constant.scale);
    case "double":
      return ofDouble(type, constant.value);
    case "boolean":
      return type === "boolean" ? point(BigInt(constant.value)) : undefined;
    case "text":
      if (type === "string") return point(constant.text);
      if (type === "date") return moment(dateMicros(constant.text));
      return type === "timestamp" || type === "timestamp_ntz" ? moment(micros(constant.text)) : undefined;
    case "date":
      return type === "date" || type === "timestamp" || type === "timestamp_ntz"
        ? moment(dateMicros(constant.text))
        : undefined;
    case "timestamp":
      return type === "date" || type === "timestamp" || type === "timestamp_ntz"
        ? moment(/(Z|[+-]\d\d(:?\d\d)?)$/.test(constant.text.slice(10)) ? undefined : micros(constant.text))
        : undefined;
    case "timestamptz":
      // Sessions are in UTC: a text without a zone is meant so.
      return type === "timestamp" ? moment(micros(constant.text)) : undefined;
  }
}

function ofExact(type: LogicalType, digits: bigint, scale: number): Interval | undefined {
  const columnScale = scaleOf(type);
  if (columnScale !== undefined) {
    const common = Math.max(scale, columnScale);
    const value = digits * 10n ** BigInt(common - scale);
    const factor = 10n ** BigInt(common - columnScale);
    return { low: value, high: value, of: (bound) => (bound as bigint) * factor };
  }
  return type === "float" || type === "double" ? near(Number(digits) / 10 ** scale, type) : undefined;
}

/** The engine casts whole numbers and decimals to double, too. */
function ofDouble(type: LogicalType, value: number): Interval | undefined {
  const scale = scaleOf(type);
  if (scale !== undefined) return { ...near(value, "double"), of: (bound) => Number(bound) / 10 ** scale };
  return type === "float" || type === "double" ? near(value, type) : undefined;
}

/** Casts to a floating point type round: by less than this. */
function near(value: number, type: "float" | "double"): Interval {
  const tolerance = Math.abs(value) * (type === "float" ? 2 ** -22 : 2 ** -49);
  return { low: value - tolerance, high: value + tolerance };
}

function scaleOf(type: LogicalType): number | undefined {
  if (isDecimal(type)) return type.scale;
  return type === "byte" || type === "short" || type === "integer" || type === "long" ? 0 : undefined;
}

function dateMicros(text: string): bigint | undefined {
  const day = parseDate(text);
  return day === undefined ? undefined : day * 86_400_000_000n;
}

function micros(text: string): bigint | undefined {
  return dateMicros(text) ?? (/\.\d{7}/.test(text) ? undefined : parseTimestamp(text));
}

function point(value: Bound): Interval {
  return { low: value, high: value };
}

function moment(value: bigint | undefined): Interval | undefined {
  return value === undefined ? undefined : point(value);
}
