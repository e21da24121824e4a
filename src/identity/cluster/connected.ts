import type { PackedPairs } from "../compare/packed.ts";
import type { Pairs } from "../compare/pairs.ts";
import { sharedOf } from "../node/shared.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { concatenated } from "../weigh/pairs.ts";
import { Scorer, type ScorerData, type WeightedPairs } from "../weigh/score.ts";
import { Components } from "./components.ts";

/** Nodes that are rather one person than not, and what connects them. */
export interface Connected {
  /** By node: the smallest node of its component. */
  readonly of: Int32Array;
  /** By that. */
  readonly size: Int32Array;
  /** The compared pairs of which both are in one component. */
  readonly pairs: WeightedPairs;
}

/** Of `count` nodes. Of most pairs nothing is known any more after it: they are of different components. */
export async function connect(
  threads: Threads,
  count: number,
  scorer: Scorer,
  compared: readonly PackedPairs[],
): Promise<Connected> {
  const input = { scorer: scorer.data, compared };
  const joining = await threads.run(joinJob, input, compared.length, joiningIn(scorer, input));
  const components = new Components(count);
  for (const [p, { a, b }] of compared.entries()) for (const i of joining[p]!) components.union(a[i]!, b[i]!);
  const of = sharedOf(Int32Array, count);
  const size = new Int32Array(count);
  for (let node = 0; node < count; node++) size[(of[node] = components.find(node))]!++;
  return { of, size, pairs: concatenated(await pairsWithin(threads, scorer, of, compared)) };
}

/** The pairs, weighed, of which both are in one component. */
export async function pairsWithin(
  threads: Threads,
  scorer: Scorer,
  of: Int32Array,
  compared: readonly PackedPairs[],
): Promise<WeightedPairs[]> {
  const input = { scorer: scorer.data, compared, of };
  return await threads.run(withinJob, input, compared.length, within(scorer, input));
}

interface JoinInput {
  readonly scorer: ScorerData;
  readonly compared: readonly PackedPairs[];
}

/** The positions of those of a part that are rather one person than not. */
export const joinJob: Job<JoinInput, Uint16Array> = {
  name: "join",
  begin: (input) => joiningIn(Scorer.of(input.scorer), input),
};

function joiningIn(scorer: Scorer, { compared }: JoinInput): (part: number) => Uint16Array {
  return (p) => {
    const part = compared[p]!;
    return positions(part, scorer.joiner(part));
  };
}

interface WithinInput extends JoinInput {
  /** By node its component. */
  readonly of: Int32Array;
}

export const withinJob: Job<WithinInput, WeightedPairs> = {
  name: "within",
  begin: (input) => within(Scorer.of(input.scorer), input),
};

function within(scorer: Scorer, { compared, of }: WithinInput): (part: number) => WeightedPairs {
  return (p) => {
    const part = compared[p]!;
    return scorer.weigh(
      part,
      positions(part, (i) => of[part.a[i]!] === of[part.b[i]!]),
    );
  };
}

/** Of the wanted ones of a part. */
function positions({ a }: PackedPairs, isWanted: (i: number) => boolean): Uint16Array {
  const found = new Uint16Array(a.length);
  let count = 0;
  for (let i = 0; i < a.length; i++) if (isWanted(i)) found[count++] = i;
  return found.slice(0, count);
}

/** Numbers by component: those of component c are at `starts[c]` … `starts[c + 1]` of `order`. */
export interface ByComponent {
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** Positions of pairs, in memory that threads share. */
export function pairsByComponent({ of }: Pick<Connected, "of">, { a }: Pairs): ByComponent {
  return byComponent(a.length, of.length, (i) => of[a[i]!]!);
}

export function nodesByComponent({ of }: Pick<Connected, "of">): ByComponent {
  return byComponent(of.length, of.length, (node) => of[node]!);
}

function byComponent(count: number, components: number, of: (i: number) => number): ByComponent {
  const starts = sharedOf(Int32Array, components + 1);
  for (let i = 0; i < count; i++) starts[of(i) + 1]!++;
  for (let c = 1; c <= components; c++) starts[c]! += starts[c - 1]!;
  const next = starts.slice();
  const order = sharedOf(Int32Array, count);
  for (let i = 0; i < count; i++) order[next[of(i)]!++] = i;
  return { order, starts };
}
