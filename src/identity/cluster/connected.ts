import type { PackedPairs } from "../compare/packed.ts";
import type { Pairs } from "../compare/pairs.ts";
import { sharedOf } from "../node/shared.ts";
import { unpacked } from "../weigh/pairs.ts";
import type { Scorer, WeightedPairs } from "../weigh/score.ts";
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
export function connect(count: number, scorer: Scorer, compared: readonly PackedPairs[]): Connected {
  const components = new Components(count);
  for (const part of compared) {
    const { a, b, pattern } = part;
    const mayJoin = Uint8Array.from(part.patterns, (number) => (scorer.mayJoin(number) ? 1 : 0));
    const weigh = scorer.weigher(part);
    for (let i = 0; i < a.length; i++)
      if (mayJoin[pattern[i]!] === 1 && weigh(i).weight > 0) components.union(a[i]!, b[i]!);
  }
  const of = new Int32Array(count);
  const size = new Int32Array(count);
  for (let node = 0; node < count; node++) size[(of[node] = components.find(node))]!++;
  return { of, size, pairs: unpacked(scorer, compared, (a, b) => of[a] === of[b]) };
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
