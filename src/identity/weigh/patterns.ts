import { type ComparedPairs, type ComparisonPlan, levelsIn } from "../compare/compare.ts";

/** Agreement patterns: `levels[i][p]` is the level of comparison i (0: missing) in pattern p, which `counts[p]` pairs have. */
export interface Patterns {
  /** As in {@link ComparedPairs}, ascending. */
  readonly numbers: Float64Array;
  readonly levels: readonly ArrayLike<number>[];
  readonly counts: Float64Array;
}

export function patternsOf(plan: ComparisonPlan, { pattern }: Pick<ComparedPairs, "pattern">): Patterns {
  const counted = new Map<number, number>();
  for (const number of pattern) counted.set(number, (counted.get(number) ?? 0) + 1);
  const numbers = Float64Array.from(counted.keys()).sort();
  const levels = plan.comparisons.map(() => new Uint8Array(numbers.length));
  for (const [p, number] of numbers.entries())
    for (const [i, level] of levelsIn(plan, number).entries()) levels[i]![p] = level;
  return { numbers, levels, counts: Float64Array.from(numbers, (number) => counted.get(number)!) };
}
