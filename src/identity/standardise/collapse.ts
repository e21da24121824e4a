import type { Session } from "../../engine/index.ts";
import { standardColumns } from "./standardise.ts";

/**
 * Makes `identity_node(node, …standard columns, records)` and `identity_member(r, node)`: records that say the very same, and enough
 * to be of one person (a full name and an e-mail, phone, street or key), are one node from here on; all others stand
 * for themselves, those of `identity_apart(r)` too. Nodes are numbered from 0 in the order of their first record.
 */
export async function collapseDuplicates(session: Session, keyCount: number): Promise<number> {
  const keys = Array.from({ length: keyCount }, (_, i) => `key_${i}`);
  const columns = [...standardColumns, ...keys];
  const telling = ["email", "phone", "number || street", "national_id", ...keys].join(", ");
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_member AS
    SELECT r, CAST(dense_rank() OVER (ORDER BY first_r) - 1 AS INTEGER) AS node FROM (
      SELECT r, CASE WHEN given IS NOT NULL AND len(given) > 1 AND family IS NOT NULL AND coalesce(${telling}) IS NOT NULL
          AND NOT apart THEN min(r) OVER (PARTITION BY apart, ${columns.join(", ")}) ELSE r END AS first_r
      FROM (SELECT *, r IN (SELECT r FROM identity_apart) AS apart FROM identity_standard));
    CREATE OR REPLACE TEMP TABLE identity_node AS
    SELECT m.node, m.records, s.* EXCLUDE (r) FROM identity_standard s
    JOIN (SELECT node, CAST(count(*) AS INTEGER) AS records, min(r) AS r FROM identity_member GROUP BY node) m USING (r)
    ORDER BY node`);
  const [count] = await session.rows<{ n: number }>("SELECT count(*) AS n FROM identity_node");
  return count!.n;
}
