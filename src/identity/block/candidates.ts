import { countOf } from "../compare/packed.ts";
import { type Pairs, PairList } from "../compare/pairs.ts";
import { NodeFacts, type NodeFactsData } from "../model/facts.ts";
import { type NodeData, type Nodes, nodesFrom } from "../node/nodes.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { type Blocks, blocksOf, manyPairs } from "./blocks.ts";
import { type BlockingKey, blockingKeys, pointsFor, refinements, signsOf } from "./keys.ts";
import { BlockTable, SignTable } from "./table.ts";

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
  /** In parts. */
  readonly pairs: readonly Pairs[];
  /** Of no keys where every pair is taken. */
  readonly blocks: BlockTable;
  readonly asks: readonly Asks[];
  readonly report: readonly BlockReport[];
}

/** What two nodes in one block of a key must have in common to be a pair. */
export interface Asks {
  /** {@link BlockingKey.least}, or {@link BlockingKey.leastOfMany}. */
  readonly least: number;
  /** By sign: what it counts for that. */
  readonly points: readonly number[];
}

/** Up to here every pair is compared: it costs less than choosing. */
const mostPairsWithoutBlocking = 500_000;
/** New pairs that one key may find, a node, before they must have more in common; {@link manyPairs} in any table. */
const pairsOfMany = 1 / 8;

/**
 * The pairs of nodes worth comparing, each once; where `changed` says so (1), those of these nodes only. Each key's cost is measured before its pairs are looked at; values that are too common
 * are refined, not dropped.
 */
export async function findCandidates(
  threads: Threads,
  nodes: Nodes,
  facts: NodeFacts,
  changed?: Uint8Array,
): Promise<Candidates> {
  if (takesEveryPair(nodes, facts)) {
    const found = new PairList();
    for (let a = 0; a < nodes.count; a++)
      for (let b = a + 1; b < nodes.count; b++)
        if (changed === undefined || changed[a] === 1 || changed[b] === 1) found.push(a, b);
    const { length } = found;
    return {
      pairs: found.take(),
      blocks: BlockTable.of(nodes.count, 0),
      asks: [],
      report: [{ key: "every pair", pairs: length, refinedValues: 0, skippedRecords: 0 }],
    };
  }
  const keys = blockingKeys(nodes);
  const signs = signsOf(nodes);
  const tables = {
    table: BlockTable.of(nodes.count, keys.length),
    signs: SignTable.of(nodes.count, signs.length),
  };
  const known = facts.areKnown ? facts.data : undefined;
  const blocked = await threads.run(
    blockJob,
    { nodes: nodes.data, ...tables, known },
    keys.length + signs.length,
  );
  const found = blocked.flatMap((blocks) => (blocks === undefined ? [] : [blocks]));
  const asking = keys.map((key) => ({ ...askedBy(key, nodes.count, facts), points: pointsFor(key, signs) }));
  const input = { keys: asking, members: found.map(({ members }) => members), ...tables, changed };
  const proposed = await threads.run(proposeJob, input, keys.length);
  for (const { learned } of found) for (const [kind, numbers] of learned) facts.numbers(kind, () => numbers);
  for (const [k, { areMany }] of proposed.entries())
    facts.numbers(findsMany(keys[k]!), () => new Map(areMany ? [["pairs", 1]] : []));
  const asks = proposed.map(({ least }, k) => ({ least, points: asking[k]!.points }));
  const pairs = proposed.map((of, k) => [...of.pairs, ...settled(of.doubtful, k, asks, tables)]);
  return {
    pairs: pairs.flat(),
    blocks: tables.table,
    asks,
    report: keys.map((key, k) => ({
      key: key.name,
      pairs: countOf(pairs[k]!),
      refinedValues: found[k]!.refinedValues,
      skippedRecords: found[k]!.skippedRecords,
    })),
  };
}

