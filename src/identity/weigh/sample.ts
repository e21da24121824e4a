import type { Session } from "../../engine/index.ts";
import { type ComparisonPlan, comparePairs } from "../compare/compare.ts";

const mostSampledPairs = 250_000;

/**
 * How often two records taken at random stand at each level: `shares[i][level - 1]` among the pairs where comparison i has both values. Where a
 * comparison's first level is equality it is counted over all pairs, since a sample is too small for rare agreements.
 */
export async function levelShares(session: Session, plan: ComparisonPlan, nodes: number): Promise<number[][]> {
  const all = (nodes * (nodes - 1)) / 2;
  const perNode = Math.max(1, Math.ceil(mostSampledPairs / nodes));
  await session.run(
    all <= mostSampledPairs
      ? `CREATE OR REPLACE TEMP TABLE identity_random_pair AS
         SELECT x.node AS a, y.node AS b FROM identity_node x JOIN identity_node y ON x.node < y.node`
      : `CREATE OR REPLACE TEMP TABLE identity_random_pair AS
         SELECT least(x, y) AS a, greatest(x, y) AS b FROM (
           SELECT x, CAST(hash(x * ${perNode} + k) % ${nodes} AS INTEGER) AS y
           FROM (SELECT node AS x FROM identity_node WHERE node < ${Math.ceil(mostSampledPairs / perNode)}), range(${perNode}) t(k))
         WHERE x <> y`,
  );
  await comparePairs(session, plan, "identity_random_pair", "identity_random_level");
  const shares: number[][] = [];
  for (const [i, comparison] of plan.comparisons.entries()) {
    const rows = await session.rows<{ level: number; n: number }>(
      `SELECT c${i} AS level, count(*) AS n FROM identity_random_level WHERE c${i} > 0 GROUP BY 1`,
    );
    const counts = comparison.levels.map((_, level) => rows.find((row) => row.level === level + 1)?.n ?? 0);
    const total = counts.reduce((sum, n) => sum + n, 0) + 1;
    // Half a pair for a level never seen: the sample says only that it is rare.
    shares.push(counts.map((n) => Math.max(n, 0.3) / total));
  }
  await session.run("DROP TABLE identity_random_pair; DROP TABLE identity_random_level");
  return shares;
}
