import type { NodeColumn } from "../node/nodes.ts";

/** One thing that two records are compared by. */
export interface Comparison {
  readonly name: string;
  readonly levels: readonly Level[];
  /**
   * At which of `levels`, from 1, two nodes stand, the last of which says that they differ; 0 when a value is missing, which is no evidence
   * for either side. Symmetric, and by the nodes' values alone.
   */
  readonly level: (a: number, b: number) => number;
  /**
   * Whether relatives and colleagues have it in common (surname, street, telephone): then its agreement speaks for
   * one household as much as for one person.
   */
  readonly ofHousehold: boolean;
  /** Whether a person has one of it, and not one after the other, or several at once. */
  readonly ofOnePerson: boolean;
  /** What weighs less (log2 of the odds of one person to strangers) in one pair of two groups, counts for the two alone. */
  readonly decidesBelow?: number;
  /** At the named levels it counts how much rarer than values of the column are on average the one is that two nodes have in common. */
  readonly rarity?: { readonly column: NodeColumn; readonly levels: readonly string[] };
}

export interface Level {
  readonly name: string;
  /** How often two records of one person stand at this level, before anything is known of the data: shares of 1. */
  readonly prior: number;
  /** The same of two people of one household; default: as of one person. Only where the comparison is of households. */
  readonly householdPrior?: number;
  /**
   * How many strangers a record has this in common with at most, on average: what is given to one person only goes astray now and then, and no more
   * often in a larger table. Random pairs say nothing of what is that rare, and in a small set they are full of pairs of one person.
   */
  readonly strangersAtMost?: number;
}

/** Whether two nodes stand at the last level. */
export function isDifferent({ levels, level }: Comparison, a: number, b: number): boolean {
  return level(a, b) === levels.length;
}
