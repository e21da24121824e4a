import { type Schema, physicalName, sameType } from "../../schema/index.ts";
import type { Actions, MetaDataAction } from "../delta/action.ts";
import { isPurge } from "../delta/purged.ts";
import { dataFile } from "../delta/data-file.ts";
import { schemaFromDelta } from "../delta/schema.ts";
import { propertyAppendOnly, propertyDeletionVectors } from "../delta/protocol.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { decodePath } from "../path.ts";
import type { Change, DataChange } from "./change.ts";

/**
 * Why a commit of somebody else excludes ours; `undefined`: ours is as good after it. Delta's rules for concurrent
 * transactions at the level Serializable, decided on files, what was read, and schema: an append goes with
 * everything but a change of the columns that it wrote.
 */
export function conflictWith(
  table: string,
  winner: Actions,
  change: Change,
  outside?: Elsewhere,
): string | undefined {
  const { reads, data, evolve } = change;
  const rewrites = evolve !== undefined || (data?.removes.length ?? 0) + (data?.deletes.length ?? 0) > 0;
  if (isPurge(winner.commitInfo)) return "values were purged from the table";
  if (winner.protocol !== undefined && rewrites) return "the table's protocol was changed";
  if (winner.metaData !== undefined) {
    if (evolve !== undefined) return "the table's schema or properties were changed";
    const reason =
      metaConflict(table, winner.metaData, reads.schema, reads.partitionColumns) ??
      propertyConflict(winner.metaData, data);
    if (reason !== undefined) return reason;
  }
  const touched = new Set([
    ...(data?.removes.map(({ path }) => path) ?? []),
    ...(data?.deletes.map(({ file }) => file.path) ?? []),
  ]);
  for (const { path } of winner.removes)
    if (touched.has(decodePath(path, outside))) return "files that this write replaces were removed";
  for (const add of winner.adds) {
    const file = dataFile(add, outside);
    if (touched.has(file.path)) return "rows of files that this write replaces were deleted";
    if (add.dataChange && reads.reads(file)) return "rows were added that this write would have to look at";
  }
  return undefined;
}

/** What the table's properties now forbid. */
function propertyConflict(
  { configuration }: MetaDataAction,
  data: DataChange | undefined,
): string | undefined {
  const { removes = [], deletes = [], changesRows = false } = data ?? {};
  if (changesRows && removes.length + deletes.length > 0 && configuration[propertyAppendOnly] === "true")
    return "rows of the table may only be added from then on";
  return deletes.length > 0 && configuration[propertyDeletionVectors] !== "true"
    ? "deletion vectors were switched off"
    : undefined;
}

/** Files that were written for one schema and partitioning must be right under the other one. */
function metaConflict(
  table: string,
  winner: MetaDataAction,
  schema: Schema,
  partitionColumns: readonly string[],
): string | undefined {
  const now = schemaFromDelta(table, winner.schemaString, winner.configuration);
  for (const field of schema.fields) {
    const still = now.fields.find((one) => one.name === field.name);
    if (
      still === undefined ||
      // Dropped and added again under the same name and type: readers by id see the old values no more.
      (now.idsAreWritten && still.id !== field.id) ||
      !sameType(still.type, field.type) ||
      still.nullable !== field.nullable ||
      physicalName(still) !== physicalName(field)
    )
      return `the column ${field.name} was changed or dropped`;
  }
  const missing = now.fields.find(
    (field) => !field.nullable && !schema.fields.some(({ name }) => name === field.name),
  );
  if (missing !== undefined) return `the column ${missing.name} was added, and may not be null`;
  return JSON.stringify(winner.partitionColumns) === JSON.stringify(partitionColumns)
    ? undefined
    : "the table was partitioned in another way";
}
