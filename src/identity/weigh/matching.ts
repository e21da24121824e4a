/** How readily records become one person: the one setting of the operating point. */
export const matchings = ["cautious", "balanced", "eager"] as const;

export type Matching = (typeof matchings)[number];

/**
 * What the odds of one person (log2) must exceed: `balanced` joins what is rather one person than not, which costs least where a wrong join
 * and a missed one are equally bad; `cautious` wants 16 to 1; `eager` takes 1 to 8.
 */
export const leastOdds: Readonly<Record<Matching, number>> = { cautious: 4, balanced: 0, eager: -3 };
