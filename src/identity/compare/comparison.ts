/**
 * One thing that two records are compared by. `when` of a level is SQL over `l` and `r` (the two values), symmetric in them; the first level
 * that holds counts, and the last one, `different`, holds otherwise. Level 0 means that a value is missing, which is
 * no evidence for either side.
 */
export interface Comparison {
  readonly name: string;
  readonly missing: string;
  readonly levels: readonly Level[];
  /**
   * Whether relatives and colleagues have it in common (surname, street, telephone): then its agreement speaks for
   * one household as much as for one person.
   */
  readonly ofHousehold: boolean;
  /** A column of the value whose frequency says how much it proves that both have it, at the named levels. */
  readonly rarity?: { readonly column: string; readonly levels: readonly string[] };
}

export interface Level {
  readonly name: string;
  readonly when: string;
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

/** Comparisons that read the same columns: evaluated together, once for each distinct pair of values. */
export interface Aspect {
  readonly name: string;
  /** Columns of `identity_node`; a node with null in all of `present` has no value. */
  readonly columns: readonly string[];
  readonly present: readonly string[];
  /** Columns that are looked up for each distinct value: SQL text, and the join that it needs. */
  readonly derived?: { readonly select: string; readonly join: string };
  readonly comparisons: readonly Comparison[];
}

/** Levenshtein with transpositions within `most`, asked only where lengths allow it. */
export function withinEdits(left: string, right: string, most: number): string {
  return `(abs(len(${left}) - len(${right})) <= ${most} AND damerau_levenshtein(${left}, ${right}) <= ${most})`;
}

/** Jaro–Winkler of at least `least` (0…1). */
export function alike(left: string, right: string, least: number): string {
  return `(jaro_winkler_similarity(${left}, ${right}) >= ${least})`;
}
