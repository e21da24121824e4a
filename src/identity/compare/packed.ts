import { scattered } from "../node/hash.ts";
import { sharedOf } from "../node/shared.ts";
import { type Pairs, pairsOfPart } from "./pairs.ts";

/** A part of compared pairs in little memory, which threads share: they have few patterns, and what they have in common says how rare it is. */
export interface PackedPairs extends Pairs {
  readonly patterns: Float64Array;
  /** By pair: the position of its pattern. */
  readonly pattern: Uint16Array;
}

/** Of not more pairs than {@link pairsOfPart}. */
export function packed({ a, b }: Pairs, pattern: Float64Array): PackedPairs {
  places.fill(0);
  const found: number[] = [];
  const place = sharedOf(Uint16Array, pattern.length);
  for (let i = 0; i < pattern.length; i++) {
    const number = pattern[i]!;
    let slot = scattered(number | 0) & (slots - 1);
    for (; places[slot] !== 0 && found[places[slot]! - 1] !== number; slot = (slot + 1) & (slots - 1));
    if (places[slot] === 0) places[slot] = found.push(number);
    place[i] = places[slot]! - 1;
  }
  return { a, b, patterns: Float64Array.from(found), pattern: place };
}

const slots = 2 * pairsOfPart;
/** By slot: the position of a pattern, from 1. */
const places = new Int32Array(slots);

export function countOf(parts: readonly Pairs[]): number {
  return parts.reduce((sum, { a }) => sum + a.length, 0);
}
