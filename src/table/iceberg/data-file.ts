import type { Schema } from "../../schema/index.ts";
import { type FileStatistics, hasBounds } from "../statistics.ts";
import { boundToIceberg } from "./bound.ts";
import type { DataFileRecord, IntMap } from "./manifest.ts";

/**
 * What a manifest says of a data file (Iceberg spec v2, "Data File Fields"). Identifying columns get counts only;
 * columns with a NaN get neither bounds nor a NaN count (FORMATS.md, "Statistics").
 */
export function dataFileRecord(
  location: string,
  sizeBytes: number,
  statistics: FileStatistics,
  schema: Schema,
  identifying: ReadonlySet<string>,
): DataFileRecord {
  const counts = (value: (name: string) => number | undefined): IntMap<bigint> =>
    schema.fields.flatMap(({ id, name }) => {
      const count = value(name);
      return count === undefined ? [] : [{ key: id, value: BigInt(count) }];
    });
  const bounds = (side: "lower" | "upper"): IntMap<Uint8Array> =>
    schema.fields.flatMap(({ id, name, type }) => {
      if (identifying.has(name.toLowerCase()) || !hasBounds(type)) return [];
      const value = boundToIceberg(type, statistics.columns.get(name)?.[side], side);
      return value === undefined ? [] : [{ key: id, value }];
    });
  return {
    content: 0,
    file_path: location,
    file_format: "PARQUET",
    partition: {},
    record_count: BigInt(statistics.rows),
    file_size_in_bytes: BigInt(sizeBytes),
    value_counts: counts((name) => (statistics.columns.has(name) ? statistics.rows : undefined)),
    null_value_counts: counts((name) => statistics.columns.get(name)?.nulls),
    lower_bounds: bounds("lower"),
    upper_bounds: bounds("upper"),
    sort_order_id: 0,
  };
}
