import type { Nodes } from "./nodes.ts";

/** So many times likelier the other way round: e⁴. */
const clearly = 4;

/**
 * Puts names right that stand in each other's place, and single names that stand in the wrong one, by how often a word is a given name
 * and how often a surname in the same table: `Miller` is a surname where hundreds have it as theirs.
 */
export function putNamesInPlace(nodes: Nodes): void {
  const size = nodes.dictionary("word").size + 1;
  const [given, family] = [nodes.column("given"), nodes.column("family")];
  const [root, lastPart] = [nodes.column("given_root"), nodes.column("last_part")];
  const [givenSound, familySound] = [nodes.column("given_sound"), nodes.column("family_sound")];
  const asGiven = new Float64Array(size);
  const asFamily = new Float64Array(size);
  const rootOf = Int32Array.from({ length: size }, (_, word) => word);
  for (let node = 0; node < nodes.count; node++) {
    if (given[node] !== 0) rootOf[given[node]!] = root[node]!;
    if (given[node] === 0 || family[node] === 0) continue;
    asGiven[given[node]!]!++;
    asFamily[family[node]!]!++;
  }
  /** How much rather a given name than a surname, without `own` of its uses as the one or the other. */
  const rather = (word: number, ownGiven: number, ownFamily: number): number =>
    Math.log((asGiven[word]! - ownGiven + 0.5) / (asFamily[word]! - ownFamily + 0.5));
  for (let node = 0; node < nodes.count; node++) {
    const [g, f] = [given[node]!, family[node]!];
    if (g === 0 && f === 0) continue;
    const gain =
      (f === 0 ? 0 : rather(f, 0, g === 0 ? 0 : 1)) - (g === 0 ? 0 : rather(g, f === 0 ? 0 : 1, 0));
    // One name alone says half of it.
    if (gain < (g === 0 || f === 0 ? clearly / 2 : clearly)) continue;
    [given[node], family[node]] = [f, g];
    [givenSound[node], familySound[node]] = [familySound[node]!, givenSound[node]!];
    root[node] = rootOf[f]!;
    lastPart[node] = g;
  }
}
