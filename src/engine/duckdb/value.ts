import {
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { Value } from "../session.ts";

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
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue)
    return isoTimestamp(value.micros);
  if (value instanceof DuckDBListValue) return value.items.map(toValue);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, inner]) => [key, toValue(inner)]));
  if (value instanceof DuckDBMapValue)
    return value.entries.map((entry) => ({ key: toValue(entry.key), value: toValue(entry.value) }));
  return String(value);
}

const INFINITY = 2n ** 63n - 1n;

/** ISO 8601 in UTC; the fraction only when there is one. */
function isoTimestamp(micros: bigint): string {
  if (micros >= INFINITY || micros <= -INFINITY) return micros > 0n ? "infinity" : "-infinity";
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, -5);
  return `${seconds}${fraction === 0n ? "" : `.${String(fraction).padStart(6, "0")}`}Z`;
}
