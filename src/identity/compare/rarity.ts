import type { NodeFacts } from "../model/facts.ts";
import { numbersById, numbersByText } from "../model/of-texts.ts";
import type { NodeColumn, Nodes } from "../node/nodes.ts";

/** How rare the values of a column are. */
export interface Rarity {
  /** By node: a number of its value. */
  readonly column: Int32Array;
  /**
   * By that: log2 of (chance that two values agree) / (share of the value); 0 for none. A value that the model does not know is as rare as
   * one that is seen once.
   */
  readonly bits: Float64Array;
  /** None of them is above this. */
  readonly most: number;
}

export function rarityOf(nodes: Nodes, name: NodeColumn, facts: NodeFacts): Rarity {
  const dictionary = nodes.dictionaryOf(name);
  const column = nodes.column(name);
  const known = facts.numbers(`rarity of ${name}`, () => {
    const counts = new Float64Array(dictionary.size + 1);
    let total = 0;
    for (const value of column) {
      if (value === 0) continue;
      counts[value]!++;
      total++;
    }
    let agreeing = 0;
    for (const count of counts) agreeing += count * count;
    const bits = counts.map((count) => (count === 0 ? 0 : Math.log2(agreeing / (total * count))));
    const found = numbersByText(dictionary, bits, (id) => counts[id]! > 1);
    return total === 0 ? found : found.set(seenOnce, Math.log2(agreeing / total));
  });
  const bits = numbersById(dictionary, known, known.get(seenOnce) ?? 0);
  return { column, bits, most: bits.reduce((most, one) => Math.max(most, one)) };
}

/** How rare is what two nodes have in common of all these, to the precision of 32 bits. */
export function bitsInCommon(rarities: readonly Rarity[], a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < rarities.length; i++) {
    const { column, bits } = rarities[i]!;
    // Where one of the two lacks the value, the other's counts.
    sum = Math.fround(sum + (bits[column[a]!]! || bits[column[b]!]!));
  }
  return sum;
}

/** No value is an empty text. */
const seenOnce = "";

/** More than {@link bitsInCommon} never is. */
export function mostBitsInCommon(rarities: readonly Rarity[]): number {
  return rarities.reduce((sum, { most }) => Math.fround(sum + most), 0);
}
