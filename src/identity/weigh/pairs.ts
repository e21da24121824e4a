import { sharedOf } from "../node/shared.ts";
import type { WeightedPairs } from "./score.ts";

/** Those that are wanted, in their order. */
export function selected(pairs: WeightedPairs, isWanted: (i: number) => boolean): WeightedPairs {
  const all = new Int32Array(pairs.a.length);
  let count = 0;
  for (let i = 0; i < all.length; i++) if (isWanted(i)) all[count++] = i;
  const wanted = all.subarray(0, count);
  const taken = <T extends Int32Array | Float32Array | Float64Array>(of: T): T => {
    const found = new (of.constructor as new (length: number) => T)(count);
    for (let i = 0; i < count; i++) found[i] = of[wanted[i]!]!;
    return found;
  };
  return {
    a: taken(pairs.a),
    b: taken(pairs.b),
    pattern: taken(pairs.pattern),
    rarity: taken(pairs.rarity),
    householdRarity: taken(pairs.householdRarity),
    weight: taken(pairs.weight),
  };
}

/** One after the other, in memory that threads share. */
export function concatenated(parts: readonly WeightedPairs[]): WeightedPairs {
  const count = parts.reduce((sum, { a }) => sum + a.length, 0);
  const joined = <T extends Int32Array | Float32Array | Float64Array>(
    into: T,
    of: (part: WeightedPairs) => T,
  ): T => {
    let at = 0;
    for (const part of parts) {
      into.set(of(part) as never, at);
      at += part.a.length;
    }
    return into;
  };
  return {
    a: joined(sharedOf(Int32Array, count), ({ a }) => a),
    b: joined(sharedOf(Int32Array, count), ({ b }) => b),
    pattern: joined(sharedOf(Float64Array, count), ({ pattern }) => pattern),
    rarity: joined(sharedOf(Float32Array, count), ({ rarity }) => rarity),
    householdRarity: joined(sharedOf(Float32Array, count), ({ householdRarity }) => householdRarity),
    weight: joined(sharedOf(Float64Array, count), ({ weight }) => weight),
  };
}
