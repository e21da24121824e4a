import type { TableMeta } from "../commit/change.ts";
import type { Layout } from "../parquet/copy.ts";
import { sortColumns } from "../property.ts";

/** How a table wants its new files. */
export function layoutOf({ schema, partitionColumns, properties }: TableMeta): Layout {
  return {
    schema,
    partitionColumns,
    sortBy: sortColumns(properties),
    targetFileBytes: targetFileBytes(properties),
  };
}

export function targetFileBytes(properties: Readonly<Record<string, string>>): number | undefined {
  const target = Number(properties["delta.targetFileSize"]);
  return Number.isSafeInteger(target) && target > 0 ? target : undefined;
}
