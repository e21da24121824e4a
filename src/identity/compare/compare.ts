import { newId } from "../../base/index.ts";
import { NodeFacts, type NodeFactsData } from "../model/facts.ts";
import type { Marks } from "../node/marks.ts";
import { type NodeData, type Nodes, nodesFrom } from "../node/nodes.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { addressComparison, companyComparison, placeComparison } from "./address.ts";
import { birthdateComparison } from "./birthdate.ts";
import type { Comparison } from "./comparison.ts";
import { birthplaceComparison, occupationComparison } from "./circumstance.ts";
import { emailComparison, nationalIdComparison, phoneComparison } from "./contact.ts";
import { keyComparison } from "./key.ts";
import { genderComparison, middleNameComparison, nameComparisons, suffixComparison } from "./name.ts";
import { packed, type PackedPairs } from "./packed.ts";
import { inParts, type Pairs } from "./pairs.ts";
import { sourceComparison } from "./source.ts";
import { bitsInCommon, rarityOf, type Rarity } from "./rarity.ts";

/** The comparisons that this data has values for. */
export interface ComparisonPlan {
  readonly comparisons: readonly Comparison[];
  readonly rareIn: (pattern: number) => RareIn;
  readonly data: PlanData;
}

/** From what {@link planFrom} makes the same plan in another thread. */
export interface PlanData {
  /** Of no other plan. */
  readonly id: string;
  readonly nodes: NodeData;
  readonly marks: Marks;
  readonly facts: NodeFactsData;
}

export function planFrom({ id, nodes, marks, facts }: PlanData): ComparisonPlan {
  if (latest?.data.id !== id)
    latest = prepareComparisons(nodesFrom(nodes), marks, new NodeFacts(facts.areKnown, facts.learned), id);
  return latest;
}

/** A thread is given the same plan for one job after another. */
let latest: ComparisonPlan | undefined;

/** Names are always compared, so that there is something to compare by in records that say nothing at all. */
export function prepareComparisons(
  nodes: Nodes,
  marks: Marks,
  facts: NodeFacts,
  id = newId(),
): ComparisonPlan {
  const has = (...columns: Parameters<Nodes["column"]>[0][]): boolean =>
    columns.some((name) => nodes.column(name).some((id) => id !== 0));
  const possible: readonly (readonly [Comparison, () => boolean])[] = [
    ...nameComparisons(nodes).map((comparison) => [comparison, () => true] as const),
    [middleNameComparison(nodes), () => has("middle")],
    [suffixComparison(nodes), () => has("suffix")],
    [genderComparison(nodes), () => has("gender")],
    [birthdateComparison(nodes), () => has("birth")],
    [emailComparison(nodes, marks, facts), () => has("email")],
    [phoneComparison(nodes, marks), () => has("phone")],
    [nationalIdComparison(nodes), () => has("national_id")],
    [addressComparison(nodes), () => has("street")],
    [placeComparison(nodes), () => has("town", "region", "zip")],
    [companyComparison(nodes), () => has("company")],
    [birthplaceComparison(nodes), () => has("birthplace")],
    [occupationComparison(nodes), () => has("occupation")],
    [sourceComparison(nodes), () => nodes.sourceNames.length > 1],
    [keyComparison(nodes), () => nodes.keys.some((key) => key.some((id) => id !== 0))],
  ];
  const wanted = facts.numbers(
    "comparison",
    () => new Map(possible.flatMap(([{ name }, isPossible]) => (isPossible() ? [[name, 1]] : []))),
  );
  const comparisons = possible.flatMap(([comparison]) => (wanted.has(comparison.name) ? [comparison] : []));
  return {
    comparisons,
    rareIn: rareInPatterns(comparisons, nodes, facts),
    data: { id, nodes: nodes.data, marks, facts: facts.data },
  };
}

/** Compared pairs of nodes: their pattern of levels as one number ({@link levelsIn}), and how rare is what they have in common, in bits. */
export interface ComparedPairs extends Pairs {
  readonly pattern: Float64Array;
  readonly rarity: Float32Array;
  /** The part of `rarity` that two people of one household would have in common as well. */
  readonly householdRarity: Float32Array;
}

export function comparePairs(plan: ComparisonPlan, pairs: Pairs): ComparedPairs {
  const { a, b } = pairs;
  const pattern = patternsBetween(plan, pairs);
  const rarity = new Float32Array(a.length);
  const householdRarity = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const { all, ofHousehold } = plan.rareIn(pattern[i]!);
    rarity[i] = bitsInCommon(all, a[i]!, b[i]!);
    householdRarity[i] = bitsInCommon(ofHousehold, a[i]!, b[i]!);
  }
  return { a, b, pattern, rarity, householdRarity };
}

function patternsBetween({ comparisons }: ComparisonPlan, { a, b }: Pairs): Float64Array {
  const pattern = new Float64Array(a.length);
  let place = 1;
  for (const { level, levels } of comparisons) {
    for (let i = 0; i < a.length; i++) pattern[i]! += place * level(a[i]!, b[i]!);
    place *= levels.length + 1;
  }
  return pattern;
}

interface CompareInput {
  readonly plan: PlanData;
  readonly pairs: readonly Pairs[];
}

/** Compares pairs, a part of them at a time in each thread. */
export const compareJob: Job<CompareInput, PackedPairs> = {
  name: "compare",
  begin: ({ plan, pairs }) => comparing(planFrom(plan), pairs),
};

function comparing(plan: ComparisonPlan, pairs: readonly Pairs[]): (part: number) => PackedPairs {
  return (part) => packed(pairs[part]!, patternsBetween(plan, pairs[part]!));
}

/** What {@link comparePairs} says of pairs, in parts that all threads share. */
export async function compareInThreads(
  threads: Threads,
  plan: ComparisonPlan,
  pairs: readonly Pairs[],
): Promise<PackedPairs[]> {
  const parts = pairs.flatMap(inParts);
  const input = { plan: plan.data, pairs: parts };
  return await threads.run(compareJob, input, parts.length, comparing(plan, parts));
}

/** The level of each comparison in a pattern. */
export function levelsIn({ comparisons }: Pick<ComparisonPlan, "comparisons">, pattern: number): number[] {
  let rest = pattern;
  return comparisons.map(({ levels }) => {
    const level = rest % (levels.length + 1);
    rest = (rest - level) / (levels.length + 1);
    return level;
  });
}

/** What nodes with a pattern have in common that may be rare. */
interface RareIn {
  readonly all: readonly Rarity[];
  /** Those of them that two people of one household would have in common as well. */
  readonly ofHousehold: readonly Rarity[];
}

function rareInPatterns(
  comparisons: readonly Comparison[],
  nodes: Nodes,
  facts: NodeFacts,
): (pattern: number) => RareIn {
  const rarities = comparisons.map(({ rarity }) => rarity && rarityOf(nodes, rarity.column, facts));
  const known = new Map<number, RareIn>();
  return (pattern) => {
    const remembered = known.get(pattern);
    if (remembered !== undefined) return remembered;
    const levels = levelsIn({ comparisons }, pattern);
    const rare = comparisons.flatMap(({ rarity, ofHousehold, ...comparison }, c) => {
      const level = comparison.levels[levels[c]! - 1];
      const isRare = level !== undefined && rarity?.levels.includes(level.name) === true;
      return isRare ? [{ ofHousehold, rarity: rarities[c]! }] : [];
    });
    const found = {
      all: rare.map(({ rarity }) => rarity),
      ofHousehold: rare.flatMap(({ ofHousehold, rarity }) => (ofHousehold ? [rarity] : [])),
    };
    known.set(pattern, found);
    return found;
  };
}
