import { Components } from "./components.ts";
import { MergeQueue } from "./merge-queue.ts";

/** Scored pairs of one component: nodes are numbered 0 … size−1 in it. */
export interface ComponentPairs {
  readonly size: number;
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  /** log2 odds. */
  readonly weight: ArrayLike<number>;
  /** 1 where the two have a key of a source in common: they are merged first when their weight agrees. */
  readonly keyed: ArrayLike<number>;
  /** log2 odds of a pair of which nothing is known. */
  readonly prior: number;
}

/** Beyond this more agreement proves no more, and one strong pair must not outvote several that contradict. */
const mostForPair = 14;
const leastForPair = -24;
/**
 * Splits a component into people: the two groups whose pairs agree best, on average over all their pairs that were
 * compared, are merged, as long as there are two that agree at all. Records with one key of a source begin as a group. Never plain connected components: a bridge
 * between two people has all their contradicting pairs against it. Returns for each node the smallest
 * node of its group. Equal input gives equal output; ties go to the smaller nodes.
 */
export function agglomerate({ size, a, b, weight, keyed, prior }: ComponentPairs): Int32Array {
  const byKey = new Components(size);
  for (let i = 0; i < a.length; i++) if (keyed[i] === 1 && weight[i]! > 0) byKey.union(a[i]!, b[i]!);
  const group = Int32Array.from({ length: size }, (_, i) => byKey.find(i));
  const links: (Map<number, Link> | undefined)[] = Array.from({ length: size }, () => new Map());
  const queue = new MergeQueue();
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [group[a[i]!]!, group[b[i]!]!];
    if (x === y) continue;
    const known = links[x]!.get(y);
    const link: Link = { sum: (known?.sum ?? 0) + pull(weight[i]!, prior), pairs: (known?.pairs ?? 0) + 1 };
    links[x]!.set(y, link);
    links[y]!.set(x, link);
  }
  for (const [x, others] of links.entries())
    for (const [y, { sum, pairs }] of others!) if (x < y && sum > 0) queue.push(sum / pairs, x, y);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [into, from] = [links[next.x], links[next.y]];
    const link = into?.get(next.y);
    // What was queued before one of the two was merged is stale.
    if (
      into === undefined ||
      from === undefined ||
      link === undefined ||
      link.sum / link.pairs !== next.score
    )
      continue;
    links[next.y] = undefined;
    group[next.y] = next.x;
    into.delete(next.y);
    for (const [other, second] of from) {
      if (other === next.x) continue;
      const first = into.get(other);
      const merged: Link = { sum: (first?.sum ?? 0) + second.sum, pairs: (first?.pairs ?? 0) + second.pairs };
      into.set(other, merged);
      links[other]!.delete(next.y);
      links[other]!.set(next.x, merged);
      const score = merged.sum / merged.pairs;
      if (score > 0) queue.push(score, Math.min(next.x, other), Math.max(next.x, other));
    }
  }
  for (let node = 0; node < size; node++) {
    let root = node;
    while (group[root] !== root) root = group[root]!;
    group[node] = root;
  }
  return group;
}

interface Link {
  readonly sum: number;
  readonly pairs: number;
}

/**
 * What a pair adds to the merge of two groups. That two records of them have little to compare is less of a reason against it than
 * that their values contradict each other, so the prior, which speaks against any pair, counts by half against a merge.
 */
function pull(weight: number, prior: number): number {
  if (weight > 0) return Math.min(weight, mostForPair);
  return Math.max(leastForPair, Math.min(0, weight - prior / 2));
}