function takesEveryPair(nodes: Nodes, facts: NodeFacts): boolean {
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

/** The blocks of each key, which become the table's, and after them the signs. */
export const blockJob: Job<
  {
    readonly nodes: NodeData;
    readonly table: Pick<BlockTable, "keys" | "rows">;
    readonly signs: Pick<SignTable, "width" | "rows">;
    readonly known: NodeFactsData | undefined;
  },
  (Omit<Blocks, "blocks"> & { readonly learned: NodeFactsData["learned"] }) | undefined
> = {
  name: "block",
  begin({ nodes: data, known, ...tables }) {
    const nodes = nodesFrom(data);
    const keys = blockingKeys(nodes);
    const signs = signsOf(nodes);
    const further = refinements(nodes);
    const table = new BlockTable(tables.table.keys, tables.table.rows);
    const signTable = new SignTable(tables.signs.width, tables.signs.rows);
    return (k) => {
      const sign = k - keys.length;
      if (sign >= 0) {
        signTable.set(sign, signs[sign]!.part);
        return undefined;
      }
      const facts = known === undefined ? new NodeFacts(false) : new NodeFacts(true, known.learned);
      const { blocks, ...found } = blocksOf(nodes.count, keys[k]!, further, facts);
      table.set(k, blocks);
      // What is to be told to others.
      return { ...found, learned: facts.areKnown ? new Map() : facts.learned };
    };
  },
};

interface Asking extends Asks {
  /** Where more pairs than {@link Asking.mostPairs} have {@link Asks.least} in common. */
  readonly leastOfMany: number;
  readonly mostPairs: number;
}

function askedBy(key: BlockingKey, nodes: number, facts: NodeFacts): Omit<Asking, "points"> {
  const mostPairs = Math.max(manyPairs, nodes * pairsOfMany);
  if (!facts.areKnown) return { least: key.least, leastOfMany: key.leastOfMany, mostPairs };
  const isOfMany = facts.numbers(findsMany(key), () => new Map()).has("pairs");
  const least = isOfMany ? key.leastOfMany : key.least;
  return { least, leastOfMany: least, mostPairs };
}

/** The fact that a key finds many. */
function findsMany({ name }: BlockingKey): string {
  return `many pairs by ${name}`;
}

interface Proposed {
  readonly pairs: readonly Pairs[];
  /** Pairs that are this key's if one before it turns out to ask for more than they have in common. */
  readonly doubtful: readonly Pairs[];
  readonly least: number;
  readonly areMany: boolean;
}

interface ProposeInput {
  readonly keys: readonly Asking[];
  /** By key: {@link Blocks.members}. */
  readonly members: readonly Int32Array[];
  readonly table: Pick<BlockTable, "keys" | "rows">;
  readonly signs: Pick<SignTable, "width" | "rows">;
  readonly changed: Uint8Array | undefined;
}

/** The pairs that each key finds, and none before it does. */
export const proposeJob: Job<ProposeInput, Proposed> = {
  name: "propose",
  begin: (input) => (k) => propose(input, k),
};

function propose({ keys, members: all, changed, ...tables }: ProposeInput, k: number): Proposed {
  const signs = new SignTable(tables.signs.width, tables.signs.rows);
  const members = all[k]!;
  const { least: first, leastOfMany, mostPairs, points } = keys[k]!;
  const [found, doubtful] = [new PairList(), new PairList()];
  let [least, asked] = [first, 0];
  for (let from = 0, to = 0; from < members.length; from = to) {
    for (to = from + 1; to < members.length && members[to]! >= 0;) to++;
    for (let i = from; i < to; i++) {
      const a = i === from ? ~members[i]! : members[i]!;
      const isChanged = changed === undefined || changed[a] === 1;
      for (let j = i + 1; j < to; j++) {
        const b = members[j]!;
        if (!isChanged && changed[b] !== 1) continue;
        if (least > 0 && signs.inCommon(a, b, points) < least) continue;
        const before = foundBefore(keys, k, tables, signs, a, b);
        if (before === surely) continue;
        asked++;
        // They will not be fewer again: from here on no more are kept than are wanted in the end.
        if (asked > mostPairs && least < leastOfMany) {
          least = leastOfMany;
          for (const list of [found, doubtful])
            for (const pairs of list.take())
              for (let p = 0; p < pairs.a.length; p++)
                if (signs.inCommon(pairs.a[p]!, pairs.b[p]!, points) >= least)
                  list.push(pairs.a[p]!, pairs.b[p]!);
          if (signs.inCommon(a, b, points) < least) continue;
        }
        (before === perhaps ? doubtful : found).push(a, b);
      }
    }
  }
  return { pairs: found.take(), doubtful: doubtful.take(), least, areMany: asked > mostPairs };
}

const [never, perhaps, surely] = [0, 1, 2];

/** Whether a key before finds a pair, as far as it is known yet how much it asks for. */
function foundBefore(
  keys: readonly Asking[],
  k: number,
  { table: { rows, keys: width } }: Pick<ProposeInput, "table">,
  signs: SignTable,
  a: number,
  b: number,
): number {
  let found = never;
  for (let q = 0, x = a * width, y = b * width; q < k; q++, x++, y++) {
    if (rows[x] !== rows[y] || rows[x] === 0) continue;
    const { least, leastOfMany, points } = keys[q]!;
    if (leastOfMany === 0) return surely;
    const inCommon = signs.inCommon(a, b, points);
    if (inCommon >= leastOfMany) return surely;
    if (inCommon >= least) found = perhaps;
  }
  return found;
}

/** Those of a key's doubtful pairs that are its own, now that it is known how much all keys ask for. */
function settled(
  doubtful: readonly Pairs[],
  k: number,
  asks: readonly Asks[],
  { table, signs }: { readonly table: BlockTable; readonly signs: SignTable },
): Pairs[] {
  const isFound = (q: number, a: number, b: number): boolean =>
    asks[q]!.least === 0 || signs.inCommon(a, b, asks[q]!.points) >= asks[q]!.least;
  const own = new PairList();
  for (const pairs of doubtful)
    for (const [p, a] of pairs.a.entries()) {
      const b = pairs.b[p]!;
      let isOwn = isFound(k, a, b);
      for (let q = 0; q < k && isOwn; q++) if (table.share(a, b, q) && isFound(q, a, b)) isOwn = false;
      if (isOwn) own.push(a, b);
    }
  return own.take();
}
