import type { Session } from "../../engine/index.ts";
import { comparesEveryPair } from "../block/candidates.ts";
import { type ComparisonPlan, comparePairs } from "../compare/compare.ts";

const mostSampledPairs = 250_000;

/**
 * How often two records taken at random stand at each level: `shares[i][level - 1]` among the pairs where comparison i
 * has both values. They are counted in `identity_pair` where that has every pair, else in a sample that depends
 * on nothing but the number of nodes.
 */
export async function levelShares(
  session: Session,
  plan: ComparisonPlan,
  nodes: number,
): Promise<number[][]> {
  if (comparesEveryPair(nodes)) return await countLevels(session, plan, "identity_pair");
  const perNode = Math.max(1, Math.ceil(mostSampledPairs / nodes));
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_random_pair AS
    SELECT least(x, y) AS a, greatest(x, y) AS b FROM (
      SELECT x, CAST(hash(x * ${perNode} + k) % ${nodes} AS INTEGER) AS y
      FROM (SELECT node AS x FROM identity_node WHERE node < ${Math.ceil(mostSampledPairs / perNode)}), range(${perNode}) t(k))
    WHERE x <> y`);
  await comparePairs(session, plan, "identity_random_pair", "identity_random_level");
  const shares = await countLevels(session, plan, "identity_random_level");
  await session.run("DROP TABLE identity_random_pair; DROP TABLE identity_random_level");
  return shares;
}

async function countLevels(session: Session, plan: ComparisonPlan, compared: string): Promise<number[][]> {
  const shares: number[][] = [];
  for (const [i, comparison] of plan.comparisons.entries()) {
    const rows = await session.rows<{ level: number; n: number }>(
      `SELECT c${i} AS level, count(*) AS n FROM ${compared} WHERE c${i} > 0 GROUP BY 1`,
    );
    const counts = comparison.levels.map((_, level) => rows.find((row) => row.level === level + 1)?.n ?? 0);
    const total = counts.reduce((sum, n) => sum + n, 0) + 1;
    // A part of a pair for a level never seen: the count says only that it is rare.
    shares.push(counts.map((n) => Math.max(n, 0.3) / total));
  }
  return shares;
}
