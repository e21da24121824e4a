import { type ComparedPairs, type ComparisonPlan, comparePairs, levelsIn } from "../compare/compare.ts";
import type { Pairs } from "../compare/pairs.ts";
import { estimateModel, type Model } from "./estimate.ts";
import { patternsOf } from "./patterns.ts";
import { levelShares } from "./sample.ts";

/** Compared pairs with their weights: log2 of the odds that two nodes are one person, against their being one household or strangers. */
export interface WeightedPairs extends ComparedPairs {
  readonly weight: Float64Array;
}

export function trainModel(plan: ComparisonPlan, compared: ComparedPairs, nodes: number): Model {
  return estimateModel(
    plan.comparisons,
    patternsOf(plan, compared),
    levelShares(plan, compared, nodes),
    Math.max(1, (nodes * (nodes - 1)) / 2),
    nodes,
  );
}

/** Weighs pairs; remembers what a pattern weighs. */
export class Scorer {
  private readonly known = new Map<number, { readonly person: number; readonly household: number }>();

  constructor(
    readonly plan: ComparisonPlan,
    readonly model: Model,
  ) {}

  compare(pairs: Pairs): WeightedPairs {
    return this.weigh(comparePairs(this.plan, pairs));
  }

  weigh(compared: ComparedPairs): WeightedPairs {
    const { pattern, rarity, householdRarity } = compared;
    const weight = new Float64Array(pattern.length);
    for (let i = 0; i < pattern.length; i++) {
      const { person, household } = this.ofPattern(pattern[i]!);
      const likeHousehold = 2 ** Math.min(household + householdRarity[i]!, 1000);
      weight[i] = person + rarity[i]! - Math.log2(1 + likeHousehold);
    }
    return { ...compared, weight };
  }

  /** log2 of the odds of one person, and of one household, against strangers. */
  ofPattern(pattern: number): { readonly person: number; readonly household: number } {
    const known = this.known.get(pattern);
    if (known !== undefined) return known;
    let { priorPerson: person, priorHousehold: household } = this.model;
    for (const [i, level] of levelsIn(this.plan, pattern).entries()) {
      const shares = this.model.comparisons[i]!.levels[level - 1];
      if (shares === undefined) continue;
      person += Math.log2(shares.person / shares.stranger);
      household += Math.log2(shares.household / shares.stranger);
    }
    const found = { person, household };
    this.known.set(pattern, found);
    return found;
  }
}
