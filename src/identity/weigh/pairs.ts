import { kindOf, sharedOf } from "../node/shared.ts";
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
export function concatenated(first: WeightedPairs, second: WeightedPairs): WeightedPairs {
  return {
    a: joined(first.a, second.a),
    b: joined(first.b, second.b),
    pattern: joined(first.pattern, second.pattern),
    rarity: joined(first.rarity, second.rarity),
    householdRarity: joined(first.householdRarity, second.householdRarity),
    weight: joined(first.weight, second.weight),
  };
}

function joined<T extends Int32Array | Float32Array | Float64Array>(first: T, second: T): T {
  const both = sharedOf(kindOf(first), first.length + second.length);
  both.set(first as never);
  both.set(second as never, first.length);
  return both;
}
