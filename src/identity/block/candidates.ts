import { type Pairs, PairList } from "../compare/pairs.ts";
import type { Facts } from "../model/facts.ts";
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
  /** By key, and by node: the block that it is in, 0 where it is in none. No keys where every pair is taken. */
  readonly blocks: readonly Int32Array[];
  /** By key: {@link BlockingKey.least}, or {@link BlockingKey.leastOfMany}. */
  readonly least: readonly number[];
  readonly report: readonly BlockReport[];
}

/** Up to here every pair is compared: it costs less than choosing. */
const mostPairsWithoutBlocking = 500_000;
/** Pairs that one key may ask for, a node. */
const pairsPerNode = 12;
/** New pairs that one key may find, a node, before they must have more in common. */
const pairsOfMany = 1 / 8;
/** A value that more nodes than this share is too common, whatever the budget. */
const largestBlock = 200;

/**
 * The pairs of nodes worth comparing, each once; where `changed` says so (1), those of these nodes only. Each key's cost is measured before its pairs are looked at; values that are too common
 * are refined, not dropped.
 */
export function findCandidates(nodes: Nodes, facts: Facts, changed?: Uint8Array): Candidates {
  const found = new PairList();
  if (takesEveryPair(nodes, facts)) {
    for (let a = 0; a < nodes.count; a++)
      for (let b = a + 1; b < nodes.count; b++)
        if (changed === undefined || changed[a] === 1 || changed[b] === 1) found.push(a, b);
    return {
      pairs: found.take(),
      blocks: [],
      least: [],
      report: [{ key: "every pair", pairs: found.length, refinedValues: 0, skippedRecords: 0 }],
    };
  }
  const inCommon = agreement(nodes);
  const further = refinements(nodes);
  const made: Int32Array[] = [];
  const least: number[] = [];
  const keys = blockingKeys(nodes);
  const table = new BlockTable(nodes.count, keys.length);
  const report = keys.map((key, k) => {
    const before = found.length;
    const { blocks, ...cost } = blocksOf(nodes, key, further, facts);
    eachPair(blocks, changed, (a, b) => {
      if (!table.share(a, b, k) && (key.least === 0 || inCommon(a, b) >= key.least)) found.push(a, b);
    });
    const asksForMany = facts.numbers(`many pairs by ${key.name}`, () => {
      const pairs = found.length - before;
      return new Map(pairs > nodes.count * pairsOfMany ? [["pairs", pairs]] : []);
    });
    const required = asksForMany.has("pairs") ? key.leastOfMany : key.least;
    if (required > key.least) found.keep(before, (a, b) => inCommon(a, b) >= required);
    least.push(required);
    table.set(k, blocks);
    made.push(blocks);
    return { key: key.name, pairs: found.length - before, ...cost };
  });
  return { pairs: found.take(), blocks: made, least, report };
}

function takesEveryPair(nodes: Nodes, facts: Facts): boolean {
  const known = facts.numbers(
    "every pair",
    () => new Map(comparesEveryPair(nodes.count) ? [["pairs", 1]] : []),
  );
  return known.has("pairs");
}

/** Whether {@link findCandidates} takes every pair of nodes from which a model is trained. */
export function comparesEveryPair(nodes: number): boolean {
  return (nodes * (nodes - 1)) / 2 <= mostPairsWithoutBlocking;
}

/** By node and key the block that the node is in, 0 for none; a node's blocks are together in memory. */
class BlockTable {
  private readonly rows: Int32Array;

  constructor(
    nodes: number,
    private readonly keys: number,
  ) {
    this.rows = new Int32Array(nodes * keys);
  }

  set(key: number, blocks: Int32Array): void {
    const { rows, keys } = this;
    for (let node = 0, at = key; node < blocks.length; node++, at += keys) rows[at] = blocks[node]!;
  }

  /** Whether two nodes have a block of one of the first `keys` in common. */
  share(a: number, b: number, keys: number): boolean {
    const { rows } = this;
    let [x, y] = [a * this.keys, b * this.keys];
    for (const end = x + keys; x < end; x++, y++) if (rows[x] === rows[y] && rows[x] !== 0) return true;
    return false;
  }
}

interface Blocks {
  /** By node; 0: in none. */
  readonly blocks: Int32Array;
  readonly refinedValues: number;
  readonly skippedRecords: number;
}

function blocksOf(nodes: Nodes, key: BlockingKey, further: readonly Part[], facts: Facts): Blocks {
  const blocks = new Int32Array(nodes.count);
  for (let node = 0; node < nodes.count; node++) blocks[node] = blockOf(key.parts, node);
  const budget = { pairs: nodes.count * pairsPerNode };
  let refinedValues = 0;
  let open: Int32Array = sortedByKey(blocks);
  for (let round = 0; ; round++) {
    const tooCommon = facts.numbers(`too common for ${key.name}, refined ${round} times`, () =>
      findTooCommon(open, blocks, budget),
    );
    const refused = new Set(Array.from(tooCommon.keys(), Number));
    const over: number[] = [];
    let values = 0;
    const current = open;
    if (refused.size > 0)
      eachGroup(current, blocks, (from, to, block) => {
        if (!refused.has(block)) return;
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

/** The blocks that are too large for what a key may still cost, with their sizes. The others are paid from the budget. */
function findTooCommon(
  sorted: Int32Array,
  blocks: Int32Array,
  budget: { pairs: number },
): Map<string, number> {
  const sizes = new Map<number, number>();
  eachGroup(sorted, blocks, (from, to) => sizes.set(to - from, (sizes.get(to - from) ?? 0) + 1));
  let most = 1;
  for (const [size, count] of [...sizes].sort(([left], [right]) => left - right)) {
    if (size === 1) continue;
    const cost = (count * size * (size - 1)) / 2;
    if (size > largestBlock || (size > 10 && cost > budget.pairs)) break;
    budget.pairs -= cost;
    most = size;
  }
  const found = new Map<string, number>();
  eachGroup(sorted, blocks, (from, to, block) => {
    if (to - from > most) found.set(String(block), to - from);
  });
  return found;
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

function eachPair(
  blocks: Int32Array,
  changed: Uint8Array | undefined,
  pair: (a: number, b: number) => void,
): void {
  const sorted = sortedByKey(blocks);
  eachGroup(sorted, blocks, (from, to) => {
    for (let i = from; i < to; i++) {
      const isChanged = changed === undefined || changed[sorted[i]!] === 1;
      for (let j = i + 1; j < to; j++)
        if (isChanged || changed[sorted[j]!] === 1) pair(sorted[i]!, sorted[j]!);
    }
  });
}
