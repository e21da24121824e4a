import { MergeQueue } from "./merge-queue.ts";

/** Scored pairs of one component: nodes are numbered 0 … size−1 in it. */
export interface ComponentPairs {
  readonly size: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** log2 odds. */
  readonly weight: readonly number[];
  /** log2 odds of a pair of which nothing is known. */
  readonly prior: number;
}

/** Beyond this more agreement proves no more, and one strong pair must not outvote several that contradict. */
const mostForPair = 14;
const leastForPair = -24;
/**
 * Splits a component into people: the two groups whose pairs agree best, on average over all their pairs that were
 * compared, are merged, as long as there are two that agree at all. Never plain connected components: a bridge
 * between two people has all their contradicting pairs against it. Returns for each node the smallest
 * node of its group. Equal input gives equal output; ties go to the smaller nodes.
 */
export function agglomerate({ size, a, b, weight, prior }: ComponentPairs): Int32Array {
  const group = Int32Array.from({ length: size }, (_, i) => i);
  const links: (Map<number, Link> | undefined)[] = Array.from({ length: size }, () => new Map());
  const queue = new MergeQueue();
  for (let i = 0; i < a.length; i++) {
    const link: Link = { sum: pull(weight[i]!, prior), pairs: 1 };
    links[a[i]!]!.set(b[i]!, link);
    links[b[i]!]!.set(a[i]!, link);
    if (link.sum > 0) queue.push(link.sum, Math.min(a[i]!, b[i]!), Math.max(a[i]!, b[i]!));
  }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [into, from] = [links[next.x], links[next.y]];
    const link = into?.get(next.y);
    // What was queued before one of the two was merged is stale.
    if (into === undefined || from === undefined || link === undefined || link.sum / link.pairs !== next.score) continue;
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
