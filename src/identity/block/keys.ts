import type { NodeColumn, Nodes } from "../node/nodes.ts";

/**
 * What a node has in a blocking key: a number that two nodes have in common when their values (or parts of them) are the same,
 * and otherwise hardly ever; 0 when it has none. It depends on the values alone, not on the run.
 */
export type Part = (node: number) => number;

/** Records that agree in all of `parts` are compared. */
export interface BlockingKey {
  readonly name: string;
  readonly parts: readonly Part[];
  /**
   * How much else ({@link agreement}) a pair must have in common, where the key proves little: pairs of strangers that share
   * a common name cost more than they find.
   */
  readonly least: number;
  /** The same where the key finds many pairs: in a large table a street or a birthday is many people's. */
  readonly leastOfMany: number;
  /** What does not count for that: the key says it. */
  readonly said: ReadonlySet<NodeColumn>;
  /** Where values that more nodes than this share have many pairs, they are left to other keys, which ask for more in common; undefined: they are refined. */
  readonly largest: number | undefined;
}

/** More namesakes than that are strangers: of two of them that have nothing but the name in common not half are one person. */
const mostNamesakes = 16;

/** What is tried on every table; a key whose columns are empty costs nothing. */
export function blockingKeys(nodes: Nodes): readonly BlockingKey[] {
  const part = partsOf(nodes);
  const key = (
    name: string,
    parts: readonly Part[],
    least = 0,
    leastOfMany = least,
    { said, largest }: { readonly said?: readonly NodeColumn[]; readonly largest?: number } = {},
  ): BlockingKey => ({ name, parts, least, leastOfMany, said: new Set(said), largest });
  const [email, phone, zip, street] = [part("email"), part("phone"), part("zip"), part("street")];
  const [givenRoot, family, town, company] = [
    part("given_root"),
    part("family"),
    part("town"),
    part("company"),
  ];
  const [given2, given3] = [part("given", 0, 2), part("given", 0, 3)];
  const [family2, family3] = [part("family", 0, 2), part("family", 0, 3)];
  const [givenSound, familySound] = [part("given_sound"), part("family_sound")];
  const birth = known(nodes, "ymd", part("birth"));
  const monthDay = known(nodes, "md", part("birth", 5, 5));
  const yearMonth = known(nodes, "ym", part("birth", 0, 7));
  const year = known(nodes, "y", part("birth", 0, 4));
  const yearDay = joined(known(nodes, "yd", year), part("birth", 8, 2));
  const names = eitherWay(givenRoot, family);
  const sounds = eitherWay(givenSound, familySound);
  const mailbox = { said: ["local"] } as const;
  return [
    ...nodes.keys.map((column, i) => key(`customer key ${i + 1}`, [whole(nodes.keyTexts[i]!, column)])),
    key("e-mail", [email]),
    key("phone", [phone]),
    key("national id", [part("national_id")]),
    key("phone's last seven figures + surname", [part("phone", -7), family2]),
    key("mailbox", [longer(nodes, "local", 5, part("local"))], 0, 2, mailbox),
    key("mailbox's beginning + given name", [part("local", 0, 5), given3], 2, 3, mailbox),
    key("mailbox's beginning + surname", [part("local", 0, 5), family3], 2, 3, mailbox),
    key("mailbox's beginning + birth year", [part("local", 0, 4), year], 0, 3, mailbox),
    key(
      "mailbox's end + provider",
      [longer(nodes, "local", 6, part("local", -5)), part("domain")],
      2,
      3,
      mailbox,
    ),
    key("given name + surname", [names], 0, 0, { largest: mostNamesakes }),
    key("sound of both names", [sounds], 1, 1, { said: ["given_root", "family"] }),
    key("sound of both names + birth year", [sounds, year]),
    key("surname's sound + birth year", [familySound, year], 2, 3),
    key("given name's sound + birth year and month", [givenSound, yearMonth], 0, 3),
    key("birth date", [birth], 0, 4),
    key("given name + day and month of birth", [givenRoot, monthDay], 0, 2),
    key("given name + year and day of birth", [givenRoot, yearDay], 0, 3),
    key("surname + day and month of birth", [family, monthDay], 0, 2),
    key("surname + year and month of birth", [family, yearMonth], 0, 3),
    key("beginnings of both names + postal code", [given2, family2, zip], 0, 3),
    key("beginnings of both names + town", [given3, family3, town], 0, 2),
    key("surname + postal code", [family, zip], 2, 4),
    key("given name + postal code", [givenRoot, zip], 0, 4),
    key("street and number", [street, part("number")], 0, 3),
    key("number + postal code", [part("number"), zip], 2, 3),
    key("given name + street", [given3, street], 0, 5),
    key("surname + street", [family3, street], 0, 5),
    key("birth year and month + postal code", [yearMonth, zip], 0, 4),
    key("company", [company]),
    key("company's beginning + place", [part("company", 0, 4), either(zip, town)]),
    key("company's beginning + number", [part("company", 0, 4), part("number")]),
  ];
}

