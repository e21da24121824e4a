import type { Link, RecordKey, SourceRecord } from "../api/shape.ts";

/** A record's identity inside one profile. Ids may hold any character, so the two parts are kept apart by JSON. */
export function keyOf({ source, recordId }: RecordKey): string {
  return JSON.stringify([source, recordId]);
}

export interface Reasons {
  /** The strongest links that join the records: without any one of them a record would stand apart. */
  readonly holding: readonly Link[];
  /** The others: further links between records that are joined already. */
  readonly further: readonly Link[];
  /** Groups that the links leave unjoined; one when the links explain everything. */
  readonly groups: number;
}

/**
 * A maximum spanning tree of the links by weight (Kruskal): n records are one person because of n − 1 links, and the
 * strongest n − 1 are the reason that a person wants to read. Links to records of other profiles are left out.
 */
export function reasonsOf(records: readonly SourceRecord[], links: readonly Link[]): Reasons {
  const parents = new Map(records.map((record) => [keyOf(record), keyOf(record)]));
  const rootOf = (key: string): string => {
    let root = key;
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root))
      root = parent;
    parents.set(key, root);
    return root;
  };
  const own = links.filter((link) => parents.has(keyOf(link.left)) && parents.has(keyOf(link.right)));
  const holding: Link[] = [];
  const further: Link[] = [];
  for (const link of own.toSorted((a, b) => b.weight - a.weight)) {
    const left = rootOf(keyOf(link.left));
    const right = rootOf(keyOf(link.right));
    if (left === right) {
      further.push(link);
      continue;
    }
    parents.set(left, right);
    holding.push(link);
  }
  return { holding, further, groups: records.length - holding.length };
}
