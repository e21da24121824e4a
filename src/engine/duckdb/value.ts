import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from "@duckdb/node-api";
import type { Value } from "../session.ts";
import { isoDate, isoTimestamp } from "./iso.ts";

/** A value of the engine in plain JavaScript, without rounding; see {@link Session.rows}. */
export function toValue(value: DuckDBValue): Value {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "string":
    case "boolean":
    case "number":
      return value;
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (value instanceof DuckDBDateValue) return infinity(value.days, 2 ** 31 - 1) ?? isoDate(value.days);
  if (value instanceof DuckDBTimestampTZValue) return moment(value.micros, 1_000_000n, "Z");
  if (value instanceof DuckDBTimestampValue) return moment(value.micros, 1_000_000n, "");
  if (value instanceof DuckDBTimestampSecondsValue) return moment(value.seconds, 1n, "");
  if (value instanceof DuckDBTimestampMillisecondsValue) return moment(value.millis, 1000n, "");
  if (value instanceof DuckDBTimestampNanosecondsValue) return moment(value.nanos, 1_000_000_000n, "");
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toValue);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, inner]) => [key, toValue(inner)]));
  if (value instanceof DuckDBMapValue)
    return value.entries.map((entry) => ({ key: toValue(entry.key), value: toValue(entry.value) }));
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) return toValue(value.value);
  return String(value);
}

function moment(ticks: bigint, perSecond: bigint, zone: string): string {
  return infinity(ticks, 2n ** 63n - 1n) ?? isoTimestamp(ticks, perSecond) + zone;
}

function infinity<T extends number | bigint>(value: T, largest: T): string | undefined {
  if (value === largest) return "infinity";
  return value === -largest ? "-infinity" : undefined;
}
