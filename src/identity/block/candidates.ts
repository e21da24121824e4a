import { literal, type Session } from "../../engine/index.ts";
import { type BlockingKey, blockingKeys, refinements } from "./keys.ts";

/** What a key cost: shown to the user. */
export interface BlockReport {
  readonly key: string;
  readonly pairs: number;
  /** Values that were too common and were refined by further columns. */
  readonly refinedValues: number;
  /** Records in values that stayed too common after every refinement: not compared by this key. */
  readonly skippedRecords: number;
}

/** Up to here every pair is compared: it costs less than choosing. */
const mostPairsWithoutBlocking = 500_000;
/** Pairs that one key may ask for, a node. */
const pairsPerNode = 12;
/** A value that more nodes than this share is too common, whatever the budget. */
const largestBlock = 200;

/**
 * Makes `identity_candidate(a, b)`, a < b: the pairs of nodes worth comparing. Each key's cost is measured before it is joined; values that are too common
 * are refined, not dropped.
 */
export async function findCandidates(
  session: Session,
  nodes: number,
  keyCount: number,
): Promise<readonly BlockReport[]> {
  if (comparesEveryPair(nodes)) {
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_candidate AS
      SELECT x.node AS a, y.node AS b FROM identity_node x JOIN identity_node y ON x.node < y.node`);
    return [{ key: "every pair", pairs: (nodes * (nodes - 1)) / 2, refinedValues: 0, skippedRecords: 0 }];
  }
  await session.run("CREATE OR REPLACE TEMP TABLE identity_block (block UBIGINT, node INTEGER)");
  const report: BlockReport[] = [];
  for (const key of blockingKeys(keyCount)) report.push(await addBlocks(session, key, nodes * pairsPerNode));
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_candidate AS
    SELECT DISTINCT x.node AS a, y.node AS b FROM identity_block x JOIN identity_block y ON x.block = y.block AND x.node < y.node;
    DROP TABLE identity_block`);
  return report;
}

/** Whether {@link findCandidates} takes every pair. */
export function comparesEveryPair(nodes: number): boolean {
  return (nodes * (nodes - 1)) / 2 <= mostPairsWithoutBlocking;
}

async function addBlocks(session: Session, key: BlockingKey, budget: number): Promise<BlockReport> {
  const hashed = (parts: readonly string[]): string =>
    `CASE WHEN ${parts.map((part) => `(${part}) IS NOT NULL`).join(" AND ")} THEN hash(${[literal(key.name), ...parts].join(", ")}) END`;
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_block_open AS
    SELECT block, node FROM (SELECT ${hashed(key.parts)} AS block, node FROM identity_node) WHERE block IS NOT NULL`);
  let pairs = 0;
  let refinedValues = 0;
  for (let round = 0; ; round++) {
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_block_size AS
      SELECT block, count(*) AS n FROM identity_block_open GROUP BY block HAVING count(*) > 1`);
    const sizes = await session.rows<{ n: number; blocks: number }>(
      "SELECT n, count(*) AS blocks FROM identity_block_size GROUP BY n ORDER BY n",
    );
    let most = 1;
    for (const { n, blocks } of sizes) {
      const cost = (blocks * n * (n - 1)) / 2;
      if (n > largestBlock || (n > 10 && pairs + cost > budget)) break;
      pairs += cost;
      most = n;
    }
    await session.run(`INSERT INTO identity_block SELECT block, node FROM identity_block_open
      SEMI JOIN (SELECT block FROM identity_block_size WHERE n <= ${most}) USING (block)`);
    const over = sizes.filter(({ n }) => n > most);
    const overBlocks = over.reduce((sum, { blocks }) => sum + blocks, 0);
    const overNodes = over.reduce((sum, { n, blocks }) => sum + n * blocks, 0);
    const next = refinements[round];
    if (overBlocks === 0 || next === undefined)
      return { key: key.name, pairs, refinedValues, skippedRecords: overNodes };
    if (round === 0) refinedValues = overBlocks;
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_block_open AS
      SELECT hash(block, coalesce(CAST(${next} AS VARCHAR), CAST(node AS VARCHAR))) AS block, node
      FROM (SELECT o.block, n.* FROM identity_block_open o SEMI JOIN (SELECT block FROM identity_block_size WHERE n > ${most}) USING (block)
            JOIN identity_node n USING (node))`);
  }
}
