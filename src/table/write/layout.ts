import type { TableMeta } from "../commit/change.ts";
import type { Layout } from "../parquet/copy.ts";
import { sortColumns } from "../property.ts";

/** How a table wants its new files. */
export function layoutOf({ schema, partitionColumns, properties }: TableMeta): Layout {
  const target = Number(properties["delta.targetFileSize"]);
  return {
    schema,
    partitionColumns,
    sortBy: sortColumns(properties),
    targetFileBytes: Number.isSafeInteger(target) && target > 0 ? target : undefined,
  };
}
