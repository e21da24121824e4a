import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";

/**
 * Of which source both records are. One that has each person once (a register, a list that was deduplicated) says by that alone that
 * two of its records are two people; how far it does so is learned, as all else is.
 */
export function sourceComparison({ sources, sourceNames }: Nodes): Comparison {
  const counts = sourceNames.map((_, i) => sources.reduce((n, mask) => n + ((mask >>> i) & 1), 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const within = counts.map((count) => (all === 0 ? 0 : (count / all) ** 2));
  // Before anything is known, a pair of one person is of any two records alike.
  const levels = [
    ...sourceNames.map((name, i) => ({ name: `both of ${name}`, prior: within[i]! })),
    { name: "of different sources", prior: 1 - within.reduce((sum, share) => sum + share, 0) },
  ];
  return {
    name: "source",
    ofHousehold: true,
    ofOnePerson: true,
    decidesBelow: -3,
    levels,
    level(a, b) {
      const [left, right] = [sources[a]!, sources[b]!];
      if (left === 0 || right === 0) return 0;
      const common = left & right;
      return common === 0 ? levels.length : 32 - Math.clz32(common & -common);
    },
  };
}
