import { JsonNumber, stringifyLossless } from "../../../base/index.ts";
import type { FileEntry } from "./manifest.ts";
import type { Range } from "./partition.ts";
import type { IcebergField, PrimitiveType } from "./type.ts";
import { type Scalar, decimalText, scalarFromBytes } from "./value.ts";

/**
 * What a manifest says about a file's columns, in the form of Delta's statistics (JSON text), by which all tables are
 * pruned: bounds of the top-level columns from the manifest's own, and from the partition where that says more.
 */
export function statsText(
  entry: FileEntry,
  ranges: readonly Range[],
  fields: readonly IcebergField[],
): string {
  const [minValues, maxValues, nullCount]: Record<string, unknown>[] = [{}, {}, {}];
  for (const { id, name, type } of fields) {
    if (type.kind !== "primitive") continue;
    const range = ranges.find(({ sourceId }) => sourceId === id);
    const nulls = range?.isNull === true ? BigInt(entry.rows) : entry.nullCounts.get(id);
    if (nulls !== undefined) nullCount![name] = nulls;
    else if (range !== undefined) nullCount![name] = 0;
    if (isUncertain(entry, id, type)) continue;
    const [lower, upper] = [
      range?.lower ?? bound(type, entry.lowerBounds.get(id)),
      range?.upper ?? bound(type, entry.upperBounds.get(id)),
    ];
    const [min, max] = [json(type, lower), json(type, upper)];
    if (min !== undefined) minValues![name] = min;
    if (max !== undefined) maxValues![name] = max;
  }
  return stringifyLossless({ numRecords: entry.rows, minValues, maxValues, nullCount });
}

/** Iceberg's bounds leave NaN out, which SQL puts above all numbers. */
function isUncertain(entry: FileEntry, id: number, { name }: PrimitiveType): boolean {
  return (name === "float" || name === "double") && entry.nanCounts.get(id) !== 0n;
}

function bound(type: PrimitiveType, bytes: Uint8Array | undefined): Scalar | undefined {
  return bytes === undefined ? undefined : scalarFromBytes(type, bytes);
}

function json(type: PrimitiveType, value: Scalar | undefined): unknown {
  if (value === undefined) return undefined;
  switch (type.name) {
    case "int":
    case "long":
      return value;
    case "float":
    case "double":
      return Number.isFinite(value) ? value : undefined;
    case "decimal":
      return new JsonNumber(decimalText(value as bigint, type.scale));
    case "string":
      return value;
    case "date":
      return isoDay(value as bigint);
    case "timestamp":
    case "timestamptz":
      return isoMoment(value as bigint, type.name === "timestamptz" ? "Z" : "");
    default:
      return undefined;
  }
}

function isoDay(days: bigint): string | undefined {
  const ms = Number(days) * 86_400_000;
  return isPlainYear(ms) ? new Date(ms).toISOString().slice(0, 10) : undefined;
}

function isoMoment(micros: bigint, zone: string): string | undefined {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const ms = Number((micros - rest) / 1000n);
  if (!isPlainYear(ms)) return undefined;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}${zone}`;
}

/** Years 1 to 9999: what ISO 8601 writes with four digits. */
function isPlainYear(ms: number): boolean {
  return ms >= -62_135_596_800_000 && ms < 253_402_300_800_000;
}
