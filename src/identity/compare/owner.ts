import { sortedByKey } from "../block/radix.ts";
import type { Nodes } from "../node/nodes.ts";
import { isDifferent } from "./comparison.ts";
import { birthdateComparison } from "./birthdate.ts";
import { nameComparisons, suffixComparison } from "./name.ts";

/** Whose a value is that several names are seen with. */
export interface Owners {
  /** By the value's number: a node that has the owner's name; −1 where nobody is clearly the owner. */
  readonly owner: Int32Array;
  /** By node: 1 where the node's name is another one than the owner's, or its value has no clear owner. */
  readonly foreign: Uint8Array;
}

/** What a name in the mailbox itself counts, in records; and that the record is the account of the key. */
const mailboxCounts = 3;
const accountCounts = 2;
/** So many times the records of any other name make an owner. */
const clearly = 2;

/**
 * Finds for each value the name that most of its records have, as people write it. An e-mail, telephone or key is one person's,
 * whatever is shipped to somebody else in its name, unless several people use it alike.
 */
export function ownersOf(nodes: Nodes, values: Int32Array, size: number, key?: number): Owners {
  const [given, surname] = nameComparisons(nodes);
  const birthdate = birthdateComparison(nodes);
  const suffix = suffixComparison(nodes);
  const [givens, families] = [nodes.column("given"), nodes.column("family")];
  const isEmail = values === nodes.column("email");
  const locals = nodes.column("local");
  const owner = new Int32Array(size + 1).fill(-1);
  const foreign = new Uint8Array(nodes.count);
  /** Names that can be one person's, as far as they go. */
  const agree = (a: number, b: number): boolean => {
    if (isDifferent(given!, a, b) || isDifferent(birthdate, a, b) || isDifferent(suffix, a, b)) return false;
    return given!.level(a, b) !== 0 || !isDifferent(surname!, a, b);
  };
  const weightOf = (node: number): number => {
    const known = nodes.records[node]!;
    return key !== undefined && nodes.keySource[node] === key ? known + accountCounts : known;
  };
  const sorted = sortedByKey(values);
  for (let from = 0; from < sorted.length;) {
    const value = values[sorted[from]!]!;
    let to = from + 1;
    while (to < sorted.length && values[sorted[to]!] === value) to++;
    if (value !== 0) {
      const groups: { readonly leader: number; readonly members: number[]; weight: number }[] = [];
      for (let i = from; i < to; i++) {
        const node = sorted[i]!;
        if (givens[node] === 0 && families[node] === 0) continue;
        const group = groups.find(({ leader }) => agree(leader, node));
        if (group === undefined) groups.push({ leader: node, members: [node], weight: weightOf(node) });
        else {
          group.members.push(node);
          group.weight += weightOf(node);
        }
      }
      if (isEmail)
        for (const group of groups)
          if (isNamed(nodes, locals[group.leader]!, group.leader)) group.weight += mailboxCounts;
      groups.sort((left, right) => right.weight - left.weight || left.leader - right.leader);
      const [first, second] = groups;
      if (first !== undefined && (second === undefined || first.weight >= clearly * second.weight)) {
        owner[value] = first.leader;
        for (const group of groups.slice(1)) for (const node of group.members) foreign[node] = 1;
      } else if (second !== undefined) for (let i = from; i < to; i++) foreign[sorted[i]!] = 1;
    }
    from = to;
  }
  return { owner, foreign };
}

/** Whether a mailbox is made of the node's own name. */
function isNamed({ mailbox, column, dictionary, roots }: Nodes, local: number, node: number): boolean {
  const [given, family] = [mailbox.given[local]!, mailbox.family[local]!];
  if (given === 0 || family === 0) return false;
  const own = column("given")[node]!;
  if (column("family")[node] !== family || own === 0) return false;
  if (
    own === given ||
    (roots.get(own)?.includes(given) ?? false) ||
    (roots.get(given)?.includes(own) ?? false)
  )
    return true;
  const words = dictionary("word");
  return words.length(given) === 1 && words.bytes[words.start(given)] === words.bytes[words.start(own)];
}
