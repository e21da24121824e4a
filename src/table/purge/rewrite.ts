import { type Session, ident } from "../../engine/index.ts";
import { type Schema, typeToEngine } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import { isOutside } from "../elsewhere.ts";
import { rewritten } from "../evolve/rewrite.ts";
import { keyIn } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { scan } from "../scan/index.ts";
import type { CommitOutcome, Snapshot } from "../snapshot.ts";
import { refuseAppendOnly } from "../write/rows.ts";
import { withWritten } from "../write/written.ts";
import { type ValueTables, holdsValue, isValue } from "./values.ts";

/** Which rows go. */
export interface PurgedRows {
  readonly columns: readonly string[];
  /** Also rows in which a value stands somewhere in a text. */
  readonly anywhere: boolean;
  readonly tables: ValueTables;
}

export interface RewriteOutcome {
  readonly outcome: CommitOutcome | undefined;
  readonly rows: number;
  readonly files: number;
  /** Of the files that were written. */
  readonly keys: readonly string[];
}

const attempts = 20;
const filesAtOnce = 64;

/**
 * Takes the rows out of the newest version, and writes the files anew that hold a value, whether its row is still in the
 * table or not: `isHolder` tells them by their keys.
 */
export async function removeRows(
  table: TableAccess,
  session: Session,
  purged: PurgedRows,
  isHolder: (key: string) => boolean,
): Promise<RewriteOutcome> {
  for (let attempt = 1; ; attempt++) {
    const result = await tryRemove(table, session, purged, isHolder);
    if (result.outcome?.kind !== "conflict" || attempt >= attempts) return result;
  }
}

async function tryRemove(
  table: TableAccess,
  session: Session,
  purged: PurgedRows,
  isHolder: (key: string) => boolean,
): Promise<RewriteOutcome> {
  const { store, folder } = table;
  const base = await table.state();
  checkWritable(folder, base.protocol, base.metaData);
  const meta = metaOf(folder, base, await table.iceberg(base));
  const snapshot = { ...(await snapshotOf(store, folder, base)), schema: meta.schema };
  const goes = condition(meta.schema, purged);
  const matching = await matchingRows(session, snapshot, purged);
  const touched = [...snapshot.files].filter(
    (file) => !isOutside(file) && (matching.has(file.path) || isHolder(keyIn(folder, file.path))),
  );
  const rows = [...matching.values()].reduce((sum, count) => sum + count, 0);
  if (touched.length === 0) return { outcome: undefined, rows: 0, files: 0, keys: [] };
  refuseAppendOnly(folder, base, touched.length);
  const adds = await rewritten(session, table, snapshot, touched, meta, meta, new Map(), `NOT (${goes})`);
  const keys = adds.map(({ path }) => keyIn(folder, path));
  const outcome = await withWritten(table, keys, () =>
    commit(table, base, {
      operation: "DELETE",
      parameters: {},
      // What comes in meanwhile is looked at afterwards.
      reads: { reads: readsNothing, schema: meta.schema, partitionColumns: meta.partitionColumns },
      data: { adds, removes: touched, deletes: [], changesRows: true },
      provenance: base.commitInfo?.onecopy?.provenance,
    }),
  );
  return { outcome, rows, files: touched.length, keys };
}

/** Never null. */
function condition(schema: Schema, { columns, anywhere, tables }: PurgedRows): string {
  const wanted = new Set(columns.map((name) => name.toLowerCase()));
  const tests = schema.fields.flatMap(({ name, type }) => {
    const engineType = typeToEngine(type);
    const held = anywhere ? holdsValue(ident(name), engineType, tables) : undefined;
    return [
      ...(wanted.has(name.toLowerCase()) ? [isValue(ident(name), engineType, tables)] : []),
      ...(held === undefined ? [] : [held]),
    ];
  });
  return tests.length === 0 ? "false" : tests.join(" OR ");
}

/** By the paths of files that have some: how many rows are to go. Files outside the lake are not looked at. */
export async function matchingRows(
  session: Session,
  snapshot: Snapshot,
  purged: PurgedRows,
): Promise<ReadonlyMap<string, number>> {
  const goes = condition(snapshot.schema, purged);
  const found = new Map<string, number>();
  const files = [...snapshot.files].filter((file) => !isOutside(file));
  for (let i = 0; i < files.length; i += filesAtOnce) {
    const relation = await scan(session, snapshot, {
      files: files.slice(i, i + filesAtOnce),
      positions: true,
    });
    const rows = await session.rows<{ file: string; rows: number }>(
      `SELECT "__file" AS file, count(*) AS rows FROM ${relation} WHERE ${goes} GROUP BY ALL`,
    );
    for (const { file, rows: count } of rows) found.set(file, count);
  }
  return found;
}
