import type { Filter, Session } from "../../engine/index.ts";
import type { Schema } from "../../schema/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { type Condition, compile } from "./condition.ts";
import { type FileBounds, partitionBounds, statsBounds } from "./bounds.ts";

/** Whether a file may hold a row that matches. Never `false` for one that does. */
export type FileMatcher = (file: DataFile) => boolean;

/**
 * The files of the snapshot in which `where` (SQL over the table's columns, under their bare names) may be true for
 * some row, judged by partition values and statistics; no file is opened. Fails with `engine.query_failed`.
 */
export async function matchingFiles(
  session: Session,
  snapshot: Snapshot,
  where: string,
): Promise<DataFile[]> {
  const matches = await fileMatcher(session, where, snapshot.schema, snapshot.partitionColumns);
  const found: DataFile[] = [];
  for (const file of snapshot.files) if (matches(file)) found.push(file);
  return found;
}

/** As {@link matchingFiles}, file by file, for files of any version with this schema. */
export async function fileMatcher(
  session: Session,
  where: string,
  schema: Schema,
  partitionColumns: readonly string[],
): Promise<FileMatcher> {
  return filterMatcher(await session.parseFilter(where), { schema, partitionColumns });
}

/** As {@link fileMatcher}, of a filter that is parsed. */
export function filterMatcher(
  filter: Filter,
  { schema, partitionColumns }: Pick<Snapshot, "schema" | "partitionColumns">,
): FileMatcher {
  const condition: Condition = compile(filter, schema, partitionColumns);
  return (file) => {
    const partition: FileBounds = partitionBounds(file);
    // Statistics are long texts: they are parsed when the partition did not rule the file out, and if they tell more.
    if (!condition.mayMatch(partition)) return false;
    return (
      !condition.needsStats || file.stats === undefined || condition.mayMatch(statsBounds(file, partition))
    );
  };
}
