import { OneCopyError } from "../../base/index.ts";
import { type Session, ident } from "../../engine/index.ts";
import { type Field, type Schema, fieldNamed, isNested, typeToEngine } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import type { Actions } from "../delta/action.ts";
import { readCommits } from "../delta/read-commits.ts";
import { type LogState, replay } from "../delta/replay.ts";
import { type Elsewhere, elsewhere } from "../elsewhere.ts";
import { convertedRows } from "../evolve/converted.ts";
import { decodePath } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { scan } from "../scan/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { changesGone } from "./gone.ts";

export interface ChangesRequest {
  /** Changes after this version (-1: from version 0 on, which of a clone has rows) … */
  readonly from: number;
  /** … up to this one, included; default: the newest. */
  readonly to?: number;
  /**
   * Columns that tell rows apart. A row that went and one that came with the same key are an update. Default: what a
   * merge was matched by; without a key, the columns that an update did not set.
   */
  readonly key?: readonly string[];
}

/**
 * What happened to rows between two versions, as a relation to be put after FROM: the table's columns, and as Delta's
 * change data feed names them `_change_type` (`insert`, `delete`, `update_preimage`, `update_postimage`),
 * `_commit_version` (BIGINT), `_commit_timestamp` (TIMESTAMPTZ). Told from the files that came and went, so whoever
 * wrote, by copy-on-write or deletion vectors: a row that was only copied is no change. The columns are those of `to`,
 * by their ids: null where a version did not have them yet, also under another id. Fails with `table.version_not_found`,
 * with `table.changes_gone` when a version in between cannot be read any more, and with `table.column_reserved` for a
 * table that has one of those columns itself.
 */
export async function changes(
  table: TableAccess,
  session: Session,
  { from, to, key }: ChangesRequest,
): Promise<string> {
  const { store, folder } = table;
  const newest = to === undefined ? await table.state() : await table.stateAt(to);
  refuseRange(folder, from, newest.version);
  const { schema } = await snapshotOf(store, folder, newest);
  refuseReserved(folder, schema);
  const keyNames = key === undefined ? undefined : namesOf(folder, schema, key);
  const parts: string[] = [];
  if (from < newest.version) {
    let before = from < 0 ? undefined : await stateAt(table, from);
    for (const { version, actions } of await commitsBetween(table, from, newest.version)) {
      const after = version === newest.version ? newest : await stateAt(table, version, before);
      const change = await changeOf(table, session, { before, after, actions, schema, key: keyNames });
      if (change !== undefined) parts.push(change);
      before = after;
    }
  }
  return `(${parts.length === 0 ? noChanges(schema) : parts.join(" UNION ALL ")})`;
}

/** Not an empty answer: who asks for changes after a version that there is not has lost track. */
function refuseRange(folder: string, from: number, to: number): void {
  if (Number.isSafeInteger(from) && from >= -1 && from <= to) return;
  throw new OneCopyError(
    "table.version_not_found",
    `The changes of ${folder} after version ${from} and up to ${to} were asked for: there are none.`,
    { remedy: `\`from\` is a version from 0 to ${to}, or -1 for all that there was.` },
  );
}

const columnsOfFeed = ["_change_type", "_commit_version", "_commit_timestamp"];

function refuseReserved(folder: string, schema: Schema): void {
  const name = columnsOfFeed.find((one) => fieldNamed(schema, one) !== undefined);
  if (name === undefined) return;
  throw new OneCopyError(
    "table.column_reserved",
    `${folder} has a column ${name}, which is what changes call their own.`,
    { remedy: "Rename the column to read the table's changes." },
  );
}

/** Of `base`, the version before, only what came after it is read. */
async function stateAt(table: TableAccess, version: number, base?: LogState): Promise<LogState> {
  const { store, folder } = table;
  try {
    const after = base === undefined ? undefined : await replay(store, folder, version, base);
    return after ?? (await table.stateAt(version));
  } catch (cause) {
    throw changesGone(folder, version, cause);
  }
}

async function commitsBetween({ store, folder }: TableAccess, from: number, to: number) {
  try {
    return await readCommits(store, folder, from + 1, to);
  } catch (cause) {
    throw changesGone(folder, from + 1, cause);
  }
}

interface Step {
  /** `undefined`: before version 0. */
  readonly before: LogState | undefined;
  readonly after: LogState;
  readonly actions: Actions;
  readonly schema: Schema;
  readonly key: readonly string[] | undefined;
}

