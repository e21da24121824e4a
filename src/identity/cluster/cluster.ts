import { sortedByKey } from "../block/radix.ts";
import { type Pairs, PairList } from "../compare/pairs.ts";
import type { ComparisonPlan } from "../compare/compare.ts";
import { compareInThreads, comparePairs, levelsIn } from "../compare/compare.ts";
import type { Nodes } from "../node/nodes.ts";
import { sharedOf } from "../node/shared.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { concatenated, selected } from "../weigh/pairs.ts";
import { Scorer, type ScorerData, type WeightedPairs } from "../weigh/score.ts";
import { agglomerate } from "./agglomerate.ts";
import { groupEvidence } from "./evidence.ts";
import { Components } from "./components.ts";

/** In components of up to so many nodes every pair is compared before clustering, also those that no key proposed. */
const mostNodesCompleted = 60;

export interface Clusters {
  /** By node: the smallest node of its cluster. */
  readonly cluster: Int32Array;
  /** The pairs that could be of one person: both are in one component. Some were compared here. */
  readonly pairs: WeightedPairs;
}

/** Nodes that are rather one person than not are connected, and each component is split into people. */
export async function clusterNodes(
  threads: Threads,
  scorer: Scorer,
  { count }: Nodes,
  weighted: WeightedPairs,
): Promise<Clusters> {
  const components = connected(count, weighted);
  const known = selected(weighted, (i) => components.of[weighted.a[i]!] === components.of[weighted.b[i]!]);
  const missing = missingPairs(components, known);
  const added = scorer.weigh(await compareInThreads(threads, scorer.plan, missing));
  const pairs = concatenated(known, added);
  const cluster = components.of.slice();
  const input = { scorer: scorer.data, pairs, components: byComponent(components, pairs) };
  const found = await threads.run(splitJob, input, partsOf(count), splitting(scorer, input));
  for (const { nodes, clusters } of found)
    for (let i = 0; i < nodes.length; i++) cluster[nodes[i]!] = clusters[i]!;
  return { cluster, pairs };
}

interface Connected {
  /** By node: the smallest node of its component. */
  readonly of: Int32Array;
  readonly size: Int32Array;
}

function connected(count: number, { a, b, weight }: WeightedPairs): Connected {
  const components = new Components(count);
  for (let i = 0; i < a.length; i++) if (weight[i]! > 0) components.union(a[i]!, b[i]!);
  const of = new Int32Array(count);
  const size = new Int32Array(count);
  for (let node = 0; node < count; node++) size[(of[node] = components.find(node))]!++;
  return { of, size };
}

/** Those of component c are at `starts[c]` … `starts[c + 1]` of `order`. */
interface PairsByComponent {
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** Positions of pairs by their component, those of one component in order of (a, b). */
function byComponent({ of, size }: Connected, { a, b }: Pairs): PairsByComponent {
  const starts = sharedOf(Int32Array, size.length + 1);
  for (const node of a) starts[of[node]! + 1]!++;
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const next = starts.slice();
  const order = sharedOf(Int32Array, a.length);
  // No key is 0.
  const left = a.map((node) => node + 1);
  for (const i of sortedByKey(left, sortedByKey(b))) order[next[of[a[i]!]!]!++] = i;
  return { order, starts };
}

function missingPairs(components: Connected, known: Pairs): Pairs {
  const { of, size } = components;
  const missing = new PairList();
  const members = new Map<number, number[]>();
  for (let node = 0; node < of.length; node++) {
    const nodes = size[of[node]!]!;
    if (nodes < 3 || nodes > mostNodesCompleted) continue;
    const others = members.get(of[node]!);
    if (others === undefined) members.set(of[node]!, [node]);
    else others.push(node);
  }
  const { order, starts } = byComponent(components, known);
  const place = new Int32Array(of.length);
  const isKnown = new Uint8Array(mostNodesCompleted * mostNodesCompleted);
  for (const [component, nodes] of members) {
    const [from, to] = [starts[component]!, starts[component + 1]!];
    if (to - from === (nodes.length * (nodes.length - 1)) / 2) continue;
    isKnown.fill(0);
    for (const [i, node] of nodes.entries()) place[node] = i;
    for (let i = from; i < to; i++)
      isKnown[place[known.a[order[i]!]!]! * mostNodesCompleted + place[known.b[order[i]!]!]!] = 1;
    for (const [i, a] of nodes.entries())
      for (let j = i + 1; j < nodes.length; j++)
        if (isKnown[i * mostNodesCompleted + j] === 0) missing.push(a, nodes[j]!);
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
  readonly components: PairsByComponent;
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
      const members: number[] = [];
      const number = (node: number): number => {
        if (local[node] === -1) local[node] = members.push(node) - 1;
        return local[node]!;
      };
      const group = agglomerate(
        {
          a: Int32Array.from(own, (i) => number(pairs.a[i]!)),
          b: Int32Array.from(own, (i) => number(pairs.b[i]!)),
          joined: Uint8Array.from(own, (i) => (pairs.weight[i]! > 0 && keyed(pairs.pattern[i]!) ? 1 : 0)),
          size: members.length,
        },
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
