import { type ComparedPairs, levelsIn } from "../compare/compare.ts";
import { type Scorer, weightOf } from "../weigh/score.ts";
import type { Evidence } from "./agglomerate.ts";

/**
 * Two groups compared as two people: of what a person has several of (mailboxes, telephones, addresses, keys) the pair that agrees
 * best counts, since the others are only other ones; of what a person has one of (names, birth date) all pairs count alike, unless
 * one alone decides.
 */
export interface GroupLink extends OfPattern {
  readonly pairs: number;
  readonly rarity: number;
  readonly householdRarity: number;
}

interface OfPattern {
  /** By comparison: of several the best odds; of one the sum, and how many pairs had both values. */
  readonly person: readonly number[];
  readonly household: readonly number[];
  readonly counted: readonly number[];
}

export function groupEvidence({ plan, prior, odds }: Scorer): Omit<Evidence<GroupLink>, "of" | "compare"> & {
  readonly ofPair: (pairs: ComparedPairs, i: number) => GroupLink;
} {
  const isOne = plan.comparisons.map(({ ofOnePerson }) => ofOnePerson);
  const decides = plan.comparisons.map(({ decidesBelow }) => decidesBelow ?? Number.NEGATIVE_INFINITY);
  const width = isOne.length;
  const known = new Map<number, OfPattern>();
  const ofPattern = (pattern: number): OfPattern => {
    let found = known.get(pattern);
    if (found !== undefined) return found;
    const at = levelsIn(plan, pattern).map((level, c) => odds[c]![level - 1]);
    found = {
      person: at.map((of) => of?.person ?? 0),
      household: at.map((of) => of?.household ?? 0),
      counted: at.map((of) => (of === undefined ? 0 : 1)),
    };
    known.set(pattern, found);
    return found;
  };
  return {
    ofPair(pairs, i) {
      const { person, household, counted } = ofPattern(pairs.pattern[i]!);
      return {
        pairs: 1,
        rarity: pairs.rarity[i]!,
        householdRarity: pairs.householdRarity[i]!,
        person,
        household,
        counted,
      };
    },
    merged(first, second) {
      const person = first.person.slice();
      const household = first.household.slice();
      const counted = first.counted.slice();
      for (let c = 0; c < width; c++) {
        if (second.counted[c] === 0) continue;
        const [mine, others] = [person[c]! / (counted[c]! || 1), second.person[c]! / second.counted[c]!];
        if (Math.min(mine, others) < decides[c]!) {
          const deciding = others < mine ? second : first;
          person[c] = Math.min(mine, others);
          household[c] = deciding.household[c]! / deciding.counted[c]!;
          counted[c] = 1;
          continue;
        }
        if (isOne[c]) {
          person[c]! += second.person[c]!;
          household[c]! += second.household[c]!;
        } else if (counted[c] === 0 || second.person[c]! > person[c]!) {
          person[c] = second.person[c]!;
          household[c] = second.household[c]!;
        }
        counted[c]! += second.counted[c]!;
      }
      return {
        pairs: first.pairs + second.pairs,
        rarity: first.rarity + second.rarity,
        householdRarity: first.householdRarity + second.householdRarity,
        person,
        household,
        counted,
      };
    },
    score(link) {
      let person = prior.person + link.rarity / link.pairs;
      let household = prior.household + link.householdRarity / link.pairs;
      for (let c = 0; c < width; c++) {
        const of = isOne[c] ? link.counted[c]! || 1 : 1;
        person += link.person[c]! / of;
        household += link.household[c]! / of;
      }
      return weightOf({ person, household });
    },
  };
}
