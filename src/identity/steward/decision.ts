/** What a steward decided of two records: that they are one person (`link`), or never are (`unlink`). */
export interface Decision<Name extends string | number = string> {
  readonly kind: "link" | "unlink";
  readonly a: Name;
  readonly b: Name;
}

/**
 * The decisions that hold, of those given newest first: one that contradicts newer ones (two records that are linked,
 * through others too, and kept apart) takes no part.
 */
export function withoutContradictions<Name extends string | number, D extends Decision<Name>>(
  newestFirst: readonly (D & Decision<Name>)[],
): { readonly held: readonly D[]; readonly contradicted: readonly D[] } {
  const group = new Map<Name, Name>();
  const apart = new Map<Name, Set<Name>>();
  const find = (name: Name): Name => {
    let root = name;
    for (let next = group.get(root); next !== undefined; next = group.get(root)) root = next;
    return root;
  };
  const enemies = (root: Name): Set<Name> => {
    const known = apart.get(root) ?? new Set();
    apart.set(root, known);
    return known;
  };
  const held: D[] = [];
  const contradicted: D[] = [];
  for (const decision of newestFirst) {
    const [x, y] = [find(decision.a), find(decision.b)];
    const contradicts = decision.kind === "link" ? enemies(x).has(y) : x === y;
    (contradicts ? contradicted : held).push(decision);
    if (contradicts) continue;
    if (decision.kind === "unlink") {
      enemies(x).add(y);
      enemies(y).add(x);
    } else if (x !== y) {
      group.set(y, x);
      for (const enemy of enemies(y)) {
        enemies(x).add(enemy);
        enemies(enemy).delete(y);
        enemies(enemy).add(x);
      }
    }
  }
  return { held, contradicted };
}

/** The shortest way from `a` to `b` over links, both ends included; undefined when there is none. */
export function chainOfLinks(
  decisions: readonly Decision[],
  a: string,
  b: string,
): readonly string[] | undefined {
  const next = new Map<string, string[]>();
  const join = (from: string, to: string): void => {
    next.set(from, [...(next.get(from) ?? []), to]);
  };
  for (const { kind, a: left, b: right } of decisions)
    if (kind === "link") {
      join(left, right);
      join(right, left);
    }
  const cameFrom = new Map<string, string | undefined>([[a, undefined]]);
  for (const name of cameFrom.keys()) {
    if (name === b) break;
    for (const other of next.get(name) ?? []) if (!cameFrom.has(other)) cameFrom.set(other, name);
  }
  if (!cameFrom.has(b)) return undefined;
  const chain: string[] = [];
  for (let name: string | undefined = b; name !== undefined; name = cameFrom.get(name)) chain.unshift(name);
  return chain;
}
