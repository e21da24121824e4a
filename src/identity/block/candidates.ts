import { type Pairs, PairList } from "../compare/pairs.ts";
import type { Nodes } from "../node/nodes.ts";
import { type BlockingKey, type Part, agreement, blockingKeys, mixed, refinements } from "./keys.ts";
import { eachGroup, sortedByKey } from "./radix.ts";

/** What a key cost: shown to the user. */
export interface BlockReport {
  readonly key: string;
  readonly pairs: number;
  /** Values that were too common and were refined by further columns. */
  readonly refinedValues: number;
  /** Records in values that stayed too common after every refinement: not compared by this key. */
  readonly skippedRecords: number;
}

export interface Candidates {
  readonly pairs: Pairs;
  readonly report: readonly BlockReport[];
}

/** Up to here every pair is compared: it costs less than choosing. */
const mostPairsWithoutBlocking = 500_000;
/** Pairs that one key may ask for, a node. */
const pairsPerNode = 12;
/** A value that more nodes than this share is too common, whatever the budget. */
const largestBlock = 200;

/**
 * The pairs of nodes worth comparing, each once. Each key's cost is measured before its pairs are looked at; values that are too common
 * are refined, not dropped.
 */
export function findCandidates(nodes: Nodes): Candidates {
  const found = new PairList();
  if (comparesEveryPair(nodes.count)) {
    for (let a = 0; a < nodes.count; a++) for (let b = a + 1; b < nodes.count; b++) found.push(a, b);
    return {
      pairs: found.take(),
      report: [{ key: "every pair", pairs: found.length, refinedValues: 0, skippedRecords: 0 }],
    };
  }
  const inCommon = agreement(nodes);
  const further = refinements(nodes);
  const earlier: Int32Array[] = [];
  const report = blockingKeys(nodes).map((key) => {
    const before = found.length;
    const { blocks, ...cost } = blocksOf(nodes, key, further);
    eachPair(blocks, (a, b) => {
      for (const other of earlier) if (other[a] === other[b] && other[a] !== 0) return;
      if (key.least === 0 || inCommon(a, b) >= key.least) found.push(a, b);
    });
    earlier.push(blocks);
    return { key: key.name, pairs: found.length - before, ...cost };
  });
  return { pairs: found.take(), report };
}

/** Whether {@link findCandidates} takes every pair. */
export function comparesEveryPair(nodes: number): boolean {
  return (nodes * (nodes - 1)) / 2 <= mostPairsWithoutBlocking;
}

interface Blocks {
  /** By node; 0: in none. */
  readonly blocks: Int32Array;
  readonly refinedValues: number;
  readonly skippedRecords: number;
}

function blocksOf(nodes: Nodes, { parts }: BlockingKey, further: readonly Part[]): Blocks {
  const blocks = new Int32Array(nodes.count);
  for (let node = 0; node < nodes.count; node++) blocks[node] = blockOf(parts, node);
  const budget = nodes.count * pairsPerNode;
  let pairs = 0;
  let refinedValues = 0;
  let open: Int32Array = sortedByKey(blocks);
  for (let round = 0; ; round++) {
    const sizes = new Map<number, number>();
    eachGroup(open, blocks, (from, to) => sizes.set(to - from, (sizes.get(to - from) ?? 0) + 1));
    let most = 1;
    for (const [size, count] of [...sizes].sort(([left], [right]) => left - right)) {
      if (size === 1) continue;
      const cost = (count * size * (size - 1)) / 2;
      if (size > largestBlock || (size > 10 && pairs + cost > budget)) break;
      pairs += cost;
      most = size;
    }
    const over: number[] = [];
    let values = 0;
    const current = open;
    eachGroup(current, blocks, (from, to) => {
      if (to - from <= most) return;
      values++;
      for (let i = from; i < to; i++) over.push(current[i]!);
    });
    const refinement = further[round];
    if (over.length === 0 || refinement === undefined) {
      for (const node of over) blocks[node] = 0;
      return { blocks, refinedValues, skippedRecords: over.length };
    }
    if (round === 0) refinedValues = values;
    for (const node of over) {
      const finer = refinement(node);
      blocks[node] = finer === 0 ? 0 : mixed(blocks[node]!, finer);
    }
    open = sortedByKey(blocks, Int32Array.from(over.filter((node) => blocks[node] !== 0)));
  }
}

function blockOf(parts: readonly Part[], node: number): number {
  let block = 0;
  for (const [i, part] of parts.entries()) {
    const value = part(node);
    if (value === 0) return 0;
    block = i === 0 ? value : mixed(block, value);
  }
  return block;
}

function eachPair(blocks: Int32Array, pair: (a: number, b: number) => void): void {
  const sorted = sortedByKey(blocks);
  eachGroup(sorted, blocks, (from, to) => {
    for (let i = from; i < to; i++) for (let j = i + 1; j < to; j++) pair(sorted[i]!, sorted[j]!);
  });
}
