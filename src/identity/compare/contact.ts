import type { NodeFacts } from "../model/facts.ts";
import { numbersById, numbersByText } from "../model/of-texts.ts";
import type { Marks } from "../node/marks.ts";
import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";
import { similarity, withinEdits } from "./distance.ts";

/** A provider with so many mailboxes says nothing of a person. */
const commonProvider = 20;

export function emailComparison(nodes: Nodes, { foreignEmail }: Marks, facts: NodeFacts): Comparison {
  const [email, local, domain] = [nodes.column("email"), nodes.column("local"), nodes.column("domain")];
  const [emails, locals, domains] = [
    nodes.dictionary("email"),
    nodes.dictionary("local"),
    nodes.dictionary("domain"),
  ];
  const ofFamily = familyMailboxes(nodes);
  const common = commonDomains(nodes, facts);
  const { figures, isCrowded } = figuresOf(nodes, facts);
  const { given, family } = nodes.mailbox;
  /**
   * Whether two mailboxes at common providers that are nearly alike are two: at two providers (gmail.com, ymail.com), with other figures (mary56, mary65),
   * or of one name that is written in two ways (mary.jones, maryjones).
   */
  const areSeveral = (m: number, n: number, ofTwoProviders: boolean): boolean =>
    ofTwoProviders ||
    figures[m] !== figures[n] ||
    (figures[m] === 0 &&
      given[m] !== 0 &&
      given[m] === given[n] &&
      family[m] !== 0 &&
      family[m] === family[n]);
  return {
    name: "email",
    ofHousehold: true,
    ofOnePerson: false,
    levels: [
      { name: "exact", prior: 0.6, householdPrior: 0.05, strangersAtMost: 0.02 },
      { name: "exact, of several people", prior: 0.05, householdPrior: 0.3 },
      { name: "typing error", prior: 0.08 },
      { name: "similar, of a rare provider", prior: 0.03 },
      { name: "same mailbox, other provider", prior: 0.04 },
      { name: "different", prior: 0.2 },
    ],
    level(a, b) {
      const [left, right] = [email[a]!, email[b]!];
      if (left === 0 || right === 0) return 0;
      const [m, n] = [local[a]!, local[b]!];
      if (left === right) return foreignEmail[a] === 0 && foreignEmail[b] === 0 && ofFamily[m] === 0 ? 1 : 2;
      const commonOnes = common[domain[a]!]! + common[domain[b]!]!;
      const [bothCommon, noneCommon] = [commonOnes === 2, commonOnes === 0];
      if (
        !(bothCommon && areSeveral(m, n, domain[a] !== domain[b])) &&
        Math.min(locals.length(m), locals.length(n)) >= 5 &&
        withinEdits(emails, left, right, 1)
      )
        return 3;
      if (
        noneCommon &&
        similarity(domains, domain[a]!, domain[b]!, 0.9) >= 0.9 &&
        similarity(locals, m, n, 0.86) >= 0.86
      )
        return 4;
      return m === n && locals.length(m) >= 5 && given[m] === 0 && family[m] === 0 && isCrowded[m] === 0
        ? 5
        : 6;
    },
  };
}

/** By number of `local`: 1 where the mailbox calls itself a family's ("themillers", "garcia.family"), so that it is nobody's own. */
function familyMailboxes(nodes: Nodes): Uint8Array {
  const locals = nodes.dictionary("local");
  const found = new Uint8Array(locals.size + 1);
  for (let id = 1; id <= locals.size; id++) if (familyWords.test(locals.text(id))) found[id] = 1;
  return found;
}

const familyWords =
  /^the[a-z]{3,}s$|family|familie|famille|familia|famiglia|household|(^|[._-])(fam|clan|haus|home)([._-]|$)|.{3}clan$/;

/** So many mailboxes differ in their figures only. */
const manyAlike = 5;
/** So many others that chose the same figures by chance make a mailbox that says little of who has it at another provider. */
const mostByChance = 0.1;

/**
 * By number of `local`: the figures of each mailbox, as one number; and 1 where so many have its letters (soccerlucky8, soccerlucky31 …) that somebody
 * else can be expected to have its figures too.
 */
