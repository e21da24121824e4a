import { parseLossless, stringifyLossless } from "../../base/index.ts";
import type { NewFile } from "../delta/commit-file.ts";
import { type DataFile, identifyingColumns } from "../snapshot.ts";
import { type StatisticsLeaf, isIdentifying, physicalPath, statisticsLeaves } from "../statistics.ts";
import type { TableMeta } from "./change.ts";

/** What has bounds in the logs and may have none any more: leaves of columns that become identifying by a commit. */
export function hiddenLeaves(before: TableMeta, after: TableMeta): readonly StatisticsLeaf[] {
  const [was, now] = [identifyingColumns(before.properties), identifyingColumns(after.properties)];
  const known = new Set(statisticsLeaves(before.schema).map(({ id }) => id));
  return statisticsLeaves(after.schema).filter(
    (leaf) => known.has(leaf.id) && isIdentifying(leaf, now) && !isIdentifying(leaf, was),
  );
}

/** The add actions that take the place of those with such bounds; the files are the same. */
export function* withoutBounds(
  files: Iterable<DataFile>,
  hidden: readonly StatisticsLeaf[],
  leaving: ReadonlySet<string>,
): Iterable<NewFile> {
  for (const file of files) {
    if (leaving.has(file.path) || file.stats === undefined) continue;
    const stats = strippedStats(file.stats, hidden);
    if (stats === undefined) continue;
    yield {
      path: file.path,
      statedPath: file.statedPath,
      sizeBytes: file.sizeBytes,
      stats,
      tags: file.tags,
      partitionValues: file.partitionValues,
      modifiedMs: file.modifiedMs,
      deletionVector: file.deletionVector,
    };
  }
}

/** `undefined`: there was nothing to take away. Statistics that cannot be read go as a whole. */
function strippedStats(text: string, hidden: readonly StatisticsLeaf[]): string | undefined {
  let stats: Record<string, unknown>;
  try {
    stats = parseLossless(text) as Record<string, unknown>;
  } catch {
    return "{}";
  }
  let found = false;
  for (const side of ["minValues", "maxValues"])
    for (const leaf of hidden) if (remove(stats[side], physicalPath(leaf))) found = true;
  return found ? stringifyLossless(stats) : undefined;
}

function remove(tree: unknown, [name, ...rest]: readonly string[]): boolean {
  if (typeof tree !== "object" || tree === null || name === undefined || !Object.hasOwn(tree, name))
    return false;
  const inner = tree as Record<string, unknown>;
  if (rest.length > 0) return remove(inner[name], rest);
  delete inner[name];
  return true;
}
