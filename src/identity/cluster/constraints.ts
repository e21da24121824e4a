import type { Nodes } from "../node/nodes.ts";
import type { Decision } from "../steward/decision.ts";
import type { WeightedPairs } from "../weigh/score.ts";
import type { Clusters } from "./cluster.ts";
import { Components } from "./components.ts";

/** What holds whatever the model says, of nodes. A node's value of a key is a number, 0 where it has none. */
export interface Constraints {
  /** Decisions that do not contradict one another; they win over keys. */
  readonly decisions: readonly Decision<number>[];
  /** Nodes with the same value are one person. */
  readonly trusted: readonly Int32Array[];
  /** Nodes with different values never are. They win over trusted keys. */
  readonly separate: readonly Int32Array[];
}

/** Where a key is: in a column of the nodes, or the key of the source at a position. */
type KeyPlace = "email" | "phone" | "national_id" | "birth" | number;

/** Of keys by their names in the configuration: a source, or a tag that is a key. Unknown ones are nowhere. */
export function keyPlaces(keySources: readonly string[], names: readonly string[]): KeyPlace[] {
  return names.flatMap((name): KeyPlace[] => {
    if (name === "email" || name === "phone" || name === "national_id") return [name];
    if (name === "birthdate") return ["birth"];
    const source = keySources.indexOf(name);
    return source === -1 ? [] : [source];
  });
}

/** The values of keys by their names in the configuration. */
export function keyColumns(
  nodes: Nodes,
  keySources: readonly string[],
  names: readonly string[],
): Int32Array[] {
  return keyPlaces(keySources, names).map((place) => {
    if (typeof place === "number") return nodes.keys[place]!;
    return place === "birth" ? wholeDates(nodes) : nodes.column(place);
  });
}

/** A date of which a part is not known is neither the same as another nor a different one. */
function wholeDates(nodes: Nodes): Int32Array {
  const texts = nodes.dictionary("birth");
  const isWhole = Uint8Array.from({ length: texts.size + 1 }, (_, value) =>
    value > 0 && !/^0000|-00(-|$)/.test(texts.text(value)) ? 1 : 0,
  );
  return nodes.column("birth").map((value) => (isWhole[value] === 1 ? value : 0));
}

/**
 * The clusters under constraints. Clusters that a link or a trusted key connects become one; one that holds nodes which
 * must not be together is put together anew: first what is linked, then what a trusted key joins, then what the model
 * had joined, pairs of the highest weight first, each as far as nothing forbids it.
 */
export function constrain(clusters: Clusters, { decisions, trusted, separate }: Constraints): Clusters {
  const { cluster, pairs } = clusters;
  if (decisions.length === 0 && trusted.length === 0 && separate.length === 0) return clusters;
  const joined = new Components(cluster.length);
  for (const { kind, a, b } of decisions) if (kind === "link") joined.union(cluster[a]!, cluster[b]!);
  for (const values of trusted) {
    const first = new Map<number, number>();
    for (const [node, value] of values.entries()) {
      if (value === 0) continue;
      const known = first.get(value);
      if (known === undefined) first.set(value, cluster[node]!);
      else joined.union(known, cluster[node]!);
    }
  }
  const group = cluster.map((name) => joined.find(name));
  const broken = new Set<number>();
  for (const { kind, a, b } of decisions)
    if (kind === "unlink" && group[a] === group[b]) broken.add(group[a]!);
  for (const values of separate) {
    const first = new Map<number, number>();
    for (const [node, value] of values.entries()) {
      if (value === 0) continue;
      const known = first.get(group[node]!);
      if (known === undefined) first.set(group[node]!, value);
      else if (known !== value) broken.add(group[node]!);
    }
  }
  if (broken.size === 0) return { ...clusters, cluster: group };
  const isBroken = (node: number): boolean => broken.has(group[node]!);
  const anew = new Groups(
    cluster.length,
    decisions.filter(({ a }) => isBroken(a)),
    separate,
  );
  for (const values of trusted) anew.joinEqual(values, isBroken);
  for (const i of strongestFirst(pairs, (a, b) => cluster[a] === cluster[b] && isBroken(a)))
    anew.join(pairs.a[i]!, pairs.b[i]!);
  return {
    ...clusters,
    cluster: group.map((name, node) => (broken.has(name) ? anew.of(node) : name)),
  };
}

/** Positions of the wanted pairs; of equal weights the smaller nodes first. */
function strongestFirst(pairs: WeightedPairs, isWanted: (a: number, b: number) => boolean): number[] {
  const { a, b, weight } = pairs;
  return Array.from(a.keys())
    .filter((i) => isWanted(a[i]!, b[i]!))
    .sort((i, j) => weight[j]! - weight[i]! || a[i]! - a[j]! || b[i]! - b[j]!);
}

/** Groups that grow by joining, as long as no two nodes come together that must not. */
class Groups {
  private readonly groups: Components;
  private readonly apart = new Map<number, Set<number>>();
  private readonly values: readonly Map<number, Set<number>>[];

  constructor(
    size: number,
    decisions: readonly Decision<number>[],
    private readonly separate: readonly Int32Array[],
  ) {
    this.groups = new Components(size);
    this.values = separate.map(() => new Map<number, Set<number>>());
    for (const { kind, a, b } of decisions) if (kind === "link") this.unite(this.of(a), this.of(b));
    for (const { kind, a, b } of decisions) {
      if (kind !== "unlink") continue;
      this.enemies(this.of(a)).add(this.of(b));
      this.enemies(this.of(b)).add(this.of(a));
    }
  }

  of(node: number): number {
    return this.groups.find(node);
  }

  join(a: number, b: number): void {
    const [x, y] = [this.of(a), this.of(b)];
    if (x !== y && !this.enemies(x).has(y) && this.isCompatible(x, y)) this.unite(x, y);
  }

  joinEqual(values: Int32Array, isWanted: (node: number) => boolean): void {
    const groups = new Map<number, number[]>();
    for (const [node, value] of values.entries()) {
      if (value === 0 || !isWanted(node)) continue;
      const known = groups.get(value) ?? [];
      for (const other of known) this.join(other, node);
      if (!known.some((other) => this.of(other) === this.of(node))) groups.set(value, [...known, node]);
    }
  }

  private enemies(root: number): Set<number> {
    const known = this.apart.get(root) ?? new Set();
    this.apart.set(root, known);
    return known;
  }

  /** A steward may have linked different values: then either of them goes with the group. */
  private isCompatible(x: number, y: number): boolean {
    return this.separate.every((_, i) => {
      const [left, right] = [this.valuesOf(i, x), this.valuesOf(i, y)];
      return isWithin(left, right) || isWithin(right, left);
    });
  }

  private valuesOf(key: number, root: number): Set<number> {
    const known = this.values[key]!.get(root);
    if (known !== undefined) return known;
    const own = this.separate[key]![root]!;
    const values = new Set(own === 0 ? [] : [own]);
    this.values[key]!.set(root, values);
    return values;
  }

  private unite(x: number, y: number): void {
    if (x === y) return;
    this.groups.union(x, y);
    const [root, other] = x < y ? [x, y] : [y, x];
    for (const enemy of this.enemies(other)) {
      this.enemies(root).add(enemy);
      this.enemies(enemy).delete(other);
      this.enemies(enemy).add(root);
    }
    for (const i of this.separate.keys())
      for (const value of this.valuesOf(i, other)) this.valuesOf(i, root).add(value);
  }
}

function isWithin(inner: ReadonlySet<number>, outer: ReadonlySet<number>): boolean {
  for (const value of inner) if (!outer.has(value)) return false;
  return true;
}
