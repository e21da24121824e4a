import type { Facts } from "../model/facts.ts";
import { leastOdds, type Matching } from "../weigh/matching.ts";
import { probabilityOf } from "../weigh/score.ts";
import type { Clusters } from "./cluster.ts";

/** Odds (log2) from here on are one class. */
const last = 23;
/** What the model's own odds count, in pairs. */
const own = 10;

/** A pair that weighs less, which is odds of 32 to 1 against, contradicts the profile that its nodes are in. */
const leastOfProfile = -5;

/**
 * The probability that a pair that agrees is of one person, by the whole part of its odds (log2: its weight, and what odds must exceed), from 0 to {@link last}: the share of such pairs that
 * are in one profile when all other pairs have had their say, less half of those pairs' part that contradicts it. Fields that depend on one another make the odds of a pair alone too bold; whole groups
 * of records contradict it where it is wrong, so the clusters are its labels. It never falls as weights rise (pool adjacent
 * violators: Ayer et al., Annals of Mathematical Statistics 26, 1955). It is a fact of the model, and holds however readily records are joined later.
 */
export function probabilities(facts: Facts, { cluster, pairs }: Clusters, matching: Matching): number[] {
  const known = facts.numbers("probability by odds", () => {
    const joined = new Float64Array(last + 1);
    const total = new Float64Array(last + 1);
    const contradiction = contradictionOf({ cluster, pairs });
    for (const [i, weight] of pairs.weight.entries()) {
      const odds = weight + leastOdds[matching];
      if (weight <= 0 || odds <= 0) continue;
      const at = Math.min(last, Math.floor(odds));
      total[at]!++;
      const [a, b] = [pairs.a[i]!, pairs.b[i]!];
      if (cluster[a] === cluster[b]) joined[at]! += 1 - contradiction(a, b);
    }
    const shares = Array.from(total, (pairsThere, at) => {
      const expected = probabilityOf(at + 0.5);
      const count = pairsThere + own;
      return { sum: joined[at]! + own * expected, count, width: 1 };
    });
    return new Map(rising(shares).map((share, at) => [`${at}`, share] as const));
  });
  return Array.from({ length: last + 1 }, (_, at) => known.get(`${at}`) ?? 1);
}

/**
 * Of the pairs that two nodes of one profile have within it, half the part that contradicts it: where one of the two and a third node are at odds, either the
 * link of the two is false or the one to the third.
 */
function contradictionOf({ cluster, pairs }: Clusters): (a: number, b: number) => number {
  const within = new Int32Array(cluster.length);
  const against = new Int32Array(cluster.length);
  for (const [i, weight] of pairs.weight.entries()) {
    const [a, b] = [pairs.a[i]!, pairs.b[i]!];
    if (cluster[a] !== cluster[b]) continue;
    for (const node of [a, b]) {
      within[node]!++;
      if (weight < leastOfProfile) against[node]!++;
    }
  }
  return (a, b) => (against[a]! + against[b]!) / 2 / (within[a]! + within[b]!);
}

interface Pool {
  readonly sum: number;
  readonly count: number;
  readonly width: number;
}

/** The rising shares that are nearest to `sum / count` of each, by least squares. */
function rising(shares: readonly Pool[]): number[] {
  const pools: Pool[] = [];
  for (const share of shares) {
    let pool = share;
    for (let before = pools.at(-1); before !== undefined; before = pools.at(-1)) {
      if (before.sum / before.count <= pool.sum / pool.count) break;
      pool = {
        sum: before.sum + pool.sum,
        count: before.count + pool.count,
        width: before.width + pool.width,
      };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count, width }) => Array.from({ length: width }, () => sum / count));
}

/** SQL: the probability of a pair with this weight. */
export function calibrated(weight: string, known: readonly number[], matching: Matching): string {
  const odds = `(${weight} + ${leastOdds[matching]})`;
  return `CASE WHEN ${weight} > 0 AND ${odds} > 0 THEN ([${known.join(", ")}]::DOUBLE[])[1 + least(${last}, CAST(floor(${odds}) AS INTEGER))]
    ELSE 1 / (1 + pow(2, -greatest(${odds}, -1000))) END`;
}
