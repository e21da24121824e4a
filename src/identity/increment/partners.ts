import type { Session } from "../../engine/index.ts";
import type { Asks } from "../block/candidates.ts";
import type { Pairs } from "../compare/pairs.ts";

/**
 * Makes `identity_pair(a, b)`, of records by their numbers: the pairs with a changed one that are proposed as {@link findCandidates} proposes them: they
 * share a block of a key, and have at a glance as much in common as that asks for.
 * And `identity_partner(no)`: the changed records, all others of such pairs, and those that say the same as a changed one.
 * Needs `identity_changed_block` and `identity_left`.
 */
export async function findPartners(session: Session, records: string, asks: readonly Asks[]): Promise<void> {
  const blocks = asks.map((_, k) => `block_${k}`);
  const signs = asks[0]!.points.map((_, i) => `sign_${i}`);
  const inCommon = (points: readonly number[]): string =>
    signs
      .flatMap((sign, i) =>
        points[i] === 0 ? [] : [`CASE WHEN x.${sign} = y.${sign} THEN ${points[i]} ELSE 0 END`],
      )
      .join(" + ");
  const found = asks.map(
    (
      { least, points },
      k,
    ) => `SELECT x.no AS a, y.no AS b FROM identity_changed_block x JOIN identity_code y USING (block_${k})
      WHERE x.no <> y.no${least === 0 ? "" : ` AND ${inCommon(points)} >= ${least}`}`,
  );
  const codes = ["no", "same", ...blocks, ...signs].join(", ");
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_code AS
    SELECT ${codes} FROM (FROM ${records} ANTI JOIN identity_left USING (no)) ANTI JOIN identity_changed USING (no)
    UNION ALL SELECT ${codes} FROM identity_changed_block;
    CREATE OR REPLACE TEMP TABLE identity_pair AS SELECT DISTINCT a, b FROM (${found.join(" UNION ALL ")});
    CREATE OR REPLACE TEMP TABLE identity_partner AS
    FROM identity_changed UNION SELECT b FROM identity_pair UNION SELECT no FROM identity_code WHERE same IN (SELECT same FROM identity_changed_block);
    DROP TABLE identity_code`);
}

/** The pairs of `identity_pair` by the nodes of this session, each once. */
export async function pairsOfNodes(session: Session): Promise<Pairs> {
  const { a, b } = await session.arrays(`
    WITH place AS (SELECT no, node FROM identity_numbered JOIN identity_member USING (r))
    SELECT DISTINCT least(x.node, y.node) AS a, greatest(x.node, y.node) AS b
    FROM identity_pair p JOIN place x ON x.no = a JOIN place y ON y.no = b WHERE x.node <> y.node ORDER BY a, b`);
  return { a: a as Int32Array, b: b as Int32Array };
}
