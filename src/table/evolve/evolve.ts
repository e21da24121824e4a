import { OneCopyError } from "../../base/index.ts";
import { type Session, ident } from "../../engine/index.ts";
import { pathText } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { type AddedFile, type ReadSet, type TableMeta, readsAll, readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import { statsFromDelta } from "../delta/stats.ts";
import { snapshotOf } from "../read.ts";
import { scan } from "../scan/index.ts";
import type { CommitOutcome, DataFile, Snapshot } from "../snapshot.ts";
import { withWrittenFiles } from "../write/written.ts";
import { type Evolution, type TableChange, evolution } from "./evolution.ts";
import { filesToRewrite, rewritten } from "./rewrite.ts";

/**
 * Changes the schema in one commit. Adding, dropping, ordering, commenting and allowing nulls is about the metadata
 * only; renaming and widening write the files again in the same commit, because no reader but some would follow
 * (FORMATS.md, "Schema change"). Rows that come in meanwhile under the old schema are a conflict where they matter.
 */
export async function evolve(
  table: TableAccess,
  session: Session,
  changes: readonly TableChange[],
): Promise<CommitOutcome> {
  const { store, folder } = table;
  const base = await table.state();
  if (changes.length === 0) return { kind: "already", version: base.version };
  checkWritable(folder, base.protocol, base.metaData);
  const before = metaOf(folder, base, await table.iceberg(base));
  const plan = evolution(before, changes);
  const { adds, removes } = asksFiles(plan)
    ? await newFiles(table, session, await snapshotOf(store, folder, base), before, plan)
    : noFiles;
  return await withWrittenFiles(
    table,
    adds.map(({ path }) => path),
    () =>
      commit(table, base, {
        operation: operationOf(changes),
        parameters: { columns: JSON.stringify(changes.map(({ path }) => pathText(path))) },
        reads: readSet(before, plan),
        evolve: (now) => evolution(now, changes).meta,
        data: removes.length === 0 ? undefined : { adds, removes, deletes: [], changesRows: false },
      }),
  );
}

const noFiles = { adds: [], removes: [] };

/** Most changes need not know the files, of which there may be millions. */
function asksFiles({ rewrites, returning, required }: Evolution): boolean {
  return rewrites.length + returning.length + required.size > 0;
}

async function newFiles(
  table: TableAccess,
  session: Session,
  snapshot: Snapshot,
  before: TableMeta,
  plan: Evolution,
): Promise<{ readonly adds: readonly AddedFile[]; readonly removes: readonly DataFile[] }> {
  await refuseNulls(session, snapshot, before, plan);
  const removes = await filesToRewrite(session, snapshot, plan);
  if (removes.length === 0) return noFiles;
  return {
    adds: await rewritten(session, table, snapshot, removes, before, plan.meta, plan.origin),
    removes,
  };
}

/** Fails with `table.null_in_required`. */
async function refuseNulls(
  session: Session,
  snapshot: Snapshot,
  before: TableMeta,
  { required }: Evolution,
): Promise<void> {
  if (required.size === 0 || snapshot.files.count === 0) return;
  const relation = await scan(session, snapshot);
  for (const id of required) {
    const column = before.schema.fields.find((field) => field.id === id);
    const condition = column === undefined ? "true" : `${ident(column.name)} IS NULL`;
    const [found] = await session.rows<{ rows: number }>(
      `SELECT count(*)::BIGINT AS rows FROM ${relation} WHERE ${condition}`,
    );
    if (found!.rows === 0) continue;
    throw new OneCopyError(
      "table.null_in_required",
      `${found!.rows} rows of ${snapshot.folder} have a null in ${column?.name ?? "the new column"}, so it cannot be required.`,
      { remedy: "Give those rows a value, or delete them, first." },
    );
  }
}

/** What files that came in meanwhile must not have: for a rewrite anything, for a column that is required now a null. */
function readSet(before: TableMeta, { rewrites, returning, required }: Evolution): ReadSet {
  const { schema, partitionColumns } = before;
  const mayHaveNull = (file: DataFile): boolean => {
    const columns = statsFromDelta(file.stats, schema)?.columns;
    return [...required].some((id) => columns?.get(id)?.nulls !== 0);
  };
  const reads =
    rewrites.length + returning.length > 0 ? readsAll : required.size > 0 ? mayHaveNull : readsNothing;
  return { reads, schema, partitionColumns };
}

/** Delta's name of the operation. */
function operationOf(changes: readonly TableChange[]): string {
  const kinds = new Set(changes.map(({ kind }) => kind));
  if (kinds.size !== 1) return "CHANGE COLUMNS";
  const [kind] = kinds;
  if (kind === "add") return "ADD COLUMNS";
  if (kind === "drop") return "DROP COLUMNS";
  return kind === "rename" && changes.length === 1 ? "RENAME COLUMN" : "CHANGE COLUMNS";
}
