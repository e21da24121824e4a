import { shared } from "../node/shared.ts";
import type { ComparedPairs } from "./compare.ts";
import type { Pairs } from "./pairs.ts";

/** A part of compared pairs in little memory, which threads share: they have few patterns. */
export interface PackedPairs extends Omit<ComparedPairs, "pattern"> {
  readonly patterns: Float64Array;
  /** By pair: the position of its pattern. */
  readonly pattern: Uint16Array;
}

/** Of not more pairs than a part has. */
export function packed({ a, b, pattern, rarity, householdRarity }: ComparedPairs): PackedPairs {
  const places = new Map<number, number>();
  const place = Uint16Array.from(pattern, (number) => {
    const known = places.get(number);
    if (known !== undefined) return known;
    places.set(number, places.size);
    return places.size - 1;
  });
  return {
    a,
    b,
    patterns: Float64Array.from(places.keys()),
    pattern: shared(place),
    rarity: shared(rarity),
    householdRarity: shared(householdRarity),
  };
}

export function countOf(parts: readonly Pairs[]): number {
  return parts.reduce((sum, { a }) => sum + a.length, 0);
}
