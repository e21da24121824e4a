import { OneCopyError, newId } from "../../base/index.ts";
import { type Column, type Session, ident, literal } from "../../engine/index.ts";
import { type Field, type Schema, fieldNamed, isNested, typeToEngine } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { project } from "../parquet/projection.ts";
import { fileMatcher, matchingFiles, scan } from "../scan/index.ts";
import type { CommitOutcome } from "../snapshot.ts";
import type { MergeRequest } from "./request.ts";
import { changeRows } from "./rows.ts";
import { touchedFiles } from "./touched.ts";

/** With so many keys at most, files are chosen by each of them; else by the range that they lie in. */
const keysToName = 200;

const deletedMark = "__onecopy_deleted";

/**
 * Puts rows in by key: a row that is there is replaced, one that is not is added, one that is marked is deleted.
 * Fails with `table.merge_key` when a key is null or stands in the query twice, since the outcome would depend on
 * the order of rows, and with `table.column_unknown` or `table.column_type` as a write does.
 */
export async function mergeRows(
  table: TableAccess,
  session: Session,
  request: MergeRequest,
): Promise<CommitOutcome> {
  const source = `temp.${ident(`onecopy_merge_${newId()}`)}`;
  const columns = await session.describe(request.query);
  try {
    await session.run(`CREATE TEMP TABLE ${source.slice(5)} AS ${request.query}`);
    let checked = false;
    return await changeRows(table, session, request, async ({ snapshot, meta, byVectors }) => {
      const { keys, present, rows } = sourceOf(table.folder, meta.schema, request, columns, source);
      if (!checked) await checkKeys(session, table.folder, rows, keys);
      checked = true;
      const where = await keyRange(session, rows, keys);
      const candidates = await matchingFiles(session, snapshot, where);
      const onKeys = (left: string, right: string): string =>
        keys.map(({ name }) => `${left}.${ident(name)} = ${right}.${ident(name)}`).join(" AND ");
      const matching = (relation: string): string =>
        `(SELECT t.* FROM ${relation} AS t SEMI JOIN ${rows} AS s ON ${onKeys("t", "s")})`;
      const touched = await touchedFiles(session, snapshot, candidates, matching);
      const relation = await scan(session, snapshot, { files: touched.map(({ file }) => file) });
      const merged = meta.schema.fields.map((field) =>
        present.has(field) ? `s.${ident(field.name)}` : `t.${ident(field.name)}`,
      );
      const upserted = `SELECT ${merged.join(", ")} FROM ${rows} AS s LEFT JOIN ${relation} AS t ON ${onKeys("t", "s")} WHERE NOT s.${ident(deletedMark)}`;
      const rest = `SELECT t.* FROM ${relation} AS t ANTI JOIN ${rows} AS s ON ${onKeys("t", "s")}`;
      return {
        operation: "MERGE",
        parameters: { matchedBy: JSON.stringify(keys.map(({ name }) => name)) },
        touched,
        matching,
        query: byVectors || touched.length === 0 ? upserted : `${upserted} UNION ALL ${rest}`,
        reads: await fileMatcher(session, where, meta.schema, meta.partitionColumns),
      };
    });
  } finally {
    await session.run(`DROP TABLE IF EXISTS ${source}`);
  }
}

