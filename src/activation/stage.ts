import { newId } from "../base/index.ts";
import { type Session, ident } from "../engine/index.ts";
import type { Mode } from "./ledger.ts";
import { type DeliveredColumn, type Members, deliveredColumns, membersSql } from "./members.ts";

/** The rows of one delivery, in a temporary table of the session: `operation`, `profile_id` and the chosen columns. */
export interface Stage {
  readonly table: string;
  readonly columns: readonly DeliveredColumn[];
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  drop(): Promise<void>;
}

/**
 * Computes a delivery. A `difference` says who is in the segment now and was not in `before` (`added`), whose chosen
 * columns differ, or were not all sent before (`changed`), who is not in it any more (`removed`, with nothing but the id). A person who was merged into
 * another one comes as a removed id and a changed or added one. The other modes hold everyone: `added` to a destination that
 * has nothing yet, `full` to one that has to forget what it has.
 */
export async function stage(
  session: Session,
  mode: Mode,
  now: Members,
  before: Members | undefined,
): Promise<Stage> {
  const columns = await deliveredColumns(session, now);
  const present = await membersSql(session, now, columns);
  const names = columns.map(({ name }) => ident(name));
  let query: string;
  if (mode === "difference" && before !== undefined) {
    const known = columns.filter(({ name }) => before.definition.columns.includes(name));
    // What the destination holds in a column that it did not get the last time is not known: everyone is sent with it.
    const differs =
      known.length < columns.length
        ? "true"
        : names.map((name) => `n.${name} IS DISTINCT FROM b.${name}`).join(" OR ");
    query = `SELECT CASE WHEN b.profile_id IS NULL THEN 'added' WHEN n.profile_id IS NULL THEN 'removed' ELSE 'changed' END AS operation,
        coalesce(n.profile_id, b.profile_id) AS profile_id${names.map((name) => `, n.${name}`).join("")}
      FROM ${present} n FULL JOIN ${await membersSql(session, before, known)} b ON n.profile_id = b.profile_id
      WHERE n.profile_id IS NULL OR b.profile_id IS NULL OR ${differs}`;
  } else {
    query = `SELECT '${mode === "anew" ? "full" : "added"}' AS operation, * FROM ${present}`;
  }
  const table = ident(`delivery ${newId()}`);
  await session.run(`CREATE TEMP TABLE ${table} AS ${query}`);
  const [counts] = await session.rows<Pick<Stage, "added" | "changed" | "removed">>(
    `SELECT count(*) FILTER (WHERE operation IN ('added', 'full')) AS added, count(*) FILTER (WHERE operation = 'changed') AS changed,
       count(*) FILTER (WHERE operation = 'removed') AS removed FROM ${table}`,
  );
  return { table, columns, ...counts!, drop: () => session.run(`DROP TABLE ${table}`) };
}
