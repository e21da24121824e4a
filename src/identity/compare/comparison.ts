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
  /** How much rarer (in bits) than values are on average the one is that two nodes have in common, by node; at the named levels. */
  readonly rarity?: { readonly bits: (node: number) => number; readonly levels: readonly string[] };
}

export interface Level {
  readonly name: string;
  /** How often two records of one person stand at this level, before anything is known of the data: shares of 1. */
  readonly prior: number;
  /** The same of two people of one household; default: as of one person. Only where the comparison is of households. */
  readonly householdPrior?: number;
  /**
   * How often two strangers stand at this level at most. Random pairs of a small set are full of pairs of one person,
   * so what is given to one person only would look like chance there.
   */
  readonly strangerAtMost?: number;
}
