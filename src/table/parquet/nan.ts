import { type Session, textList } from "../../engine/index.ts";
import type { Schema } from "../../schema/index.ts";
import { physicalPath, statisticsLeaves } from "../statistics.ts";
import type { CopiedFile } from "./statistics.ts";
import { rowGroupRows } from "./write-files.ts";

/**
 * The ids of the float and double fields that hold a NaN, by file name: of files with several row groups, where the
 * engine's `has_nan` is about the last one only. A footer says it without the data: the engine leaves out the bounds
 * of a row group with a NaN, and never else where there is a value.
 */
export async function columnsWithNaN(
  session: Session,
  schema: Schema,
  files: readonly CopiedFile[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const leaves = statisticsLeaves(schema).filter(({ type }) => type === "float" || type === "double");
  const unsure = files.filter(({ count }) => count > rowGroupRows);
  const found = new Map<string, Set<number>>();
  if (leaves.length === 0 || unsure.length === 0) return found;
  // Two fields whose paths look the same are both taken to have one.
  const idsOf = (path: string): number[] =>
    leaves.flatMap((leaf) => (physicalPath(leaf).join(", ") === path ? [leaf.id] : []));
  const paths = unsure.map(({ filename }) => filename.replaceAll(/[[*?]/g, "[$&]"));
  const rows = await session.rows<{ file_name: string; path_in_schema: string }>(
    `SELECT DISTINCT file_name, path_in_schema FROM parquet_metadata(${textList(paths)})
     WHERE type IN ('FLOAT', 'DOUBLE') AND stats_min_value IS NULL AND num_values > stats_null_count`,
  );
  for (const { file_name, path_in_schema } of rows)
    found.set(file_name, new Set([...(found.get(file_name) ?? []), ...idsOf(path_in_schema)]));
  return found;
}
