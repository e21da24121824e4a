import type { Facts } from "../model/facts.ts";
import { numbersById, numbersByText } from "../model/of-texts.ts";
import type { Nodes } from "./nodes.ts";

/** So many times likelier the other way round: e⁴. */
const clearly = 4;

/**
 * Puts names right that stand in each other's place, and single names that stand in the wrong one, by how often a word is a given name
 * and how often a surname in the same table: `Miller` is a surname where hundreds have it as theirs.
 */
export function putNamesInPlace(nodes: Nodes, facts: Facts): void {
  const [given, family] = [nodes.column("given"), nodes.column("family")];
  const [root, lastPart] = [nodes.column("given_root"), nodes.column("last_part")];
  const [givenSound, familySound] = [nodes.column("given_sound"), nodes.column("family_sound")];
  const asGiven = countUses(nodes, facts, "given name", given);
  const asFamily = countUses(nodes, facts, "surname", family);
  /** How much rather a given name than a surname, without `own` of its uses as the one or the other. */
  const rather = (word: number, ownGiven: number, ownFamily: number): number =>
    Math.log(
      (Math.max(0, asGiven[word]! - ownGiven) + 0.5) / (Math.max(0, asFamily[word]! - ownFamily) + 0.5),
    );
  for (let node = 0; node < nodes.count; node++) {
    const [g, f] = [given[node]!, family[node]!];
    if (g === 0 && f === 0) continue;
    const gain =
      (f === 0 ? 0 : rather(f, 0, g === 0 ? 0 : 1)) - (g === 0 ? 0 : rather(g, f === 0 ? 0 : 1, 0));
    // One name alone says half of it.
    if (gain < (g === 0 || f === 0 ? clearly / 2 : clearly)) continue;
    [given[node], family[node]] = [f, g];
    [givenSound[node], familySound[node]] = [familySound[node]!, givenSound[node]!];
    root[node] = nodes.rootOf.get(f) ?? f;
    lastPart[node] = g;
  }
}

/** How often a word is used so in records of both names; a single use is no more than a slip. */
function countUses(nodes: Nodes, facts: Facts, as: string, uses: Int32Array): Float64Array {
  const words = nodes.dictionary("word");
  const [given, family] = [nodes.column("given"), nodes.column("family")];
  const known = facts.numbers(`used as ${as}`, () => {
    const counts = new Float64Array(words.size + 1);
    for (let node = 0; node < nodes.count; node++)
      if (given[node] !== 0 && family[node] !== 0) counts[uses[node]!]!++;
    return numbersByText(words, counts, (word) => counts[word]! > 1);
  });
  return numbersById(words, known);
}
