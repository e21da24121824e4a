import { type Pairs, PairList } from "../compare/pairs.ts";
import { NodeFacts, type NodeFactsData } from "../model/facts.ts";
import { type NodeData, type Nodes, nodesFrom } from "../node/nodes.ts";
import type { Job } from "../thread/job.ts";
import type { Threads } from "../thread/threads.ts";
import { type Blocks, blocksOf } from "./blocks.ts";
import { type BlockingKey, blockingKeys, refinements } from "./keys.ts";
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
  /** By key: {@link BlockingKey.least}, or {@link BlockingKey.leastOfMany}. */
  readonly least: readonly number[];
  readonly report: readonly BlockReport[];
}

/** Up to here every pair is compared: it costs less than choosing. */
const mostPairsWithoutBlocking = 500_000;
/** New pairs that one key may find, a node, before they must have more in common. */
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
      least: [],
      report: [{ key: "every pair", pairs: length, refinedValues: 0, skippedRecords: 0 }],
    };
  }
  const keys = blockingKeys(nodes);
  const table = BlockTable.of(nodes.count, keys.length);
  const known = facts.areKnown ? facts.data : undefined;
  const found = await threads.run(blockJob, { nodes: nodes.data, table, known }, keys.length);
  const proposed = await threads.run(
    proposeJob,
    {
      nodes: nodes.count,
      keys: keys.map(({ name, least, leastOfMany }) => ({ name, least, leastOfMany })),
      members: found.map(({ members }) => members),
      table,
      signs: SignTable.of(nodes),
      changed,
      known,
    },
    keys.length,
  );
  for (const { learned } of [...found, ...proposed])
    for (const [kind, numbers] of learned) facts.numbers(kind, () => numbers);
  return {
    pairs: proposed.flatMap(({ pairs }) => pairs),
    blocks: table,
    least: proposed.map(({ least }) => least),
    report: keys.map((key, k) => ({
      key: key.name,
      pairs: proposed[k]!.count,
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

/** The blocks of each key, which become the table's. */
export const blockJob: Job<
  {
    readonly nodes: NodeData;
    readonly table: Pick<BlockTable, "keys" | "rows">;
    readonly known: NodeFactsData | undefined;
  },
  Omit<Blocks, "blocks"> & { readonly learned: NodeFactsData["learned"] }
> = {
  name: "block",
  begin({ nodes: data, table: { keys: width, rows }, known }) {
    const nodes = nodesFrom(data);
    const keys = blockingKeys(nodes);
    const further = refinements(nodes);
    const table = new BlockTable(width, rows);
    return (k) => {
      const facts = factsOf(known);
      const { blocks, ...found } = blocksOf(nodes.count, keys[k]!, further, facts);
      table.set(k, blocks);
      return { ...found, learned: learnedBy(facts) };
    };
  },
};

interface Proposed {
  readonly pairs: readonly Pairs[];
  readonly count: number;
  readonly least: number;
  readonly learned: NodeFactsData["learned"];
}

/** The pairs that each key finds, and none before it does. */
export const proposeJob: Job<
  {
    readonly nodes: number;
    readonly keys: readonly Pick<BlockingKey, "name" | "least" | "leastOfMany">[];
    /** By key: {@link Blocks.members}. */
    readonly members: readonly Int32Array[];
    readonly table: Pick<BlockTable, "keys" | "rows">;
    readonly signs: Pick<SignTable, "points" | "rows">;
    readonly changed: Uint8Array | undefined;
    readonly known: NodeFactsData | undefined;
  },
  Proposed
> = {
  name: "propose",
  begin({ nodes, keys, members, changed, known, ...tables }) {
    const table = new BlockTable(tables.table.keys, tables.table.rows);
    const signs = new SignTable(tables.signs.points, tables.signs.rows);
    return (k) => {
      const { name, least: most, leastOfMany } = keys[k]!;
      const facts = factsOf(known);
      const fact = `many pairs by ${name}`;
      const isKnownForMany = facts.areKnown && facts.numbers(fact, () => new Map()).has("pairs");
      const first = isKnownForMany ? leastOfMany : most;
      const [found, mostPairs] = [new PairList(), nodes * pairsOfMany];
      let [least, asked] = [first, 0];
      eachPair(members[k]!, changed, (a, b) => {
        if ((first > 0 && signs.inCommon(a, b) < first) || table.share(a, b, k)) return;
        asked++;
        // They will not be fewer again: from here on no more are kept than are wanted in the end.
        if (asked > mostPairs && least < leastOfMany && !facts.areKnown) {
          least = leastOfMany;
          for (const pairs of found.take())
            for (const [i, left] of pairs.a.entries())
              if (signs.inCommon(left, pairs.b[i]!) >= least) found.push(left, pairs.b[i]!);
        }
        if (least === first || signs.inCommon(a, b) >= least) found.push(a, b);
      });
      facts.numbers(fact, () => new Map(asked > mostPairs ? [["pairs", asked]] : []));
      const { length } = found;
      return { pairs: found.take(), count: length, least, learned: learnedBy(facts) };
    };
  },
};

function factsOf(known: NodeFactsData | undefined): NodeFacts {
  return known === undefined ? new NodeFacts(false) : new NodeFacts(true, known.learned);
}

/** What is to be told to others. */
function learnedBy({ areKnown, learned }: NodeFacts): NodeFactsData["learned"] {
  return areKnown ? new Map() : learned;
}

function eachPair(
  members: Int32Array,
  changed: Uint8Array | undefined,
  pair: (a: number, b: number) => void,
): void {
  for (let from = 0, to = 0; from < members.length; from = to) {
    for (to = from + 1; to < members.length && members[to]! >= 0;) to++;
    for (let i = from; i < to; i++) {
      const a = i === from ? ~members[i]! : members[i]!;
      const isChanged = changed === undefined || changed[a] === 1;
      for (let j = i + 1; j < to; j++) if (isChanged || changed[members[j]!] === 1) pair(a, members[j]!);
    }
  }
}
