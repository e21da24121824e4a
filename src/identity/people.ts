import type { Session } from "../engine/index.ts";
import { type Clusters, clusterNodes } from "./cluster/cluster.ts";
import { Components } from "./cluster/components.ts";
import type { Connected } from "./cluster/connected.ts";
import { constrain, keyColumns } from "./cluster/constraints.ts";
import type { Facts } from "./model/facts.ts";
import { putNamesInPlace } from "./node/exchanged.ts";
import type { Nodes } from "./node/nodes.ts";
import { readNodes } from "./node/read-nodes.ts";
import type { Sources } from "./sources.ts";
import { collapseDuplicates } from "./standardise/collapse.ts";
import type { Decision } from "./steward/decision.ts";
import { Threads } from "./thread/threads.ts";
import { type HeldLinks, onNodes } from "./steward/on-nodes.ts";
import type { Scorer } from "./weigh/score.ts";

/** The nodes of `identity_standard`, each name in its place. */
export async function nodesOf(
  session: Session,
  { keySources, all }: Sources,
  facts: Facts,
  threads = Threads.one,
): Promise<Nodes> {
  const count = await collapseDuplicates(session, keySources.length);
  const nodes = await readNodes(session, threads, count, keySources, all);
  putNamesInPlace(nodes, facts);
  return nodes;
}

/** What decides besides the model, of nodes. */
export interface Rules {
  readonly links: HeldLinks;
  readonly keySources: readonly string[];
  readonly trusted: readonly string[];
  readonly separate: readonly string[];
}

export interface People {
  readonly clusters: Clusters;
  /**
   * By node: the smallest node of those that can have a say in whose cluster it is, by agreement, a trusted key, or
   * what a steward decided. No two components have to do with each other.
   */
  readonly component: Int32Array;
}

/** Clusters the nodes that are connected, under the rules. */
export async function findPeople(
  session: Session,
  threads: Threads,
  nodes: Nodes,
  scorer: Scorer,
  connected: Connected,
  { links, keySources, trusted, separate }: Rules,
): Promise<People> {
  const trustedKeys = keyColumns(nodes, keySources, trusted);
  const clusters = constrain(await clusterNodes(threads, scorer, connected), {
    decisions: await onNodes(session, links.decisions),
    trusted: trustedKeys,
    separate: keyColumns(nodes, keySources, separate),
  });
  const component = componentsOf(nodes.count, clusters, await onNodes(session, links.told), trustedKeys);
  return { clusters, component };
}

function componentsOf(
  count: number,
  { pairs }: Clusters,
  told: readonly Decision<number>[],
  trusted: readonly Int32Array[],
): Int32Array {
  const components = new Components(count);
  for (let i = 0; i < pairs.a.length; i++)
    if (pairs.weight[i]! > 0) components.union(pairs.a[i]!, pairs.b[i]!);
  for (const { a, b } of told) components.union(a, b);
  for (const values of trusted) {
    const first = new Map<number, number>();
    for (const [node, value] of values.entries()) {
      if (value === 0) continue;
      const known = first.get(value);
      if (known === undefined) first.set(value, node);
      else components.union(known, node);
    }
  }
  return Int32Array.from({ length: count }, (_, node) => components.find(node));
}

/** Loads `identity_cluster(node, cluster)`. */
export async function loadClusters(session: Session, { cluster }: Clusters): Promise<void> {
  await session.load("identity_cluster", { node: Int32Array.from(cluster.keys()), cluster });
}
