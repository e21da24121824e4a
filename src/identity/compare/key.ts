import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";

/** Keys that systems gave: equal in one of the sources that both records have a key of, or unequal there. */
export function keyComparison({ keys }: Nodes): Comparison {
  return {
    name: "customer_key",
    ofHousehold: true,
    ofOnePerson: false,
    levels: [
      { name: "exact", prior: 0.8, householdPrior: 0.05, strangersAtMost: 0.005 },
      { name: "different", prior: 0.2, householdPrior: 0.95 },
    ],
    level(a, b) {
      let level = 0;
      for (const key of keys) {
        const [left, right] = [key[a]!, key[b]!];
        if (left === 0 || right === 0) continue;
        if (left === right) return 1;
        level = 2;
      }
      return level;
    },
  };
}