function figuresOf(nodes: Nodes, facts: NodeFacts): { figures: Int32Array; isCrowded: Uint8Array } {
  const locals = nodes.dictionary("local");
  const figures = new Int32Array(locals.size + 1);
  const letters = new Int32Array(locals.size + 1);
  const digits = new Uint8Array(locals.size + 1);
  for (let id = 1; id <= locals.size; id++) {
    let [ofFigures, ofLetters] = [0, 0];
    for (let i = locals.start(id); i < locals.end(id); i++) {
      const byte = locals.bytes[i]!;
      if (byte >= 48 && byte <= 57) {
        ofFigures = (Math.imul(ofFigures, 31) + byte - 47) | 0;
        if (digits[id]! < 255) digits[id]!++;
      } else ofLetters = (Math.imul(ofLetters, 31) + byte) | 0;
    }
    [figures[id], letters[id]] = [ofFigures, ofLetters];
  }
  const alike = facts.numbers("mailboxes of the same letters", () => {
    const counts = new Map<number, number>();
    for (let id = 1; id <= locals.size; id++) counts.set(letters[id]!, (counts.get(letters[id]!) ?? 0) + 1);
    return new Map([...counts].flatMap(([of, count]) => (count >= manyAlike ? [[`${of}`, count]] : [])));
  });
  const counts = new Map([...alike].map(([of, count]) => [Number(of), count]));
  const isCrowded = Uint8Array.from(letters, (of, id) =>
    (counts.get(of) ?? 0) > mostByChance * 10 ** digits[id]! ? 1 : 0,
  );
  return { figures, isCrowded };
}

/** By number of `domain`: 1 for a provider that many have a mailbox with. */
function commonDomains(nodes: Nodes, facts: NodeFacts): Float64Array {
  const domains = nodes.dictionary("domain");
  const known = facts.numbers("common provider", () => {
    const [email, domain] = [nodes.column("email"), nodes.column("domain")];
    const counted = new Int32Array(domains.size + 1);
    const seen = new Uint8Array(nodes.dictionary("email").size + 1);
    for (let node = 0; node < nodes.count; node++) {
      if (email[node] === 0 || seen[email[node]!] === 1) continue;
      seen[email[node]!] = 1;
      counted[domain[node]!]!++;
    }
    const isCommon = counted.map((count) => (count >= commonProvider ? 1 : 0));
    return numbersByText(domains, isCommon, (id) => isCommon[id] === 1);
  });
  return numbersById(domains, known);
}

export function phoneComparison(nodes: Nodes, { foreignPhone }: Marks): Comparison {
  const phone = nodes.column("phone");
  const phones = nodes.dictionary("phone");
  const { bytes } = phones;
  const sameEnd = (left: number, right: number): boolean => {
    const [a, b] = [phones.end(left), phones.end(right)];
    for (let i = 1; i <= 7; i++) if (bytes[a - i] !== bytes[b - i]) return false;
    return true;
  };
  return {
    name: "phone",
    ofHousehold: true,
    ofOnePerson: false,
    levels: [
      { name: "exact", prior: 0.6, householdPrior: 0.05, strangersAtMost: 0.05 },
      { name: "exact, of several people", prior: 0.05, householdPrior: 0.3 },
      { name: "typing error", prior: 0.05 },
      { name: "different", prior: 0.3 },
    ],
    level(a, b) {
      const [left, right] = [phone[a]!, phone[b]!];
      if (left === 0 || right === 0) return 0;
      if (left === right) return foreignPhone[a] === 0 && foreignPhone[b] === 0 ? 1 : 2;
      return sameEnd(left, right) || withinEdits(phones, left, right, 1) ? 3 : 4;
    },
  };
}

export function nationalIdComparison(nodes: Nodes): Comparison {
  const id = nodes.column("national_id");
  const texts = nodes.dictionary("national_id");
  return {
    name: "national_id",
    ofHousehold: false,
    ofOnePerson: true,
    levels: [
      { name: "exact", prior: 0.9, strangersAtMost: 0.01 },
      { name: "typing error", prior: 0.06 },
      { name: "different", prior: 0.04 },
    ],
    level(a, b) {
      const [left, right] = [id[a]!, id[b]!];
      if (left === 0 || right === 0) return 0;
      if (left === right) return 1;
      return withinEdits(texts, left, right, 1) ? 2 : 3;
    },
  };
}
