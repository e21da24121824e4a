import type { Session } from "../../engine/index.ts";
import type { Sign } from "../block/keys.ts";
import type { Pairs } from "../compare/pairs.ts";

/**
 * Makes `identity_pair(a, b)`, of records by their numbers: the pairs with a changed one that are proposed as {@link findCandidates} proposes them: by
 * the first key of which they share a block, if they have at a glance as much in common as that asks for (`least`, by key).
 * And `identity_partner(no)`: the changed records, all others of such pairs, and those that say the same as a changed one.
 * Needs `identity_changed_block` and `identity_left`.
 */
export async function findPartners(
  session: Session,
  records: string,
  least: readonly number[],
  signs: readonly Sign[],
): Promise<void> {
  const blocks = least.map((_, i) => `block_${i}`);
  const inCommon = signs.map(
    ({ points }, i) => `CASE WHEN x.sign_${i} = y.sign_${i} THEN ${points} ELSE 0 END`,
  );
  const glance = signs.map((_, i) => `sign_${i}`).join(", ");
  const codes = ["no", "same", ...blocks, glance].join(", ");
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_code AS
    SELECT ${codes} FROM (FROM ${records} ANTI JOIN identity_left USING (no)) ANTI JOIN identity_changed USING (no)
    UNION ALL SELECT ${codes} FROM identity_changed_block;
    CREATE OR REPLACE TEMP TABLE identity_sharing AS
    SELECT a, b, min(k) AS k FROM (${blocks
      .map(
        (name, k) =>
          `SELECT x.no AS a, y.no AS b, ${k} AS k FROM identity_changed_block x JOIN identity_code y USING (${name})`,
      )
      .join(" UNION ALL ")}) WHERE a <> b GROUP BY a, b;
    CREATE OR REPLACE TEMP TABLE identity_pair AS
    WITH sharing AS (SELECT a, b, [${least.join(", ")}][k + 1] AS wanted FROM identity_sharing)
    SELECT a, b FROM sharing WHERE wanted = 0
    UNION ALL
    SELECT a, b FROM sharing JOIN identity_changed_block x ON x.no = a JOIN (SELECT no, ${glance} FROM identity_code) y ON y.no = b
    WHERE wanted > 0 AND ${inCommon.join(" + ")} >= wanted;
    CREATE OR REPLACE TEMP TABLE identity_partner AS
    FROM identity_changed UNION SELECT b FROM identity_pair UNION SELECT no FROM identity_code WHERE same IN (SELECT same FROM identity_changed_block);
    DROP TABLE identity_code; DROP TABLE identity_sharing`);
}

/** The pairs of `identity_pair` by the nodes of this session, each once. */
export async function pairsOfNodes(session: Session): Promise<Pairs> {
  const { a, b } = await session.arrays(`
    WITH place AS (SELECT no, node FROM identity_numbered JOIN identity_member USING (r))
    SELECT DISTINCT least(x.node, y.node) AS a, greatest(x.node, y.node) AS b
    FROM identity_pair p JOIN place x ON x.no = a JOIN place y ON y.no = b WHERE x.node <> y.node ORDER BY a, b`);
  return { a: a as Int32Array, b: b as Int32Array };
}
