import type { PackedPairs } from "../compare/packed.ts";
import { sharedOf } from "../node/shared.ts";
import type { Scorer, WeightedPairs } from "./score.ts";

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

/** Those of packed parts that are wanted, weighed, after `first` ones, in memory that threads share. */
export function unpacked(
  scorer: Scorer,
  parts: readonly PackedPairs[],
  isWanted: (a: number, b: number) => boolean,
  first?: WeightedPairs,
): WeightedPairs {
  let count = first?.a.length ?? 0;
  const before = count;
  for (const { a, b } of parts) for (let i = 0; i < a.length; i++) if (isWanted(a[i]!, b[i]!)) count++;
  const pairs = {
    a: sharedOf(Int32Array, count),
    b: sharedOf(Int32Array, count),
    pattern: sharedOf(Float64Array, count),
    rarity: sharedOf(Float32Array, count),
    householdRarity: sharedOf(Float32Array, count),
    weight: sharedOf(Float64Array, count),
  };
  if (first !== undefined)
    for (const [name, numbers] of Object.entries(pairs))
      numbers.set(first[name as keyof typeof pairs] as never);
  let at = before;
  for (const part of parts) {
    const { a, b, patterns, pattern } = part;
    const weigh = scorer.weigher(part);
    for (let i = 0; i < a.length; i++) {
      if (!isWanted(a[i]!, b[i]!)) continue;
      pairs.a[at] = a[i]!;
      pairs.b[at] = b[i]!;
      pairs.pattern[at] = patterns[pattern[i]!]!;
      const { rarity, householdRarity, weight } = weigh(i);
      pairs.rarity[at] = rarity;
      pairs.householdRarity[at] = householdRarity;
      pairs.weight[at++] = weight;
    }
  }
  return pairs;
}
