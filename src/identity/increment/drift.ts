import type { Session } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";
import { patternsFrom } from "../weigh/patterns.ts";
import type { Scorer, WeightedPairs } from "../weigh/score.ts";

/** So many times as many records as a model was trained on have other blocks that are too common, and other odds. */
const mostGrowth = 2;
/** A population stability index from which on two distributions are taken for different ones (a rule of thumb of credit scoring). */
const mostShift = 0.25;
/** Fewer pairs say nothing of a distribution. */
const fewestPairs = 1000;
/** A level that is never seen counts as one of so small a share. */
const leastShare = 1e-4;

/** Learns what {@link findDrift} compares with. */
export function learnForDrift(facts: Facts, scorer: Scorer, pairs: WeightedPairs, records: number): void {
  facts.numbers("trained on", () => new Map([["records", records]]));
  const { comparisons } = scorer.plan;
  const counts = facts.areKnown ? [] : levelCounts(scorer, pairs);
  for (const [c, { name, levels }] of comparisons.entries())
    facts.numbers(
      `agreement of ${name}`,
      () => new Map(levels.map((level, l) => [level.name, counts[c]![l]!])),
    );
}

/**
 * Why a model does not fit what changed any more; undefined where it does. Measured are how much the records grew since it was
 * trained, and how the pairs that are rather one person than not agree: how far the shares of levels are from those when it
 * was trained.
 */
export async function findDrift(
  session: Session,
  records: string,
  facts: Facts,
  scorer: Scorer,
  pairs: WeightedPairs,
): Promise<string | undefined> {
  const known = facts.numbers("trained on", () => new Map()).get("records") ?? 0;
  const [counted] = await session.rows<{ n: number }>(`SELECT (SELECT count(*) FROM ${records})
    + (SELECT count(*) FROM identity_came) - (SELECT count(*) FROM identity_left) AS n`);
  const now = Number(counted!.n);
  if (now > mostGrowth * known)
    return `${now} records are more than twice the ${known} that it was trained on`;
  const counts = levelCounts(scorer, pairs);
  for (const [c, { name, levels }] of scorer.plan.comparisons.entries()) {
    const before = facts.numbers(`agreement of ${name}`, () => new Map());
    const expected = levels.map((level) => before.get(level.name) ?? 0);
    const total = sumOf(counts[c]!);
    if (total < fewestPairs || sumOf(expected) < fewestPairs) continue;
    const shift = stability(counts[c]!, expected);
    if (shift > mostShift)
      return `${name} agrees otherwise than when it was trained (stability index ${shift.toFixed(2)} over ${total} pairs)`;
  }
  return undefined;
}

/** By comparison and level: how many of the pairs that are rather one person than not stand there. */
function levelCounts({ plan }: Scorer, pairs: WeightedPairs): number[][] {
  const counts = plan.comparisons.map(({ levels }) => levels.map(() => 0));
  const counted = new Map<number, number>();
  for (const [i, number] of pairs.pattern.entries())
    if (pairs.weight[i]! > 0) counted.set(number, (counted.get(number) ?? 0) + 1);
  const patterns = patternsFrom(plan, counted);
  for (const [c, levels] of patterns.levels.entries())
    for (let p = 0; p < levels.length; p++)
      if (levels[p]! > 0) counts[c]![levels[p]! - 1]! += patterns.counts[p]!;
  return counts;
}

function stability(found: readonly number[], expected: readonly number[]): number {
  const [foundTotal, expectedTotal] = [sumOf(found), sumOf(expected)];
  return found.reduce((sum, count, i) => {
    const a = Math.max(count / foundTotal, leastShare);
    const b = Math.max(expected[i]! / expectedTotal, leastShare);
    return sum + (a - b) * Math.log(a / b);
  }, 0);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
