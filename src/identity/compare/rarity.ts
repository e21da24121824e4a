import type { NodeFacts } from "../model/facts.ts";
import { numbersById, numbersByText } from "../model/of-texts.ts";
import type { NodeColumn, Nodes } from "../node/nodes.ts";

/**
 * log2 of (chance that two values agree) / (share of a value) in a column, by number of the value; 0 for none. A value that the model
 * does not know is as rare as one that is seen once.
 */
export function rarities(nodes: Nodes, name: NodeColumn, facts: NodeFacts): Float64Array {
  const dictionary = nodes.dictionaryOf(name);
  const known = facts.numbers(`rarity of ${name}`, () => {
    const counts = new Float64Array(dictionary.size + 1);
    let total = 0;
    for (const value of nodes.column(name)) {
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
  return numbersById(dictionary, known, known.get(seenOnce) ?? 0);
}

/** No value is an empty text. */
const seenOnce = "";
