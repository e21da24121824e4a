import type { NodeFacts } from "../model/facts.ts";
import { type BlockingKey, type Part, mixed } from "./keys.ts";
import { shared } from "../node/shared.ts";
import { eachGroup, type Sorted, sortedByKey } from "./radix.ts";

/** Pairs that one key may ask for, a node. */
const pairsPerNode = 12;
/** A value that more nodes than this share is too common, whatever the budget. */
const largestBlock = 200;

/** Fewer cost nothing worth to be saved, in any table. */
export const manyPairs = 100_000;

export interface Blocks {
  /** By node; 0: in none. */
  readonly blocks: Int32Array;
  /** The nodes of each block that has several, one after the other; of a block's first node its complement (`~node`). Threads share them. */
  readonly members: Int32Array;
  readonly refinedValues: number;
  readonly skippedRecords: number;
}

/**
 * The blocks of a key. Its cost is measured before any pair is looked at; values that are too common are refined, not dropped, unless other keys have
 * them too ({@link BlockingKey.largest}).
 */
export function blocksOf(
  count: number,
  key: BlockingKey,
  further: readonly Part[],
  facts: NodeFacts,
): Blocks {
  const blocks = new Int32Array(count);
  for (let node = 0; node < count; node++) blocks[node] = blockOf(key.parts, node);
  const members = new Int32Array(count);
  let written = 0;
  const budget = { pairs: count * pairsPerNode };
  let refinedValues = 0;
  let open = sortedByKey(blocks);
  const isLeft = facts
    .numbers(
      `common ones are left by ${key.name}`,
      () => new Map(leavesCommon(key, open) ? [["values", 1]] : []),
    )
    .has("values");
  const largest = isLeft ? key.largest! : largestBlock;
  for (let round = 0; ; round++) {
    const tooCommon = facts.numbers(`too common for ${key.name}, refined ${round} times`, () =>
      findTooCommon(open, largest, budget),
    );
    const refused = new Set(Array.from(tooCommon.keys(), Number));
    const over: number[] = [];
    let values = 0;
    const { positions } = open;
    eachGroup(open, (from, to, block) => {
      if (refused.size > 0 && refused.has(block)) {
        values++;
        for (let i = from; i < to; i++) over.push(positions[i]!);
      } else if (to - from > 1) {
        members[written++] = ~positions[from]!;
        for (let i = from + 1; i < to; i++) members[written++] = positions[i]!;
      }
    });
    if (round === 0) refinedValues = values;
    const refinement = isLeft ? undefined : further[round];
    if (over.length === 0 || refinement === undefined) {
      for (const node of over) blocks[node] = 0;
      return { blocks, members: shared(members, written), refinedValues, skippedRecords: over.length };
    }
    for (const node of over) {
      const finer = refinement(node);
      blocks[node] = finer === 0 ? 0 : mixed(blocks[node]!, finer);
    }
    open = sortedByKey(blocks, Int32Array.from(over.filter((node) => blocks[node] !== 0)));
  }
}

/** Whether those of its values that it may leave to others have {@link manyPairs}. */
function leavesCommon({ largest = Number.POSITIVE_INFINITY }: BlockingKey, sorted: Sorted): boolean {
  let pairs = 0;
  eachGroup(sorted, (from, to) => {
    if (to - from > largest) pairs += ((to - from) * (to - from - 1)) / 2;
  });
  return pairs > manyPairs;
}

/** The blocks that are too large for what a key may still cost, with their sizes. The others are paid from the budget. */
function findTooCommon(sorted: Sorted, largest: number, budget: { pairs: number }): Map<string, number> {
  const sizes = new Map<number, number>();
  eachGroup(sorted, (from, to) => {
    if (to - from > 1) sizes.set(to - from, (sizes.get(to - from) ?? 0) + 1);
  });
  let most = 1;
  for (const [size, count] of [...sizes].sort(([left], [right]) => left - right)) {
    const cost = (count * size * (size - 1)) / 2;
    if (size > largest || (size > 10 && cost > budget.pairs)) break;
    budget.pairs -= cost;
    most = size;
  }
  const found = new Map<string, number>();
  if (![...sizes.keys()].some((size) => size > most)) return found;
  eachGroup(sorted, (from, to, block) => {
    if (to - from > most) found.set(String(block), to - from);
  });
  return found;
}

function blockOf(parts: readonly Part[], node: number): number {
  let block = 0;
  for (let i = 0; i < parts.length; i++) {
    const value = parts[i]!(node);
    if (value === 0) return 0;
    block = i === 0 ? value : mixed(block, value);
  }
  return block;
}
