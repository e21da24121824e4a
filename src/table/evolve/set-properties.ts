import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import { type AddedFile, type TableMeta, readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import { propertyCompat, propertyDeletionVectors } from "../delta/protocol.ts";
import type { LogState } from "../delta/replay.ts";
import { checkProperties, refuseOwn, withoutOwnStatistics } from "../property.ts";
import { snapshotOf } from "../read.ts";
import { type CommitOutcome, type DataFile, identifyingColumns } from "../snapshot.ts";
import { withWrittenFiles } from "../write/written.ts";
import { refuseTooLarge, rewritten } from "./rewrite.ts";

/**
 * Sets and takes away table properties. When deletion vectors are switched off, the files that have some are written
 * anew, and the protocol stays lifted: older versions need it. A column that becomes identifying loses its bounds in the newest logs of both formats in the same commit; older
 * versions keep theirs until they expire. Fails with `table.property_unsupported`, `table.column_unknown` or
 * `table.rewrite_too_large`.
 */
export async function setProperties(
  table: TableAccess,
  session: Session,
  set: Readonly<Record<string, string>>,
  unset: readonly string[],
): Promise<CommitOutcome> {
  const base = await table.state();
  checkWritable(table.folder, base.protocol, base.metaData);
  const before = metaOf(table.folder, base, await table.iceberg(base));
  const { schema, partitionColumns } = before;
  checkProperties(schema, set);
  for (const key of unset) refuseOwn(key);
  const changed = { ...set, ...Object.fromEntries(unset.map((key) => [key, ""])) };
  const evolve = (now: TableMeta): TableMeta => ({ ...now, properties: changedProperties(now, set, unset) });
  const after = evolve(before);
  refuseVectorsWithCompat(table.folder, after);
  const { adds, removes } = await withoutVectors(table, session, base, before, after);
  return await withWrittenFiles(
    table,
    adds.map(({ path }) => path),
    () =>
      commit(table, base, {
        operation: "SET TBLPROPERTIES",
        parameters: { properties: JSON.stringify(changed) },
        reads: { reads: isOff(before, after) ? hasVector : readsNothing, schema, partitionColumns },
        evolve,
        data: removes.length === 0 ? undefined : { adds, removes, deletes: [], changesRows: false },
      }),
  );
}

/** Delta protocol, "Iceberg Compatibility V2": Spark sets it, and a table with both is refused by its writers. */
function refuseVectorsWithCompat(folder: string, { properties }: TableMeta): void {
  if (properties[propertyDeletionVectors] !== "true" || properties[propertyCompat] !== "true") return;
  throw new OneCopyError(
    "table.property_unsupported",
    `${folder} has ${propertyCompat}, with which Delta allows no deletion vectors.`,
    { remedy: "Leave them off: rows are deleted by copy-on-write." },
  );
}

/** The files with deletion vectors, written anew without them, when the table goes back to copy-on-write. */
async function withoutVectors(
  table: TableAccess,
  session: Session,
  base: LogState,
  before: TableMeta,
  after: TableMeta,
): Promise<{ readonly adds: readonly AddedFile[]; readonly removes: readonly DataFile[] }> {
  if (!isOff(before, after)) return { adds: [], removes: [] };
  const snapshot = await snapshotOf(table.store, table.folder, base);
  const removes = [...snapshot.files].filter(hasVector);
  refuseTooLarge(table.folder, after.properties, removes, "deletion vectors are switched off");
  const same = new Map<number, number>();
  const adds =
    removes.length === 0 ? [] : await rewritten(session, table, snapshot, removes, before, after, same);
  return { adds, removes };
}

/** Whether deletion vectors are switched off. */
function isOff(before: TableMeta, after: TableMeta): boolean {
  const isOn = ({ properties }: TableMeta): boolean => properties[propertyDeletionVectors] === "true";
  return isOn(before) && !isOn(after);
}

/** Rows of such a file that others delete meanwhile would stay deleted by a vector. */
function hasVector({ deletionVector }: DataFile): boolean {
  return deletionVector !== undefined;
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
