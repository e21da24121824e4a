import {
  type ComparedPairs,
  type ComparisonPlan,
  type PlanData,
  comparePairs,
  levelsIn,
  planFrom,
} from "../compare/compare.ts";
import type { PackedPairs } from "../compare/packed.ts";
import { bitsInCommon, mostBitsInCommon } from "../compare/rarity.ts";
import type { Pairs } from "../compare/pairs.ts";
import type { Threads } from "../thread/threads.ts";
import { estimateModel, type Model } from "./estimate.ts";
import { leastOdds, type Matching } from "./matching.ts";
import { patternsOf } from "./patterns.ts";
import { levelShares } from "./sample.ts";

/** Compared pairs with their weights: log2 of the odds that two nodes are one person, against their being one household or strangers. */
export interface WeightedPairs extends ComparedPairs {
  readonly weight: Float64Array;
}

export async function trainModel(
  threads: Threads,
  plan: ComparisonPlan,
  compared: readonly PackedPairs[],
  nodes: number,
): Promise<Model> {
  return estimateModel(
    plan.comparisons,
    patternsOf(plan, compared),
    await levelShares(threads, plan, compared, nodes),
    Math.max(1, (nodes * (nodes - 1)) / 2),
    nodes,
  );
}

/** log2 of the odds of one person, and of one household, against strangers. */
export interface Odds {
  readonly person: number;
  readonly household: number;
}

/** What odds weigh: log2 of the odds of one person against one household or strangers. */
export function weightOf({ person, household }: Odds): number {
  // Below it is 0, and costs more than all else.
  return household < -53 ? person : person - Math.log2(1 + 2 ** Math.min(household, 1000));
}

/** Of odds (log2), 0…1. */
export function probabilityOf(odds: number): number {
  return 1 / (1 + 2 ** -odds);
}

/** From what {@link Scorer.of} makes the same scorer in another thread. */
export interface ScorerData {
  readonly plan: PlanData;
  readonly model: Model;
  readonly matching: Matching;
}

/** Weighs pairs; remembers what a pattern weighs. */
export class Scorer {
  /** By comparison and level, from 0. */
  readonly odds: readonly (readonly Odds[])[];
  /** Before a pair is looked at, less what its odds must exceed: above 0 is what is joined. */
  readonly prior: Odds;
  private readonly known = new Map<number, Odds>();

  constructor(
    readonly plan: ComparisonPlan,
    readonly model: Model,
    readonly matching: Matching = "balanced",
  ) {
    this.prior = { person: model.priorPerson - leastOdds[matching], household: model.priorHousehold };
    this.odds = model.comparisons.map(({ levels }) =>
      levels.map(({ person, household, stranger }) => ({
        person: Math.log2(person / stranger),
        household: Math.log2(household / stranger),
      })),
    );
  }

  static of({ plan, model, matching }: ScorerData): Scorer {
    return new Scorer(planFrom(plan), model, matching);
  }

  get data(): ScorerData {
    return { plan: this.plan.data, model: this.model, matching: this.matching };
  }

  compare(pairs: Pairs): WeightedPairs {
    const compared = comparePairs(this.plan, pairs);
    const { pattern, rarity, householdRarity } = compared;
    const weight = new Float64Array(pattern.length);
    for (let i = 0; i < pattern.length; i++) {
      const { person, household } = this.ofPattern(pattern[i]!);
      weight[i] = weightOf({ person: person + rarity[i]!, household: household + householdRarity[i]! });
    }
    return { ...compared, weight };
  }

  /** The pairs of a part at these positions, as {@link compare} has them. */
  weigh(part: PackedPairs, positions: Uint16Array): WeightedPairs {
    const { length } = positions;
    const found = {
      a: new Int32Array(length),
      b: new Int32Array(length),
      pattern: new Float64Array(length),
      rarity: new Float32Array(length),
      householdRarity: new Float32Array(length),
      weight: new Float64Array(length),
    };
    const odds = this.oddsIn(part);
    for (let k = 0; k < length; k++) {
      const i = positions[k]!;
      const [a, b] = [part.a[i]!, part.b[i]!];
      const { person, household, all, ofHousehold } = odds[part.pattern[i]!]!;
      const rarity = bitsInCommon(all, a, b);
      const householdRarity = bitsInCommon(ofHousehold, a, b);
      found.a[k] = a;
      found.b[k] = b;
      found.pattern[k] = part.patterns[part.pattern[i]!]!;
      found.rarity[k] = rarity;
      found.householdRarity[k] = householdRarity;
      found.weight[k] = weightOf({ person: person + rarity, household: household + householdRarity });
    }
    return found;
  }

  /** Whether the pairs of a part, by their positions, weigh more than 0: sooner known than what they weigh, since most do not. */
  joiner(part: PackedPairs): (i: number) => boolean {
    const { a, b, pattern } = part;
    const odds = this.oddsIn(part);
    // Be what two nodes have in common ever so rare.
    const mayJoin = odds.map(({ person, all }) => person + mostBitsInCommon(all) > 0);
    return (i) => {
      const p = pattern[i]!;
      if (!mayJoin[p]) return false;
      const known = odds[p]!;
      const person = known.person + bitsInCommon(known.all, a[i]!, b[i]!);
      // A household only takes away from it.
      if (person <= 0) return false;
      const household = known.household + bitsInCommon(known.ofHousehold, a[i]!, b[i]!);
      return weightOf({ person, household }) > 0;
    };
  }

  /** By pattern of a part: its odds, and what nodes with it have in common that may be rare. */
  private oddsIn({ patterns }: PackedPairs): (Odds & ReturnType<ComparisonPlan["rareIn"]>)[] {
    return Array.from(patterns, (number) => ({ ...this.ofPattern(number), ...this.plan.rareIn(number) }));
  }

  /** Of a pair with this pattern, the prior included. */
  ofPattern(pattern: number): Odds {
    const known = this.known.get(pattern);
    if (known !== undefined) return known;
    let { person, household } = this.prior;
    for (const [i, level] of levelsIn(this.plan, pattern).entries()) {
      const odds = this.odds[i]![level - 1];
      if (odds === undefined) continue;
      person += odds.person;
      household += odds.household;
    }
    const found = { person, household };
    this.known.set(pattern, found);
    return found;
  }
}
