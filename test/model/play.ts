import { type Session, literal } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import type { CommitOutcome, Table } from "../../src/table/index.ts";
import type { Model, Operation, Row } from "./model.ts";

export const schema = schemaOf([
  { name: "id", type: "BIGINT" },
  { name: "part", type: "VARCHAR" },
  { name: "n", type: "INTEGER" },
  { name: "tags", type: "VARCHAR[]" },
]);

/** Kinds of tables. */
export const kinds = [
  { name: "copy-on-write", properties: {}, partitionBy: [] },
  {
    name: "copy-on-write, partitioned and sorted",
    properties: { "onecopy.sort-by": '["n"]' },
    partitionBy: ["part"],
  },
  { name: "deletion vectors", properties: { "delta.enableDeletionVectors": "true" }, partitionBy: [] },
  {
    name: "deletion vectors, partitioned",
    properties: { "delta.enableDeletionVectors": "true" },
    partitionBy: ["part"],
  },
] as const;

/** Does to the table what an operation says. */
export async function perform(
  session: Session,
  table: Table,
  op: Exclude<Operation, { kind: "reopen" }>,
): Promise<CommitOutcome> {
  switch (op.kind) {
    case "append":
    case "overwrite":
      return await table.write(session, { mode: op.kind, query: values(op.rows) });
    case "overwriteWhere":
      return await table.write(session, {
        mode: "overwrite",
        query: values(op.rows),
        replace: { where: `id < ${op.below}` },
      });
    case "overwritePartitions":
      return await table.write(session, { mode: "overwrite", query: values(op.rows), replace: "partitions" });
    case "delete":
      return await table.delete(session, { where: op.condition.sql });
    case "update":
      return await table.update(session, { where: op.condition.sql, set: { n: String(op.n) } });
    case "merge": {
      const gone = op.rows.flatMap(({ id }, i) => (op.deleted[i] === true ? [id] : []));
      return await table.merge(session, {
        query: `SELECT *, list_contains([${gone.join(", ")}]::BIGINT[], id) AS gone FROM (${values(op.rows)})`,
        on: ["id"],
        deleteColumn: "gone",
      });
    }
  }
}

export const text = (alias: string): string =>
  `CAST(to_json({${["id", "part", "n", "tags"].map((name) => `${name}: ${alias}.${name}`).join(", ")}}) AS VARCHAR)`;

/** Each row as JSON, sorted. */
export async function rowsOf(session: Session, relation: string): Promise<string[]> {
  const rows = await session.rows<{ row: string }>(`SELECT ${text("t")} AS row FROM ${relation} AS t`);
  return rows.map(({ row }) => row).sort();
}

/** The same of a model. */
export function texts(model: Model): string[] {
  return model.map(({ id, part, n, tags }) => JSON.stringify({ id, part, n, tags })).sort();
}

function values(rows: readonly Row[]): string {
  const types = "id::BIGINT AS id, part::VARCHAR AS part, n::INTEGER AS n, tags::VARCHAR[] AS tags";
  if (rows.length === 0)
    return `SELECT ${types} FROM (SELECT 0 AS id, NULL AS part, NULL AS n, NULL AS tags) WHERE false`;
  const list = rows.map(({ id, part, n, tags }) => {
    const words = tags === null ? "NULL" : `[${tags.map(literal).join(", ")}]::VARCHAR[]`;
    return `(${id}, ${literal(part)}, ${literal(n)}, ${words})`;
  });
  return `SELECT ${types} FROM (VALUES ${list.join(", ")}) AS v(id, part, n, tags)`;
}
