import { OneCopyError } from "../../base/index.ts";
import { type Session, ident } from "../../engine/index.ts";
import { type Schema, fieldNamed, isNested, typeToEngine } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import type { Actions } from "../delta/action.ts";
import { readCommits } from "../delta/read-commits.ts";
import type { LogState } from "../delta/replay.ts";
import { decodePath } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { scan } from "../scan/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";

export interface ChangesRequest {
  /** Changes after this version … */
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
 * wrote, by copy-on-write or deletion vectors: a row that was only copied is no change. The columns are those of `to`.
 * Fails with `table.changes_gone` when a version in between cannot be read any more.
 */
export async function changes(
  table: TableAccess,
  session: Session,
  { from, to, key }: ChangesRequest,
): Promise<string> {
  const { store, folder } = table;
  const newest = to === undefined ? await table.state() : await table.stateAt(to);
  const { schema } = await snapshotOf(store, folder, newest);
  const keyNames = key === undefined ? undefined : namesOf(folder, schema, key);
  const parts: string[] = [];
  if (from < newest.version) {
    let before = await stateBefore(table, from);
    for (const { version, actions } of await commitsBetween(table, from, newest.version)) {
      const after = version === newest.version ? newest : await table.stateAt(version);
      const change = await changeOf(table, session, { before, after, actions, schema, key: keyNames });
      if (change !== undefined) parts.push(change);
      before = after;
    }
  }
  return `(${parts.length === 0 ? noChanges(schema) : parts.join(" UNION ALL ")})`;
}

async function stateBefore(table: TableAccess, version: number): Promise<LogState> {
  try {
    return await table.stateAt(version);
  } catch (cause) {
    throw gone(table.folder, version, cause);
  }
}

async function commitsBetween({ store, folder }: TableAccess, from: number, to: number) {
  try {
    return await readCommits(store, folder, from + 1, to);
  } catch (cause) {
    throw gone(folder, from + 1, cause);
  }
}

function gone(folder: string, version: number, cause: unknown): unknown {
  const known = cause instanceof OneCopyError && /^table\.(version_not_found|log_damaged)$/.test(cause.code);
  if (!known) return cause;
  return new OneCopyError(
    "table.changes_gone",
    `The changes of ${folder} from version ${version} on are not known any more: its log was cleaned up.`,
    { cause, remedy: "Begin with all rows of a version that is kept, and ask for the changes after it." },
  );
}

interface Step {
  readonly before: LogState;
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
  const [old, now] = [await snapshotOf(store, folder, before), await snapshotOf(store, folder, after)];
  const left = filesOf(old, actions.removes);
  const came = filesOf(now, actions.adds);
  if (left.length + came.length === 0) return undefined;
  const read = async (snapshot: Snapshot, files: readonly DataFile[]): Promise<string> =>
    await scan(session, { ...snapshot, schema: shown(snapshot, schema) }, { files });
  const stamp = (type: string): string =>
    `${type} AS _change_type, ${after.version}::BIGINT AS _commit_version, make_timestamptz(${after.timestampMs * 1000}) AS _commit_timestamp`;
  if (left.length === 0) return `SELECT *, ${stamp("'insert'")} FROM ${await read(now, came)}`;
  if (came.length === 0) return `SELECT *, ${stamp("'delete'")} FROM ${await read(old, left)}`;
  const [gone, come] = [await read(old, left), await read(now, came)];
  const deleted = `(SELECT * FROM ${gone} EXCEPT ALL SELECT * FROM ${come})`;
  const inserted = `(SELECT * FROM ${come} EXCEPT ALL SELECT * FROM ${gone})`;
  const pairedBy = key ?? keyOfCommit(schema, actions);
  if (pairedBy === undefined)
    return `SELECT *, ${stamp("'delete'")} FROM ${deleted} UNION ALL SELECT *, ${stamp("'insert'")} FROM ${inserted}`;
  return paired(deleted, inserted, pairedBy, stamp);
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

/** What OneCopy's own commits say: the key of a merge, and of an update the columns that it did not set. */
function keyOfCommit(schema: Schema, { commitInfo }: Actions): readonly string[] | undefined {
  const { operation, operationParameters: parameters } = commitInfo ?? {};
  if (operation === "MERGE") return listed(schema, parameters?.["matchedBy"]);
  const set = operation === "UPDATE" ? listed(schema, parameters?.["columns"]) : undefined;
  if (set === undefined) return undefined;
  const others = schema.fields.filter(({ name, type }) => !set.includes(name) && !isNested(type));
  return others.length === 0 ? undefined : others.map(({ name }) => name);
}

function listed(schema: Schema, text: unknown): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(String(text));
    if (!Array.isArray(names)) return undefined;
    const fields = names.map((name) => fieldNamed(schema, String(name))?.name);
    return fields.every((name) => name !== undefined) && fields.length > 0 ? fields : undefined;
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
): DataFile[] {
  return actions.flatMap(({ path, dataChange }) => (dataChange ? (files.get(decodePath(path)) ?? []) : []));
}

/** The columns of the last version, as far as this one has them; the others are null. Ids tell which is which. */
function shown({ schema, hasFieldIds }: Snapshot, wanted: Schema): Schema {
  if (!hasFieldIds) return wanted;
  const known = new Map(schema.fields.map((field) => [field.id, field]));
  return {
    ...wanted,
    fields: wanted.fields.map((field) => {
      const then = known.get(field.id);
      return then?.physicalName === undefined ? field : { ...field, physicalName: then.physicalName };
    }),
  };
}

function noChanges({ fields }: Schema): string {
  const columns = fields.map(({ name, type }) => `CAST(NULL AS ${typeToEngine(type)}) AS ${ident(name)}`);
  return `SELECT ${columns.join(", ")}, NULL::VARCHAR AS _change_type, NULL::BIGINT AS _commit_version, NULL::TIMESTAMPTZ AS _commit_timestamp WHERE false`;
}
