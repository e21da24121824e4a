import { comparesEveryPair } from "../block/candidates.ts";
import { type ComparisonPlan, compareInThreads } from "../compare/compare.ts";
import type { PackedPairs } from "../compare/packed.ts";
import { PairList } from "../compare/pairs.ts";
import { scattered } from "../node/hash.ts";
import type { Threads } from "../thread/threads.ts";
import { type Patterns, patternsOf } from "./patterns.ts";

const sampledPairs = 500_000;
const mostSampledNodes = 1 << 16;

/**
 * How often two records taken at random stand at each level: `shares[i][level - 1]` among the pairs where comparison i
 * has both values. They are counted in `compared` where that has every pair, else in a sample that depends
 * on nothing but the number of nodes.
 */
export async function levelShares(
  threads: Threads,
  plan: ComparisonPlan,
  compared: readonly PackedPairs[],
  nodes: number,
): Promise<number[][]> {
  if (comparesEveryPair(nodes)) return countLevels(plan, patternsOf(plan, compared));
  const pairs = new PairList();
  // Few of many nodes, evenly: they stay in near memory.
  const step = Math.max(1, Math.floor(nodes / mostSampledNodes));
  const taken = Math.floor(nodes / step);
  const perNode = Math.ceil(sampledPairs / taken);
  for (let i = 0; i < taken; i++)
    for (let k = 0; k < perNode; k++) {
      const other = (scattered(i * perNode + k) >>> 0) % taken;
      if (other !== i) pairs.push(i * step, other * step);
    }
  const sampled = await compareInThreads(threads, plan, pairs.take());
  return countLevels(plan, patternsOf(plan, sampled));
}

function countLevels({ comparisons }: ComparisonPlan, patterns: Patterns): number[][] {
  return comparisons.map(({ levels }, i) => {
    const counts = levels.map(() => 0);
    let total = 1;
    for (let p = 0; p < patterns.counts.length; p++) {
      const level = patterns.levels[i]![p]!;
      if (level === 0) continue;
      counts[level - 1]! += patterns.counts[p]!;
      total += patterns.counts[p]!;
    }
    // A part of a pair for a level never seen: the count says only that it is rare.
    return counts.map((count) => Math.max(count, 0.3) / total);
  });
}
