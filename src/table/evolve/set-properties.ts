import type { TableAccess } from "../access.ts";
import { type TableMeta, readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import { checkProperties, refuseOwn, withoutOwnStatistics } from "../property.ts";
import { type CommitOutcome, identifyingColumns } from "../snapshot.ts";

/**
 * Sets and takes away table properties. A column that becomes identifying loses its bounds in the newest logs of both
 * formats in the same commit; older versions keep theirs until they expire. Fails with `table.property_unsupported`
 * or `table.column_unknown`.
 */
export async function setProperties(
  table: TableAccess,
  set: Readonly<Record<string, string>>,
  unset: readonly string[],
): Promise<CommitOutcome> {
  const base = await table.state();
  checkWritable(table.folder, base.protocol, base.metaData);
  const { schema, partitionColumns } = metaOf(table.folder, base, await table.iceberg(base));
  checkProperties(schema, set);
  for (const key of unset) refuseOwn(key);
  const changed = { ...set, ...Object.fromEntries(unset.map((key) => [key, ""])) };
  return await commit(table, base, {
    operation: "SET TBLPROPERTIES",
    parameters: { properties: JSON.stringify(changed) },
    reads: { reads: readsNothing, schema, partitionColumns },
    evolve: (before) => ({ ...before, properties: changedProperties(before, set, unset) }),
  });
}

function changedProperties(
  { properties }: TableMeta,
  set: Readonly<Record<string, string>>,
  unset: readonly string[],
): Readonly<Record<string, string>> {
  const gone = new Set(unset);
  const kept = Object.entries(properties).filter(([key]) => !gone.has(key));
  const next = { ...Object.fromEntries(kept), ...set };
  const had = identifyingColumns(properties).size > 0;
  return had && identifyingColumns(next).size === 0 ? withoutOwnStatistics(next) : next;
}
