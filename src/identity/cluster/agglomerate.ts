import { Components } from "./components.ts";
import { MergeQueue } from "./merge-queue.ts";

/** Pairs of one component: nodes are numbered 0 … size−1 in it. */
export interface ComponentPairs {
  readonly size: number;
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  /** 1 where the two are one person whatever else is known. */
  readonly joined: ArrayLike<number>;
}

/** What speaks for and against two groups' being one person. */
export interface Evidence<Link> {
  /** What pair `i` says. */
  of(i: number): Link;
  merged(first: Link, second: Link): Link;
  /** Above 0: rather one person than not. */
  score(link: Link): number;
  /** What pairs (one or more) that are not among those of the component say together; absent: all that there are to compare are among them. */
  compare?(a: readonly number[], b: readonly number[]): Link;
}

/** Of two groups, so many members of each are compared with each other before the groups are merged. */
const mostMembersCompared = 10;

/**
 * Splits a component into people: the two groups that are most likely one person by all their pairs that were
 * compared are merged, as long as there are two that are rather one than not. Never plain connected components: a bridge
 * between two people has all their contradicting pairs against it, also those that no key proposed. Returns for each node the smallest
 * node of its group. Equal input gives equal output; ties go to the smaller nodes.
 */
export function agglomerate<Link>(
  { size, a, b, joined }: ComponentPairs,
  evidence: Evidence<Link>,
): Int32Array {
  const together = new Components(size);
  for (let i = 0; i < a.length; i++) if (joined[i] === 1) together.union(a[i]!, b[i]!);
  const group = Int32Array.from({ length: size }, (_, i) => together.find(i));
  const links: (Map<number, Scored<Link>> | undefined)[] = Array.from({ length: size }, () => new Map());
  const queue = new MergeQueue();
  const join = (x: number, y: number, link: Link): Scored<Link> => {
    const scored = { link, score: evidence.score(link) };
    links[x]!.set(y, scored);
    links[y]!.set(x, scored);
    return scored;
  };
  const members = membersOf(group);
  const isKnown = new Set<number>();
  /** What pairs of the two groups say that were not compared before. */
  const found = (x: number, y: number): Link | undefined => {
    if (evidence.compare === undefined) return undefined;
    const [lefts, rights]: [number[], number[]] = [[], []];
    for (const left of spread(members[x]!))
      for (const right of spread(members[y]!)) {
        const pair = pairOf(left, right, size);
        if (isKnown.has(pair)) continue;
        isKnown.add(pair);
        lefts.push(left);
        rights.push(right);
      }
    return lefts.length === 0 ? undefined : evidence.compare(lefts, rights);
  };
  for (let i = 0; i < a.length; i++) {
    if (evidence.compare !== undefined) isKnown.add(pairOf(a[i]!, b[i]!, size));
    const [x, y] = [group[a[i]!]!, group[b[i]!]!];
    if (x === y) continue;
    const known = links[x]!.get(y);
    join(x, y, known === undefined ? evidence.of(i) : evidence.merged(known.link, evidence.of(i)));
  }
  for (const [x, others] of links.entries())
    for (const [y, { score }] of others!) if (x < y && score > 0) queue.push(score, x, y);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [into, from] = [links[next.x], links[next.y]];
    // What was queued before one of the two was merged is stale.
    const between = into?.get(next.y);
    if (into === undefined || from === undefined || between?.score !== next.score) continue;
    const more = found(next.x, next.y);
    if (more !== undefined) {
      const { score } = join(next.x, next.y, evidence.merged(between.link, more));
      if (score > 0) queue.push(score, next.x, next.y);
      continue;
    }
    links[next.y] = undefined;
    group[next.y] = next.x;
    members[next.x]!.push(...members[next.y]!);
    members[next.y] = [];
    into.delete(next.y);
    for (const [other, { link: second }] of from) {
      if (other === next.x) continue;
      const first = into.get(other);
      links[other]!.delete(next.y);
      const { score } = join(
        next.x,
        other,
        first === undefined ? second : evidence.merged(first.link, second),
      );
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

function membersOf(group: Int32Array): number[][] {
  const members: number[][] = Array.from(group, () => []);
  for (const [node, of] of group.entries()) members[of]!.push(node);
  return members;
}

/** Not more than {@link mostMembersCompared} of them, evenly. */
function spread(members: readonly number[]): readonly number[] {
  const step = Math.ceil(members.length / mostMembersCompared);
  return step === 1 ? members : members.filter((_, i) => i % step === 0);
}

function pairOf(a: number, b: number, size: number): number {
  return Math.min(a, b) * size + Math.max(a, b);
}

interface Scored<Link> {
  readonly link: Link;
  readonly score: number;
}
