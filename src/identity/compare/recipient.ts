import type { Marks } from "../node/marks.ts";
import type { NodeColumn, Nodes } from "../node/nodes.ts";
import { addressComparison } from "./address.ts";
import { isDifferent } from "./comparison.ts";
import { similarity } from "./distance.ts";
import { nameComparisons } from "./name.ts";
import { type Agree, namesAgree, type Owners, ownersOf } from "./owner.ts";

/** What stands on a parcel: of whom it is sent to. */
const ofRecipient: readonly NodeColumn[] = [
  "given",
  "middle",
  "given_root",
  "given_sound",
  "family",
  "family_sound",
  "last_part",
  "suffix",
  "phone",
  "number",
  "unit",
  "street",
  "line2",
  "town",
  "region",
  "zip",
];

/**
 * Records with somebody's e-mail or key that say something of another person, at another address: an order's recipient is not its buyer.
 */
function findRecipients(nodes: Nodes, agree: Agree, shipping: ReadonlySet<string>): Uint8Array {
  const [given, surname] = nameComparisons(nodes);
  const address = addressComparison(nodes);
  const email = nodes.column("email");
  const local = nodes.column("local");
  const street = nodes.column("street");
  const shipped = nodes.sourceNames.reduce(
    (mask, name, i) => (shipping.has(name) ? mask | (1 << i) : mask),
    0,
  );
  const isShipped = (node: number): boolean =>
    nodes.sources[node] !== 0 && (nodes.sources[node]! & ~shipped) === 0;
  const isAnother = (node: number, owner: number): boolean =>
    owner !== -1 &&
    owner !== node &&
    isDifferent(given!, owner, node) &&
    (isShipped(node) || isDifferent(surname!, owner, node));
  const livesElsewhere = (node: number, owner: number): boolean =>
    [0, address.levels.length].includes(address.level(owner, node));
  const ofEmail = ownersOf(nodes, agree, email, nodes.dictionary("email").size);
  const ofKeys = nodes.keys.map((key, i): readonly [Int32Array, Owners] => [
    key,
    ownersOf(nodes, agree, key, nodes.keyTexts[i]!.size, i + 1),
  ]);
  const aside = new Uint8Array(nodes.count);
  for (let node = 0; node < nodes.count; node++) {
    if (street[node] === 0) continue;
    const mailed = ofEmail.owner[email[node]!]!;
    const owned =
      ofKeys.some(([key, { owner }]) => isAnother(node, owner[key[node]!]!)) ||
      (isAnother(node, mailed) && (isShipped(node) || livesElsewhere(node, mailed)));
    if (owned || hasMailboxOfAnother(nodes, node, local[node]!)) aside[node] = 1;
  }
  return aside;
}

/** Takes the recipients out of the nodes: a record that has the one's mailbox and the other's name would make one person of the two. */
export function takeRecipientsAway(nodes: Nodes, { aside }: Pick<Marks, "aside">): void {
  for (const name of ofRecipient) {
    const column = nodes.column(name);
    for (let node = 0; node < nodes.count; node++) if (aside[node] === 1) column[node] = 0;
  }
}

/** Finds all marks, of nodes as they are read, and takes the recipients out of them. */
export function markNodes(nodes: Nodes, shipping: ReadonlySet<string>): Marks {
  // It goes by the names that the nodes have when it is asked.
  const agree = namesAgree(nodes);
  const aside = findRecipients(nodes, agree, shipping);
  takeRecipientsAway(nodes, { aside });
  const foreign = (name: "email" | "phone"): Uint8Array =>
    ownersOf(nodes, agree, nodes.column(name), nodes.dictionary(name).size).foreign;
  return { aside, foreignEmail: foreign("email"), foreignPhone: foreign("phone") };
}

/** Both names that the mailbox is made of are others than the record's. */
function hasMailboxOfAnother(nodes: Nodes, node: number, local: number): boolean {
  const [given, family] = [nodes.mailbox.given[local]!, nodes.mailbox.family[local]!];
  const [own, ownFamily] = [nodes.column("given")[node]!, nodes.column("family")[node]!];
  const words = nodes.dictionary("word");
  if (given === 0 || family === 0 || own === 0 || ownFamily === 0 || words.length(given) === 1) return false;
  const known = nodes.roots.get(given) ?? [given];
  if ((nodes.roots.get(own) ?? [own]).some((root) => known.includes(root))) return false;
  return (
    similarity(words, given, own, 0.82) < 0.82 &&
    similarity(words, family, ownFamily, 0.85) < 0.85 &&
    similarity(words, given, ownFamily, 0.82) < 0.82
  );
}
