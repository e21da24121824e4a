import type { Schema } from "../schema/index.ts";
import type { Actions } from "./delta/action.ts";
import { dataFile } from "./delta/replay.ts";
import { schemaFromDelta } from "./delta/schema.ts";
import { decodePath } from "./path.ts";
import type { DataFile } from "./snapshot.ts";

/** What a commit has read of the version it started from, and so may not have changed meanwhile. */
export interface ReadSet {
  /** Files that leave. */
  readonly removes: ReadonlySet<string>;
  /** Whether a file that came in meanwhile should have been read: all of them for an overwrite. */
  readonly wouldRemove: (file: DataFile) => boolean;
  readonly replacesAll: boolean;
  /** The schema that the new files were written with. */
  readonly schema: Schema;
  readonly changesSchema: boolean;
}

/**
 * Why a commit of somebody else excludes ours; `undefined`: ours is as good after it (Delta's rules for
 * concurrent transactions, level Serializable for what removes files, and appends always go together).
 */
export function conflictWith(table: string, winner: Actions, read: ReadSet): string | undefined {
  if (winner.protocol !== undefined) return "the table's protocol was changed";
  if (winner.metaData !== undefined) {
    if (read.changesSchema || read.replacesAll) return "the table's schema or properties were changed";
    const now = schemaFromDelta(table, winner.metaData.schemaString, winner.metaData.configuration);
    for (const field of read.schema.fields) {
      const still = now.fields.find((one) => one.name === field.name);
      if (JSON.stringify(still?.type) !== JSON.stringify(field.type) || still?.nullable !== field.nullable)
        return `the column ${field.name} was changed or dropped`;
    }
    if (winner.metaData.partitionColumns.length > 0) return "the table was partitioned";
  }
  for (const { path } of winner.removes)
    if (read.replacesAll || read.removes.has(decodePath(path)))
      return "files that this write replaces were removed";
  for (const add of winner.adds)
    if (read.replacesAll || read.wouldRemove(dataFile(add)))
      return "rows were added that this write would have replaced";
  return undefined;
}
