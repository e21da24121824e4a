import { type ComparisonPlan, levelsIn } from "../compare/compare.ts";
import type { PackedPairs } from "../compare/packed.ts";

/** Agreement patterns: `levels[i][p]` is the level of comparison i (0: missing) in pattern p, which `counts[p]` pairs have. */
export interface Patterns {
  /** Ascending. */
  readonly numbers: Float64Array;
  readonly levels: readonly ArrayLike<number>[];
  readonly counts: Float64Array;
}

export function patternsOf(
  plan: ComparisonPlan,
  parts: readonly Pick<PackedPairs, "patterns" | "pattern">[],
): Patterns {
  const counted = new Map<number, number>();
  for (const { patterns, pattern } of parts) {
    const counts = new Int32Array(patterns.length);
    for (let i = 0; i < pattern.length; i++) counts[pattern[i]!]!++;
    for (const [p, number] of patterns.entries())
      counted.set(number, (counted.get(number) ?? 0) + counts[p]!);
  }
  return patternsFrom(plan, counted);
}

/** Of patterns by how many pairs have them. */
export function patternsFrom(plan: ComparisonPlan, counted: ReadonlyMap<number, number>): Patterns {
  const numbers = Float64Array.from(counted.keys()).sort();
  const levels = plan.comparisons.map(() => new Uint8Array(numbers.length));
  for (const [p, number] of numbers.entries())
    for (const [i, level] of levelsIn(plan, number).entries()) levels[i]![p] = level;
  return { numbers, levels, counts: Float64Array.from(numbers, (number) => counted.get(number)!) };
}
