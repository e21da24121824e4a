import type { Schema } from "../../schema/index.ts";
import {
  type FileStatistics,
  type StatisticsLeaf,
  hasBounds,
  isIdentifying,
  statisticsLeaves,
} from "../statistics.ts";
import { boundToIceberg } from "./bound.ts";
import { type DataFileRecord, type IntMap, contentData } from "./manifest.ts";
import type { PartitionRecord } from "./partition.ts";

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
  const leaves = statisticsLeaves(schema);
  const counts = (value: (leaf: StatisticsLeaf) => number | undefined): IntMap<bigint> =>
    leaves.flatMap((leaf) => {
      const count = value(leaf);
      return count === undefined ? [] : [{ key: leaf.id, value: BigInt(count) }];
    });
  const bounds = (side: "lower" | "upper"): IntMap<Uint8Array> =>
    leaves.flatMap((leaf) => {
      if (isIdentifying(leaf, identifying) || !hasBounds(leaf.type)) return [];
      const value = boundToIceberg(leaf.type, statistics.columns.get(leaf.id)?.[side], side);
      return value === undefined ? [] : [{ key: leaf.id, value }];
    });
  return {
    content: contentData,
    file_path: location,
    file_format: "PARQUET",
    partition: {},
    record_count: BigInt(statistics.rows),
    file_size_in_bytes: BigInt(sizeBytes),
    value_counts: counts(({ id }) => (statistics.columns.has(id) ? statistics.rows : undefined)),
    null_value_counts: counts(({ id }) => statistics.columns.get(id)?.nulls),
    lower_bounds: bounds("lower"),
    upper_bounds: bounds("upper"),
    sort_order_id: 0,
  };
}

/** Spec v2, "Position Delete Files": content 1; one such file is about one data file, and names it. */
export function positionDeleteRecord(
  file: { readonly path: string; readonly sizeBytes: number; readonly rows: number },
  location: (path: string) => string,
  about: string,
  partition: PartitionRecord,
): DataFileRecord {
  return {
    content: 1,
    file_path: location(file.path),
    file_format: "PARQUET",
    partition,
    record_count: BigInt(file.rows),
    file_size_in_bytes: BigInt(file.sizeBytes),
    referenced_data_file: location(about),
  };
}
