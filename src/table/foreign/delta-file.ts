import { type LogicalType, type Schema, fieldNamed, isDecimal, physicalName } from "../../schema/index.ts";
import type { NewFile } from "../delta/commit-file.ts";
import { statsToDelta } from "../delta/stats.ts";
import type { DataFileRecord, IntMap } from "../iceberg/manifest.ts";
import { type PartitionSpec, avroName } from "../iceberg/partition.ts";
import { scalarFromBytes } from "../iceberg/read/value.ts";
import type { TableMeta } from "../commit/change.ts";
import { identifyingColumns } from "../snapshot.ts";
import {
  type Bound,
  type ColumnStatistics,
  type FileStatistics,
  formatDecimal,
  hasBounds,
  isIdentifying,
  statisticsLeaves,
} from "../statistics.ts";
import { noEqual } from "./refuse.ts";

/** The add action of a data file that an Iceberg writer committed. `path`: in the table's folder, or outside. */
export function addOf(
  file: DataFileRecord,
  path: string,
  spec: PartitionSpec,
  meta: TableMeta,
  nowMs: number,
): NewFile {
  refuseBounds(file, meta);
  return {
    path,
    sizeBytes: Number(file.file_size_in_bytes),
    stats: statsToDelta(statisticsOf(file, meta.schema), meta.schema, identifyingColumns(meta.properties)),
    tags: {},
    partitionValues: partitionValuesOf(file, spec, meta),
    modifiedMs: nowMs,
  };
}

/** A person's value may not live on in manifests, which are kept as they are. */
function refuseBounds(file: DataFileRecord, { schema, properties }: TableMeta): void {
  const identifying = identifyingColumns(properties);
  if (identifying.size === 0) return;
  const bounded = new Set([...(file.lower_bounds ?? []), ...(file.upper_bounds ?? [])].map(({ key }) => key));
  const leaf = statisticsLeaves(schema).find((one) => bounded.has(one.id) && isIdentifying(one, identifying));
  if (leaf === undefined) return;
  const name = leaf.path.map((field) => field.name).join(".");
  throw noEqual(
    `The manifest of ${file.file_path} holds values of the identifying column ${name} as its bounds.`,
    `Have the engine obey the table's property write.metadata.metrics.column.${name}=counts, or write with one that does.`,
  );
}

function statisticsOf(file: DataFileRecord, schema: Schema): FileStatistics {
  const nulls = asMap(file.null_value_counts);
  const nans = asMap(file.nan_value_counts);
  const [lower, upper] = [asMap(file.lower_bounds), asMap(file.upper_bounds)];
  const columns = new Map<number, ColumnStatistics>();
  for (const { id, type } of statisticsLeaves(schema)) {
    const count = nulls.get(id);
    // Iceberg's bounds leave NaN out, which SQL puts above all numbers.
    const isCertain = (type !== "float" && type !== "double") || nans.get(id) === 0n;
    const bound = (bytes: Uint8Array | undefined): Bound | undefined =>
      isCertain && hasBounds(type) ? boundFrom(type, bytes) : undefined;
    columns.set(id, {
      nulls: count === undefined ? undefined : Number(count),
      lower: signedZero(bound(lower.get(id)), -0),
      upper: signedZero(bound(upper.get(id)), 0),
    });
  }
  return { rows: Number(file.record_count), columns };
}

/** Writers do not agree on which zero is less. */
function signedZero(bound: Bound | undefined, zero: number): Bound | undefined {
  return bound === 0 ? zero : bound;
}

function asMap<V>(values: IntMap<V> | null | undefined): ReadonlyMap<number, V> {
  return new Map((values ?? []).map(({ key, value }) => [key, value]));
}

/** Names of the types in Iceberg whose bounds are read. */
const icebergNames: Readonly<Record<string, string>> = {
  byte: "int",
  short: "int",
  integer: "int",
  timestamp: "timestamptz",
  timestamp_ntz: "timestamp",
};

function boundFrom(type: LogicalType, bytes: Uint8Array | undefined): Bound | undefined {
  if (bytes === undefined) return undefined;
  const name = isDecimal(type) ? "decimal" : (icebergNames[String(type)] ?? String(type));
  const value = scalarFromBytes({ kind: "primitive", name, precision: 0, scale: 0 }, bytes);
  return typeof value === "boolean" || value instanceof Uint8Array ? undefined : value;
}

/** Delta protocol, "Partition Value Serialization", of the table's partition columns. */
function partitionValuesOf(
  file: DataFileRecord,
  spec: PartitionSpec,
  { schema, partitionColumns }: TableMeta,
): Record<string, string | null> {
  return Object.fromEntries(
    partitionColumns.map((column) => {
      const field = fieldNamed(schema, column)!;
      const part = spec.fields.find((one) => one["source-id"] === field.id && one.transform === "identity");
      if (part === undefined)
        throw noEqual(
          `The file ${file.file_path} is not kept apart by ${column}, by which the table is partitioned in Delta.`,
          "Write it with the table's default partition spec.",
        );
      const value = file.partition[avroName(part.name)] ?? null;
      const text = value === null ? null : textOf(field.type, value);
      if (text === undefined || text === "")
        throw noEqual(
          `The partition value of ${column} in ${file.file_path} has no form in Delta, or is an empty text, which Delta's readers take for null.`,
          "Write null or another value, or partition the table by another column.",
        );
      return [physicalName(field), text];
    }),
  );
}

const dayMs = 86_400_000;

function textOf(type: LogicalType, value: unknown): string | undefined {
  if (isDecimal(type))
    return value instanceof Uint8Array
      ? formatDecimal(boundFrom(type, value) as bigint, type.scale)
      : undefined;
  switch (type) {
    case "string":
    case "boolean":
    case "byte":
    case "short":
    case "integer":
    case "long":
      return String(value);
    case "date":
      return new Date(Number(value) * dayMs).toISOString().slice(0, 10);
    case "timestamp":
    case "timestamp_ntz": {
      const micros = BigInt(value as bigint);
      const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
      const seconds = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, 19);
      const text = `${seconds}.${String(rest).padStart(6, "0")}`;
      return type === "timestamp" ? `${text}Z` : text.replace("T", " ");
    }
    default:
      return undefined;
  }
}
