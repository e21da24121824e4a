import { eachGroup, sortedByKey } from "../block/radix.ts";
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

/** Whether the names of two nodes can be one person's, as far as they go. */
export type Agree = (a: number, b: number) => boolean;

export function namesAgree(nodes: Nodes): Agree {
  const [given, surname] = nameComparisons(nodes);
  const birthdate = birthdateComparison(nodes);
  const suffix = suffixComparison(nodes);
  return (a, b) => {
    if (isDifferent(given!, a, b) || isDifferent(birthdate, a, b) || isDifferent(suffix, a, b)) return false;
    return given!.level(a, b) !== 0 || !isDifferent(surname!, a, b);
  };
}

interface NameGroup {
  readonly leader: number;
  readonly members: number[];
  /** In records. */
  weight: number;
}

/**
 * Finds for each value the name that most of its records have, as people write it. An e-mail, telephone or key is one person's,
 * whatever is shipped to somebody else in its name, unless several people use it alike.
 */
export function ownersOf(nodes: Nodes, agree: Agree, values: Int32Array, size: number, key?: number): Owners {
  const [givens, families] = [nodes.column("given"), nodes.column("family")];
  const isEmail = values === nodes.column("email");
  const locals = nodes.column("local");
  const owner = new Int32Array(size + 1).fill(-1);
  const foreign = new Uint8Array(nodes.count);
  const weightOf = (node: number): number => {
    const known = nodes.records[node]!;
    return key !== undefined && nodes.keySource[node] === key ? known + accountCounts : known;
  };
  const namesOf = (users: Int32Array): NameGroup[] => {
    const groups: NameGroup[] = [];
    for (const node of users) {
      if (givens[node] === 0 && families[node] === 0) continue;
      let group = groups.find(({ leader }) => agree(leader, node));
      if (group === undefined) groups.push((group = { leader: node, members: [], weight: 0 }));
      group.members.push(node);
      group.weight += weightOf(node);
    }
    for (const group of groups)
      if (isEmail && isNamed(nodes, locals[group.leader]!, group.leader)) group.weight += mailboxCounts;
    return groups.sort((left, right) => right.weight - left.weight || left.leader - right.leader);
  };
  const sorted = sortedByKey(values);
  eachGroup(sorted, (from, to, value) => {
    const only = sorted.positions[from]!;
    if (to - from === 1) {
      if (givens[only] !== 0 || families[only] !== 0) owner[value] = only;
      return;
    }
    const users = sorted.positions.subarray(from, to);
    const [first, second, ...others] = namesOf(users);
    if (first === undefined) return;
    const isClear = second === undefined || first.weight >= clearly * second.weight;
    if (isClear) owner[value] = first.leader;
    const strangers = isClear ? [second, ...others].flatMap((group) => group?.members ?? []) : users;
    for (const node of strangers) foreign[node] = 1;
  });
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
