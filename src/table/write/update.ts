import { OneCopyError } from "../../base/index.ts";
import { type Session, ident } from "../../engine/index.ts";
import { type Schema, fieldNamed } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { fileMatcher, matchingFiles, scan } from "../scan/index.ts";
import type { CommitOutcome } from "../snapshot.ts";
import type { UpdateRequest } from "./request.ts";
import { changeRows } from "./rows.ts";
import { touchedFiles } from "./touched.ts";

/** Sets columns of the rows for which a condition is true. Fails with `table.column_unknown`. */
export async function updateRows(
  table: TableAccess,
  session: Session,
  request: UpdateRequest,
): Promise<CommitOutcome> {
  const { where = "true" } = request;
  return await changeRows(table, session, request, async ({ snapshot, meta, byVectors }) => {
    const set = assignments(table.folder, meta.schema, request.set);
    const matching = (relation: string): string => `(SELECT * FROM ${relation} WHERE (${where}\n))`;
    const candidates = await matchingFiles(session, snapshot, where);
    const touched = await touchedFiles(session, snapshot, candidates, matching);
    const relation = await scan(session, snapshot, { files: touched.map(({ file }) => file) });
    const changed = meta.schema.fields.map(({ name }) => {
      const value = set.get(name);
      return value === undefined ? ident(name) : `(${value}\n) AS ${ident(name)}`;
    });
    const updated = `SELECT ${changed.join(", ")} FROM ${relation} WHERE (${where}\n)`;
    const rest = `SELECT * FROM ${relation} WHERE (${where}\n) IS NOT TRUE`;
    return {
      operation: "UPDATE",
      parameters: { predicate: JSON.stringify([where]), columns: JSON.stringify([...set.keys()]) },
      touched,
      matching,
      query: touched.length === 0 ? undefined : byVectors ? updated : `${updated} UNION ALL ${rest}`,
      reads: await fileMatcher(session, where, meta.schema, meta.partitionColumns),
    };
  });
}

function assignments(
  table: string,
  schema: Schema,
  set: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(set).map(([column, value]) => {
      const field = fieldNamed(schema, column);
      if (field === undefined)
        throw new OneCopyError("table.column_unknown", `${table} has no column ${column} to set.`, {
          remedy: `The columns are: ${schema.fields.map(({ name }) => name).join(", ")}.`,
        });
      return [field.name, value];
    }),
  );
}