/** The query's rows in the table's types, each with the mark whether it is to be deleted. */
function sourceOf(
  folder: string,
  schema: Schema,
  { on, deleteColumn }: MergeRequest,
  columns: readonly Column[],
  source: string,
): { keys: readonly Field[]; present: ReadonlySet<Field>; rows: string } {
  const own = columns.filter(({ name }) => name !== deleteColumn);
  const present = new Set(own.flatMap(({ name }) => fieldNamed(schema, name) ?? []));
  const keys = on.map((name) => {
    const field = fieldNamed(schema, name);
    if (field === undefined || !present.has(field) || isNested(field.type))
      throw new OneCopyError(
        "table.merge_key",
        `${name} cannot be a key of ${folder}: ${field === undefined ? "it is no column of the table" : present.has(field) ? "it is a list, map or struct" : "it is no column of the query"}.`,
        { remedy: "Name columns that the table and the query both have." },
      );
    return field;
  });
  if (keys.length === 0)
    throw new OneCopyError("table.merge_key", `A merge into ${folder} needs a key.`, {
      remedy: "Name at least one column under `on`.",
    });
  const deleted = columns.find(({ name }) => name === deleteColumn);
  if (deleteColumn !== undefined && deleted?.type !== "BOOLEAN")
    throw new OneCopyError(
      "table.column_unknown",
      `The query for ${folder} has no BOOLEAN column ${deleteColumn} that says which rows are deleted.`,
    );
  const names = own.map(({ name }) => ident(name)).join(", ");
  const mark = deleted === undefined ? "false" : `coalesce(${ident(deleted.name)}, false)`;
  const marked = `SELECT ${names}, ${mark} AS ${ident(deletedMark)} FROM ${source}`;
  const markField: Field = {
    id: schema.lastFieldId + 1,
    name: deletedMark,
    type: "boolean",
    nullable: false,
  };
  const typed = project(folder, { ...schema, fields: [...present, markField] }, marked, [
    ...own,
    { name: deletedMark, type: "BOOLEAN" },
  ]);
  return { keys, present, rows: `(${typed})` };
}

async function checkKeys(
  session: Session,
  folder: string,
  rows: string,
  keys: readonly Field[],
): Promise<void> {
  const names = keys.map(({ name }) => ident(name));
  const [nulls] = await session.rows<{ n: number }>(
    `SELECT count(*) AS n FROM ${rows} WHERE ${names.map((name) => `${name} IS NULL`).join(" OR ")}`,
  );
  const [twice] = await session.rows<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM ${rows} GROUP BY ${names.join(", ")} HAVING count(*) > 1)`,
  );
  const [n, what] =
    nulls!.n > 0 ? [nulls!.n, "rows without a key"] : [twice!.n, "keys that stand in it twice"];
  if (n > 0)
    throw new OneCopyError(
      "table.merge_key",
      `The query for ${folder} has ${n} ${what}; nothing was written.`,
      {
        remedy: `Leave such rows out: one row with ${keys.map(({ name }) => name).join(", ")} for each row of the table.`,
      },
    );
}

/** SQL over the table's columns that is true for every row with one of the keys, and as narrow as files can be chosen by. */
async function keyRange(session: Session, rows: string, keys: readonly Field[]): Promise<string> {
  const parts: string[] = [];
  for (const { name, type } of keys) {
    if (!isOrdered(type)) continue;
    const column = ident(name);
    const [range] = await session.rows<{ low: string | null; high: string | null; n: number }>(
      `SELECT CAST(min(${column}) AS VARCHAR) AS low, CAST(max(${column}) AS VARCHAR) AS high,
         approx_count_distinct(${column}) AS n FROM ${rows}`,
    );
    if (range!.low === null || range!.high === null) return "false";
    const value = (text: string): string =>
      type === "string" ? literal(text) : `CAST(${literal(text)} AS ${typeToEngine(type)})`;
    if (range!.n > keysToName) {
      parts.push(`${column} BETWEEN ${value(range!.low)} AND ${value(range!.high)}`);
      continue;
    }
    const named = await session.rows<{ key: string }>(
      `SELECT DISTINCT CAST(${column} AS VARCHAR) AS key FROM ${rows} WHERE ${column} IS NOT NULL`,
    );
    parts.push(`${column} IN (${named.map(({ key }) => value(key)).join(", ")})`);
  }
  return parts.length === 0 ? "true" : parts.join(" AND ");
}

/** Types by whose text and bounds files can be chosen. */
function isOrdered(type: Field["type"]): boolean {
  return !isNested(type) && !["boolean", "binary", "float", "double"].includes(type as string);
}
