import type { Session } from "../../engine/index.ts";
import { type ComparisonPlan, comparePairs } from "../compare/compare.ts";
import { numberColumn } from "../literal-column.ts";
import type { Model } from "../weigh/estimate.ts";
import { scorePairs } from "../weigh/score.ts";
import { agglomerate } from "./agglomerate.ts";
import { Components } from "./components.ts";

/** In components of up to so many nodes every pair is compared before clustering, also those that no key proposed. */
const mostNodesCompleted = 60;

/**
 * Makes `identity_cluster(node, cluster)` from `identity_weight(a, b, weight, …)`; a cluster is named by its smallest node. Pairs that are scored on the way are
 * added to `identity_weight`.
 */
export async function clusterNodes(
  session: Session,
  plan: ComparisonPlan,
  model: Model,
  nodes: number,
): Promise<void> {
  const component = await findComponents(session, nodes);
  await completeComponents(session, plan, model);
  const inside = await session.arrays(
    `SELECT c.component, a, b, weight, CAST(${keyed(plan)} AS INTEGER) AS keyed FROM identity_weight
     JOIN identity_component c ON c.node = a JOIN identity_component d ON d.node = b AND c.component = d.component
     ORDER BY c.component, a, b`,
  );
  const cluster = splitComponents(component, model.priorPerson, {
    component: inside["component"] as Int32Array,
    a: inside["a"] as Int32Array,
    b: inside["b"] as Int32Array,
    weight: inside["weight"] as Float64Array,
    keyed: inside["keyed"] as Int32Array,
  });
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_cluster AS
    SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS node, cluster FROM (SELECT ${numberColumn(cluster, "INTEGER")} AS cluster);
    DROP TABLE identity_component`);
}

/** Connects nodes that are rather one person than not; `identity_component(node, component)` has those that are not alone. */
async function findComponents(session: Session, nodes: number): Promise<Int32Array> {
  const { a, b } = await session.arrays("SELECT a, b FROM identity_weight WHERE weight > 0");
  const components = new Components(nodes);
  for (let i = 0; i < a!.length; i++) components.union(a![i] as number, b![i] as number);
  const component = new Int32Array(nodes);
  const size = new Int32Array(nodes);
  for (let node = 0; node < nodes; node++) size[(component[node] = components.find(node))]!++;
  const joined = Array.from({ length: nodes }, (_, node) => node).filter(
    (node) => size[component[node]!]! > 1,
  );
  await session.run(
    joined.length === 0
      ? "CREATE OR REPLACE TEMP TABLE identity_component (node INTEGER, component INTEGER)"
      : `CREATE OR REPLACE TEMP TABLE identity_component AS
         SELECT ${numberColumn(joined, "INTEGER")} AS node, ${numberColumn(
           joined.map((node) => component[node]!),
           "INTEGER",
         )} AS component`,
  );
  return component;
}

async function completeComponents(session: Session, plan: ComparisonPlan, model: Model): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_missing AS
    SELECT x.node AS a, y.node AS b
    FROM (SELECT * FROM identity_component QUALIFY count(*) OVER (PARTITION BY component) <= ${mostNodesCompleted}) x
    JOIN identity_component y ON x.component = y.component AND x.node < y.node
    ANTI JOIN identity_weight w ON w.a = x.node AND w.b = y.node`);
  await comparePairs(session, plan, "identity_missing", "identity_missing_pair");
  await scorePairs(session, plan, model, "identity_missing_pair", "identity_missing_weight");
  await session.run(`INSERT INTO identity_weight SELECT * FROM identity_missing_weight;
    DROP TABLE identity_missing; DROP TABLE identity_missing_pair; DROP TABLE identity_missing_weight`);
}

interface PairColumns {
  readonly component: Int32Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly weight: Float64Array;
  readonly keyed: Int32Array;
}

function splitComponents(component: Int32Array, prior: number, pairs: PairColumns): Int32Array {
  const cluster = component.slice();
  const local = new Int32Array(component.length).fill(-1);
  for (let start = 0; start < pairs.component.length;) {
    let end = start;
    let contradicted = false;
    while (end < pairs.component.length && pairs.component[end] === pairs.component[start])
      if (pairs.weight[end++]! <= 0) contradicted = true;
    // Where nothing speaks against it, a component is one person already.
    if (contradicted) {
      const members: number[] = [];
      const number = (node: number): number => {
        if (local[node] === -1) local[node] = members.push(node) - 1;
        return local[node]!;
      };
      const range = Array.from({ length: end - start }, (_, i) => start + i);
      const a = range.map((i) => number(pairs.a[i]!));
      const b = range.map((i) => number(pairs.b[i]!));
      const group = agglomerate({
        size: members.length,
        a,
        b,
        weight: range.map((i) => pairs.weight[i]!),
        keyed: range.map((i) => pairs.keyed[i]!),
        prior,
      });
      const smallest = new Map<number, number>();
      for (const [i, node] of members.entries())
        smallest.set(group[i]!, Math.min(node, smallest.get(group[i]!) ?? node));
      for (const [i, node] of members.entries()) cluster[node] = smallest.get(group[i]!)!;
    }
    start = end;
  }
  return cluster;
}

/** A key in common, under given names that can be one person's: a spouse's order in the other's account stays a matter of weights. */
function keyed({ comparisons }: ComparisonPlan): string {
  const key = comparisons.findIndex(({ name }) => name === "customer_key");
  const given = comparisons.findIndex(({ name }) => name === "given_name");
  return key === -1 ? "false" : `c${key} = 1 AND c${given} <> ${comparisons[given]!.levels.length}`;
}
