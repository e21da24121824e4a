import type { Nodes } from "../node/nodes.ts";
import { addressComparison, companyComparison, placeComparison } from "./address.ts";
import { birthdateComparison } from "./birthdate.ts";
import type { Comparison } from "./comparison.ts";
import { emailComparison, nationalIdComparison, phoneComparison } from "./contact.ts";
import { keyComparison } from "./key.ts";
import { genderComparison, nameComparisons, suffixComparison } from "./name.ts";
import { namesAgree } from "./owner.ts";
import type { Pairs } from "./pairs.ts";

/** The comparisons that this data has values for. */
export interface ComparisonPlan {
  readonly comparisons: readonly Comparison[];
}

/** Names are always compared, so that there is something to compare by in records that say nothing at all. */
export function prepareComparisons(nodes: Nodes): ComparisonPlan {
  const has = (column: Parameters<Nodes["column"]>[0]): boolean =>
    nodes.column(column).some((id) => id !== 0);
  const agree = namesAgree(nodes);
  return {
    comparisons: [
      ...nameComparisons(nodes),
      ...(has("suffix") ? [suffixComparison(nodes)] : []),
      ...(has("gender") ? [genderComparison(nodes)] : []),
      ...(has("birth") ? [birthdateComparison(nodes)] : []),
      ...(has("email") ? [emailComparison(nodes, agree)] : []),
      ...(has("phone") ? [phoneComparison(nodes, agree)] : []),
      ...(has("national_id") ? [nationalIdComparison(nodes)] : []),
      ...(has("street") ? [addressComparison(nodes)] : []),
      ...(has("town") || has("region") || has("zip") ? [placeComparison(nodes)] : []),
      ...(has("company") ? [companyComparison(nodes)] : []),
      ...(nodes.keys.some((key) => key.some((id) => id !== 0)) ? [keyComparison(nodes)] : []),
    ],
  };
}

/** Compared pairs of nodes: their pattern of levels as one number ({@link levelsIn}), and how rare is what they have in common, in bits. */
export interface ComparedPairs extends Pairs {
  readonly pattern: Int32Array;
  readonly rarity: Float32Array;
  /** The part of `rarity` that two people of one household would have in common as well. */
  readonly householdRarity: Float32Array;
}

export function comparePairs({ comparisons }: ComparisonPlan, { a, b }: Pairs): ComparedPairs {
  const pattern = new Int32Array(a.length);
  const rarity = new Float32Array(a.length);
  const householdRarity = new Float32Array(a.length);
  let place = 1;
  for (const { level, levels, rarity: rare, ofHousehold } of comparisons) {
    const isRare = [false, ...levels.map(({ name }) => rare?.levels.includes(name) ?? false)];
    for (let i = 0; i < a.length; i++) {
      const found = level(a[i]!, b[i]!);
      pattern[i]! += place * found;
      if (!isRare[found]) continue;
      // Where one of the two lacks the value, the other's counts.
      const bits = rare!.bits(a[i]!) || rare!.bits(b[i]!);
      rarity[i]! += bits;
      if (ofHousehold) householdRarity[i]! += bits;
    }
    place *= levels.length + 1;
  }
  return { a, b, pattern, rarity, householdRarity };
}

/** The level of each comparison in a pattern. */
export function levelsIn({ comparisons }: ComparisonPlan, pattern: number): number[] {
  let rest = pattern;
  return comparisons.map(({ levels }) => {
    const level = rest % (levels.length + 1);
    rest = (rest - level) / (levels.length + 1);
    return level;
  });
}
