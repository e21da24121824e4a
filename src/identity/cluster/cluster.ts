import { type Pairs, PairList } from "../compare/pairs.ts";
import type { ComparisonPlan } from "../compare/compare.ts";
import { compareInThreads, comparePairs, levelsIn } from "../compare/compare.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { concatenated } from "../weigh/pairs.ts";
import { Scorer, type ScorerData, type WeightedPairs } from "../weigh/score.ts";
import { agglomerate } from "./agglomerate.ts";
import {
  type ByComponent,
  type Connected,
  nodesByComponent,
  pairsByComponent,
  pairsWithin,
} from "./connected.ts";
import { groupEvidence } from "./evidence.ts";

/** In components of up to so many nodes every pair is compared before clustering, also those that no key proposed. */
const mostNodesCompleted = 60;

export interface Clusters {
  /** By node: the smallest node of its cluster. */
  readonly cluster: Int32Array;
  /** The pairs that could be of one person: both are in one component. Some were compared here. */
  readonly pairs: WeightedPairs;
}

/** Splits the components into people. */
export async function clusterNodes(
  threads: Threads,
  scorer: Scorer,
  components: Connected,
): Promise<Clusters> {
  const missing = missingPairs(components);
  const compared = await compareInThreads(threads, scorer.plan, missing);
  const added = await pairsWithin(threads, scorer, components.of, compared);
  const pairs = concatenated([components.pairs, ...added]);
  const cluster = components.of.slice();
  const input = { scorer: scorer.data, pairs, components: pairsByComponent(components, pairs) };
  const found = await threads.run(splitJob, input, partsOf(cluster.length), splitting(scorer, input));
  for (const { nodes, clusters } of found)
    for (let i = 0; i < nodes.length; i++) cluster[nodes[i]!] = clusters[i]!;
  return { cluster, pairs };
}

/** Those of small components that no key proposed. */
function missingPairs(components: Connected): Pairs[] {
  const { of, size, pairs } = components;
  const missing = new PairList();
  const nodes = nodesByComponent(components);
  const known = pairsByComponent(components, pairs);
  const place = new Int32Array(of.length);
  const isKnown = new Uint8Array(mostNodesCompleted * mostNodesCompleted);
  for (let c = 0; c < of.length; c++) {
    const count = size[c]!;
    if (count < 3 || count > mostNodesCompleted) continue;
    const [from, to] = [known.starts[c]!, known.starts[c + 1]!];
    if (to - from === (count * (count - 1)) / 2) continue;
    const members = nodes.order.subarray(nodes.starts[c], nodes.starts[c + 1]);
    isKnown.fill(0, 0, count * count);
    for (let i = 0; i < count; i++) place[members[i]!] = i;
    for (let i = from; i < to; i++) {
      const pair = known.order[i]!;
      isKnown[place[pairs.a[pair]!]! * count + place[pairs.b[pair]!]!] = 1;
    }
    for (let i = 0; i < count; i++)
      for (let j = i + 1; j < count; j++)
        if (isKnown[i * count + j] === 0) missing.push(members[i]!, members[j]!);
  }
  return missing.take();
}

/** So many components, counted by their smallest nodes, are a part for one thread. */
const nodesOfPart = 1 << 14;

function partsOf(count: number): number {
  return Math.ceil(count / nodesOfPart);
}

interface SplitInput {
  readonly scorer: ScorerData;
  readonly pairs: WeightedPairs;
  readonly components: ByComponent;
}

/** Nodes whose cluster is another than their component, with it. */
interface Split {
  readonly nodes: readonly number[];
  readonly clusters: readonly number[];
}

/** Splits components into people, some of them in each thread. */
export const splitJob: Job<SplitInput, Split> = {
  name: "split",
  begin: (input) => splitting(Scorer.of(input.scorer), input),
};

function splitting(
  scorer: Scorer,
  { pairs, components: { order, starts } }: SplitInput,
): (part: number) => Split {
  const local = new Int32Array(starts.length - 1).fill(-1);
  const keyed = keyedBy(scorer.plan);
  const { ofPair, ...evidence } = groupEvidence(scorer);
  /** By their numbers in a component of these members. */
  const comparing = (members: readonly number[]) => (a: readonly number[], b: readonly number[]) => {
    const found = comparePairs(scorer.plan, {
      a: Int32Array.from(a, (at, i) => Math.min(members[at]!, members[b[i]!]!)),
      b: Int32Array.from(b, (at, i) => Math.max(members[at]!, members[a[i]!]!)),
    });
    let link = ofPair(found, 0);
    for (let i = 1; i < a.length; i++) link = evidence.merged(link, ofPair(found, i));
    return link;
  };
  return (part) => {
    const found = { nodes: [] as number[], clusters: [] as number[] };
    const end = Math.min(starts.length - 1, (part + 1) * nodesOfPart);
    for (let c = part * nodesOfPart; c < end; c++) {
      const own = order.subarray(starts[c], starts[c + 1]);
      // Where nothing speaks against it, a component is one person already.
      if (own.length < 2 || own.every((i) => pairs.weight[i]! > 0)) continue;
      own.sort((i, j) => pairs.a[i]! - pairs.a[j]! || pairs.b[i]! - pairs.b[j]!);
      const members: number[] = [];
      const number = (node: number): number => {
        if (local[node] === -1) local[node] = members.push(node) - 1;
        return local[node]!;
      };
      const [a, b] = [new Int32Array(own.length), new Int32Array(own.length)];
      const joined = new Uint8Array(own.length);
      for (let i = 0; i < own.length; i++) a[i] = number(pairs.a[own[i]!]!);
      for (let i = 0; i < own.length; i++) b[i] = number(pairs.b[own[i]!]!);
      for (let i = 0; i < own.length; i++)
        if (pairs.weight[own[i]!]! > 0 && keyed(pairs.pattern[own[i]!]!)) joined[i] = 1;
      const group = agglomerate(
        { a, b, joined, size: members.length },
        {
          ...evidence,
          of: (i) => ofPair(pairs, own[i]!),
          ...(members.length <= mostNodesCompleted ? {} : { compare: comparing(members) }),
        },
      );
      const smallest = new Map<number, number>();
      for (const [i, node] of members.entries())
        smallest.set(group[i]!, Math.min(node, smallest.get(group[i]!) ?? node));
      for (const [i, node] of members.entries()) {
        found.nodes.push(node);
        found.clusters.push(smallest.get(group[i]!)!);
      }
    }
    return found;
  };
}

/** A key in common, under given names that can be one person's: a spouse's order in the other's account stays a matter of weights. */
function keyedBy(plan: ComparisonPlan): (pattern: number) => boolean {
  const key = plan.comparisons.findIndex(({ name }) => name === "customer_key");
  const given = plan.comparisons.findIndex(({ name }) => name === "given_name");
  if (key === -1) return () => false;
  const different = plan.comparisons[given]!.levels.length;
  return (pattern) => {
    const levels = levelsIn(plan, pattern);
    return levels[key] === 1 && levels[given] !== different;
  };
}
