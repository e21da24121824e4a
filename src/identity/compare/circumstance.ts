import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";
import { isPartOf, similarity } from "./distance.ts";

/** Where a person was born stays, but is written as a town here and with its county or country there. */
export function birthplaceComparison(nodes: Nodes): Comparison {
  return {
    name: "birthplace",
    ofHousehold: false,
    ofOnePerson: true,
    rarity: { column: "birthplace", levels: ["exact"] },
    levels: [
      { name: "exact", prior: 0.75 },
      { name: "similar", prior: 0.13 },
      { name: "different", prior: 0.12 },
    ],
    level: levelOfWords(nodes, "birthplace"),
  };
}

/** People change it, have several, and name it in many words: how often one person's differ is learned, without a bound, as of what households share. */
export function occupationComparison(nodes: Nodes): Comparison {
  return {
    name: "occupation",
    ofHousehold: true,
    ofOnePerson: false,
    rarity: { column: "occupation", levels: ["exact"] },
    levels: [
      { name: "exact", prior: 0.5, householdPrior: 0.1 },
      { name: "similar", prior: 0.1, householdPrior: 0.05 },
      { name: "different", prior: 0.4, householdPrior: 0.85 },
    ],
    level: levelOfWords(nodes, "occupation"),
  };
}

function levelOfWords(nodes: Nodes, name: "birthplace" | "occupation"): Comparison["level"] {
  const column = nodes.column(name);
  const texts = nodes.dictionary(name);
  return (a, b) => {
    const [left, right] = [column[a]!, column[b]!];
    if (left === 0 || right === 0) return 0;
    if (left === right) return 1;
    if (Math.min(texts.length(left), texts.length(right)) >= 4 && isPartOf(texts, left, right)) return 2;
    return similarity(texts, left, right, 0.88) >= 0.88 ? 2 : 3;
  };
}
