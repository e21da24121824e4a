import type { Comparison, Level } from "../compare/comparison.ts";
import type { Patterns } from "./patterns.ts";

/**
 * A Fellegi–Sunter model with a third class. Two records are of one `person`, or of two people of one `household` (spouses,
 * father and son, giver and receiver: they share surname, street, mailbox, but not given name and birth date), or of
 * `strangers`. Without the second class fields that relatives share are counted as if they were independent, and
 * outvote the name.
 */
export interface Model {
  readonly comparisons: readonly ComparisonModel[];
  /** log2 of the odds that a pair taken at random is of one person, or of one household, to its being of strangers. */
  readonly priorPerson: number;
  readonly priorHousehold: number;
}

export interface ComparisonModel {
  readonly name: string;
  readonly levels: readonly {
    readonly name: string;
    readonly person: number;
    readonly household: number;
    readonly stranger: number;
  }[];
}

const rounds = 60;
/** What the priors of a comparison's levels weigh, in pairs of records. */
const priorPairs = 12;

/**
 * Expectation–maximisation over the candidate pairs, without labels. Candidates are the pairs that agree in something,
 * so strangers are not estimated from them: their shares come from random pairs (`stranger`), and their number
 * from all `pairs` that there are. What a pattern's candidates exceed the strangers that must be expected there is
 * people and households.
 */
export function estimateModel(
  comparisons: readonly Comparison[],
  patterns: Patterns,
  stranger: readonly (readonly number[])[],
  pairs: number,
  nodes: number,
): Model {
  const withHouseholds = comparisons.some(({ name }) => evidenceOfHousehold.has(name));
  const width = comparisons.length;
  const count = patterns.counts.length;
  let person = comparisons.map(({ levels }) => normal(levels.map((level) => level.prior)));
  let household = comparisons.map((comparison, i) =>
    comparison.ofHousehold
      ? normal(comparison.levels.map(householdPrior))
      : relatives(comparison, stranger[i]!),
  );
  const atMost = (share: number, i: number, l: number): number =>
    Math.min(share, (comparisons[i]!.levels[l]!.strangersAtMost ?? nodes) / nodes);
  let strangers = stranger.map((shares, i) => shares.map((share, l) => atMost(share, i, l)));
  let people = Math.min(nodes, pairs) * 0.3;
  let families = withHouseholds ? Math.min(nodes, pairs) * 0.1 : 0;
  for (let round = 0; round < rounds; round++) {
    const seen = { person: zeros(comparisons), household: zeros(comparisons) };
    let peopleSeen = 0;
    let familiesSeen = 0;
    for (let p = 0; p < count; p++) {
      let likePerson = people;
      let likeHousehold = families;
      let likeStranger = Math.max(1, pairs - people - families);
      for (let i = 0; i < width; i++) {
        const level = patterns.levels[i]![p]!;
        if (level === 0) continue;
        likePerson *= person[i]![level - 1]!;
        likeHousehold *= household[i]![level - 1]!;
        likeStranger *= strangers[i]![level - 1]!;
      }
      const scale = patterns.counts[p]! / (likePerson + likeHousehold + likeStranger);
      const ofPerson = likePerson * scale;
      const ofHousehold = likeHousehold * scale;
      peopleSeen += ofPerson;
      familiesSeen += ofHousehold;
      for (let i = 0; i < width; i++) {
        const level = patterns.levels[i]![p]!;
        if (level === 0) continue;
        seen.person[i]![level - 1]! += ofPerson;
        seen.household[i]![level - 1]! += ofHousehold;
      }
    }
    people = Math.max(0.1, peopleSeen);
    families = withHouseholds ? Math.max(0.1, familiesSeen) : 0;
    person = comparisons.map((comparison, i) =>
      anchored(
        comparison,
        normal(comparison.levels.map((level, l) => seen.person[i]![l]! + priorPairs * level.prior)),
      ),
    );
    household = comparisons.map((comparison, i) =>
      comparison.ofHousehold
        ? normal(
            comparison.levels.map((level, l) => seen.household[i]![l]! + priorPairs * householdPrior(level)),
          )
        : household[i]!,
    );
    strangers = stranger.map((shares, i) =>
      normal(
        shares.map((share, l) => {
          const known = (seen.person[i]![l]! + seen.household[i]![l]!) / pairs;
          return atMost(Math.max(share - known, 0.03 * share), i, l);
        }),
      ),
    );
  }
  const rest = Math.max(1, pairs - people - families);
  return {
    priorPerson: Math.log2(people / rest),
    priorHousehold: withHouseholds ? Math.log2(families / rest) : -1000,
    comparisons: comparisons.map(({ name, levels }, i) => ({
      name,
      levels: levels.map((level, l) => ({
        name: level.name,
        person: person[i]![l]!,
        household: household[i]![l]!,
        stranger: strangers[i]![l]!,
      })),
    })),
  };
}

function householdPrior({ prior, householdPrior: own }: Level): number {
  return own ?? prior;
}

/** Without one of these nothing tells a household from strangers with one surname. */
const evidenceOfHousehold: ReadonlySet<string> = new Set(["address", "phone", "email", "customer_key"]);

/** What is a person's own differs for few pairs of one person's records, however bad the data: this keeps the class of people what its name says. */
const mostDifferent = 0.3;

function anchored(comparison: Comparison, shares: number[]): number[] {
  const different = shares.at(-1)!;
  if (comparison.ofHousehold || different <= mostDifferent) return shares;
  const scale = (1 - mostDifferent) / (1 - different);
  return shares.map((share, l) => (l === shares.length - 1 ? mostDifferent : share * scale));
}

/** Relatives agree in what is a person's own little more often than strangers: a given name that runs in the family, a twin's birthday. */
function relatives(comparison: Comparison, stranger: readonly number[]): number[] {
  return normal(stranger.map((share, l) => 0.98 * share + (l === 0 ? 0.02 : 0)));
}

function normal(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function zeros(comparisons: readonly Comparison[]): number[][] {
  return comparisons.map(({ levels }) => levels.map(() => 0));
}