/** Columns that a key's too common values are refined by, in this order; those that the key has already change nothing. */
export function refinements(nodes: Nodes): readonly Part[] {
  const part = partsOf(nodes);
  return [
    part("given", 0, 3),
    part("family", 0, 3),
    known(nodes, "y", part("birth", 0, 4)),
    either(part("zip"), part("town")),
    known(nodes, "md", part("birth", 5, 5)),
    either(part("phone"), part("email")),
  ];
}

/** Something that nodes have in common at a glance, and what it counts. */
export interface Sign {
  /** What it is of. */
  readonly name: NodeColumn;
  readonly points: number;
  readonly part: Part;
}

/** A point for a name, the year, the place, two for what few people share. */
export function signsOf(nodes: Nodes): readonly Sign[] {
  const part = partsOf(nodes);
  const single = ["given_root", "family", "zip", "town"] as const;
  const double = ["email", "local", "phone", "birth", "street", "company"] as const;
  return [
    ...single.map((name) => ({ name, points: 1, part: part(name) })),
    ...double.map((name) => ({ name, points: 2, part: part(name) })),
    { name: "birth", points: 1, part: known(nodes, "y", part("birth", 0, 4)) },
  ];
}

/** What each of the signs counts for a key. */
export function pointsFor({ said }: Pick<BlockingKey, "said">, signs: readonly Sign[]): number[] {
  return signs.map(({ name, points }) => (said.has(name) ? 0 : points));
}

/** `length` bytes of a column's value, from `from` (from its end when negative). */
function partsOf(nodes: Nodes): (name: NodeColumn, from?: number, length?: number) => Part {
  return (name, from, length = Number.POSITIVE_INFINITY) => {
    const column = nodes.column(name);
    const dictionary = nodes.dictionaryOf(name);
    if (from === undefined) return whole(dictionary, column);
    const codes = new Int32Array(dictionary.size + 1);
    for (let id = 1; id <= dictionary.size; id++) codes[id] = dictionary.codeOf(id, from, length) || 1;
    return (node) => codes[column[node]!]!;
  };
}

function whole(dictionary: { code(id: number): number }, column: Int32Array): Part {
  return (node) => {
    const id = column[node]!;
    return id === 0 ? 0 : dictionary.code(id) || 1;
  };
}

/** Only of birth dates of which these are known: year, month, day. */
function known(nodes: Nodes, parts: string, part: Part): Part {
  const birth = nodes.column("birth");
  const dates = nodes.dictionary("birth");
  const isKnown = new Uint8Array(dates.size + 1);
  for (let id = 1; id <= dates.size; id++) {
    const written = dates.text(id);
    const unknown = [...parts].some((one) => /^0+$/.test(written.slice(...placeOf[one as "y"])));
    isKnown[id] = unknown ? 0 : 1;
  }
  return (node) => (isKnown[birth[node]!] === 1 ? part(node) : 0);
}

/** In `YYYY-MM-DD`. */
const placeOf = { y: [0, 4], m: [5, 7], d: [8, 10] } as const;

function longer(nodes: Nodes, name: "local", least: number, part: Part): Part {
  const column = nodes.column(name);
  const dictionary = nodes.dictionary(name);
  return (node) => (column[node] !== 0 && dictionary.length(column[node]!) >= least ? part(node) : 0);
}

function either(first: Part, second: Part): Part {
  return (node) => first(node) || second(node);
}

/** Two values, whichever comes first. */
function eitherWay(first: Part, second: Part): Part {
  return (node) => {
    const [x, y] = [first(node), second(node)];
    if (x === 0 || y === 0) return 0;
    return x < y ? mixed(x, y) : mixed(y, x);
  };
}

function joined(first: Part, second: Part): Part {
  return (node) => {
    const [x, y] = [first(node), second(node)];
    return x === 0 || y === 0 ? 0 : mixed(x, y);
  };
}

/** One number of two, never 0. */
export function mixed(first: number, second: number): number {
  let hash = Math.imul(first ^ (first >>> 15), 0x2c1b3c6d) ^ Math.imul(second, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) + second;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) | 0 || 1;
}