/** The changes of one commit; `undefined` when it changed no rows. */
async function changeOf(
  { store, folder }: TableAccess,
  session: Session,
  { before, after, actions, schema, key }: Step,
): Promise<string | undefined> {
  // Delta protocol, `dataChange`: what was only arranged anew is not read again to find that out.
  if ([...actions.adds, ...actions.removes].every(({ dataChange }) => !dataChange)) return undefined;
  const now = await snapshotOf(store, folder, after);
  const old = before && (await snapshotOf(store, folder, before));
  const outside = elsewhere(store, now.properties);
  const left = old === undefined ? [] : filesOf(old, actions.removes, outside);
  const came = filesOf(now, actions.adds, outside);
  const stamp = (type: string): string =>
    `${type} AS _change_type, ${after.version}::BIGINT AS _commit_version, make_timestamptz(${after.timestampMs * 1000}) AS _commit_timestamp`;
  const shown = (rows: string): string => `(${inForm(rows, now, schema)})`;
  const come = came.length === 0 ? undefined : await scan(session, now, { files: came });
  if (old === undefined || left.length === 0)
    return come === undefined ? undefined : `SELECT *, ${stamp("'insert'")} FROM ${shown(come)}`;
  const gone = `(${inForm(await scan(session, old, { files: left }), old, now.schema)})`;
  if (come === undefined) return `SELECT *, ${stamp("'delete'")} FROM ${shown(gone)}`;
  // Compared as they were then: a column that was dropped since made a difference.
  const deleted = shown(`(SELECT * FROM ${gone} EXCEPT ALL SELECT * FROM ${come})`);
  const inserted = shown(`(SELECT * FROM ${come} EXCEPT ALL SELECT * FROM ${gone})`);
  const pairedBy = key ?? keyOfCommit(now.schema, schema, actions);
  if (pairedBy === undefined)
    return `SELECT *, ${stamp("'delete'")} FROM ${deleted} UNION ALL SELECT *, ${stamp("'insert'")} FROM ${inserted}`;
  return paired(deleted, inserted, pairedBy, stamp);
}

/** Rows of a version in the form of another schema. Ids tell which column is which, where the log states them; else names. */
function inForm(rows: string, { schema: then, hasFieldIds }: Snapshot, wanted: Schema): string {
  if (hasFieldIds) return convertedRows(rows, then, wanted, new Map());
  const columns = wanted.fields.map(({ name, type }) => {
    const value = fieldNamed(then, name) === undefined ? "NULL" : ident(name);
    return `CAST(${value} AS ${typeToEngine(type)}) AS ${ident(name)}`;
  });
  return `SELECT ${columns.join(", ")} FROM ${rows}`;
}

/** Rows that went and came with one key, in the same number of the key's rows, are pairs. */
function paired(
  deleted: string,
  inserted: string,
  key: readonly string[],
  stamp: (type: string) => string,
): string {
  const columns = key.map(ident).join(", ");
  const numbered = (rows: string): string =>
    `(SELECT *, row_number() OVER (PARTITION BY ${columns}) AS "__nth" FROM ${rows})`;
  const same = [...key.map(ident), `"__nth"`]
    .map((name) => `a.${name} IS NOT DISTINCT FROM b.${name}`)
    .join(" AND ");
  const side = (rows: string, others: string, paired: string, alone: string): string =>
    `SELECT a.* EXCLUDE ("__nth"), ${stamp(`CASE WHEN b."__nth" IS NULL THEN '${alone}' ELSE '${paired}' END`)}
     FROM ${numbered(rows)} AS a LEFT JOIN (SELECT ${columns}, "__nth" FROM ${numbered(others)}) AS b ON ${same}`;
  return `${side(deleted, inserted, "update_preimage", "delete")} UNION ALL ${side(inserted, deleted, "update_postimage", "insert")}`;
}

/** What OneCopy's own commits say, in the names of then: the key of a merge, and of an update the columns that it did not set. */
function keyOfCommit(then: Schema, wanted: Schema, { commitInfo }: Actions): readonly string[] | undefined {
  const { operation, operationParameters: parameters } = commitInfo ?? {};
  const nameNow = ({ id }: Field): string | undefined => wanted.fields.find((field) => field.id === id)?.name;
  if (operation === "MERGE") {
    const names = listed(then, parameters?.["matchedBy"])?.map(nameNow);
    return names?.every((name) => name !== undefined) === true ? names : undefined;
  }
  const set = operation === "UPDATE" ? listed(then, parameters?.["columns"]) : undefined;
  if (set === undefined) return undefined;
  const others = then.fields.filter((field) => !set.includes(field) && !isNested(field.type));
  const names = others.flatMap((field) => nameNow(field) ?? []);
  return names.length === 0 ? undefined : names;
}

function listed(schema: Schema, text: unknown): readonly Field[] | undefined {
  try {
    const names: unknown = JSON.parse(String(text));
    if (!Array.isArray(names)) return undefined;
    const fields = names.map((name) => fieldNamed(schema, String(name)));
    return fields.every((field) => field !== undefined) && fields.length > 0 ? fields : undefined;
  } catch {
    return undefined;
  }
}

function namesOf(folder: string, schema: Schema, key: readonly string[]): readonly string[] {
  return key.map((name) => {
    const field = fieldNamed(schema, name);
    if (field === undefined)
      throw new OneCopyError(
        "table.column_unknown",
        `${folder} has no column ${name} to tell rows apart by.`,
        {
          remedy: `The columns are: ${schema.fields.map((one) => one.name).join(", ")}.`,
        },
      );
    return field.name;
  });
}

/** Files of actions that change rows; a compaction's do not. */
function filesOf(
  { files }: Snapshot,
  actions: readonly { readonly path: string; readonly dataChange: boolean }[],
  outside: Elsewhere,
): DataFile[] {
  return actions.flatMap(({ path, dataChange }) =>
    dataChange ? (files.get(decodePath(path, outside)) ?? []) : [],
  );
}

function noChanges({ fields }: Schema): string {
  const columns = fields.map(({ name, type }) => `CAST(NULL AS ${typeToEngine(type)}) AS ${ident(name)}`);
  return `SELECT ${columns.join(", ")}, NULL::VARCHAR AS _change_type, NULL::BIGINT AS _commit_version, NULL::TIMESTAMPTZ AS _commit_timestamp WHERE false`;
}
