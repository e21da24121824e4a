import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../base/index.ts";
import { type Session, literal } from "../../engine/index.ts";
import { Dictionary, type DictionaryData } from "./dictionary.ts";
import { sharedOf } from "./shared.ts";

/** Columns of `identity_node`, by the dictionary that their values are in: values of one dictionary can be compared. */
const columnsByDictionary = {
  word: ["given", "middle", "given_root", "family", "last_part"],
  sound: ["given_sound", "family_sound"],
  suffix: ["suffix"],
  gender: ["gender"],
  birth: ["birth"],
  email: ["email"],
  local: ["local"],
  domain: ["domain"],
  phone: ["phone"],
  national_id: ["national_id"],
  number: ["number", "unit"],
  street: ["street", "line2"],
  town: ["town"],
  region: ["region"],
  zip: ["zip"],
  company: ["company"],
  birthplace: ["birthplace"],
  occupation: ["occupation"],
} as const;

export type DictionaryName = keyof typeof columnsByDictionary;
export type NodeColumn = (typeof columnsByDictionary)[DictionaryName][number];

const dictionaryNames = Object.fromEntries(
  Object.entries(columnsByDictionary).flatMap(([name, columns]) => columns.map((column) => [column, name])),
) as Record<NodeColumn, DictionaryName>;

/** The nodes' values, as numbers of dictionaries: what is compared is in memory once, and in typed arrays. */
export interface Nodes {
  readonly count: number;
  /** `column(name)[node]` is a number of the column's dictionary, 0 for none. */
  column(name: NodeColumn): Int32Array;
  dictionary(name: DictionaryName): Dictionary;
  dictionaryOf(column: NodeColumn): Dictionary;
  /** `keys[i][node]`: a key of the i-th source, as a number; 0 for none. */
  readonly keys: readonly Int32Array[];
  readonly keyTexts: readonly Dictionary[];
  /**
   * The name that a mailbox is made of, by number of `local`, as numbers of `word`: 0 where it is none. A namesake may have the same mailbox
   * with another provider.
   */
  readonly mailbox: { readonly given: Int32Array; readonly family: Int32Array };
  /** The records that a node stands for. */
  readonly records: Int32Array;
  /** The sources that have records of the node, a bit each: `1 << i` for `sourceNames[i]`. Those after the 30th have none. */
  readonly sources: Int32Array;
  readonly sourceNames: readonly string[];
  /** Which of the sources of keys the node's first record is of, from 1; 0: of none. */
  readonly keySource: Int32Array;
  /** The names that a given name may be short for, by number of `word`: numbers of `word`. */
  readonly roots: ReadonlyMap<number, readonly number[]>;
  /** The likeliest of them. */
  readonly rootOf: ReadonlyMap<number, number>;
  readonly data: NodeData;
}

/** Nodes as plain data, whose numbers are in memory that threads share. */
export interface NodeData extends Omit<
  Nodes,
  "column" | "dictionary" | "dictionaryOf" | "keyTexts" | "data"
> {
  readonly columns: Readonly<Record<NodeColumn, Int32Array>>;
  readonly dictionaries: Readonly<Record<DictionaryName, DictionaryData>>;
  readonly texts: readonly DictionaryData[];
}

export function nodesFrom(data: NodeData): Nodes {
  const { columns, dictionaries, texts, ...same } = data;
  const made = Object.fromEntries(
    Object.entries(dictionaries).map(([name, dictionary]) => [name, Dictionary.of(dictionary)]),
  ) as Record<DictionaryName, Dictionary>;
  return {
    ...same,
    data,
    column: (name) => columns[name],
    dictionary: (name) => made[name],
    dictionaryOf: (column) => made[dictionaryNames[column]],
    keyTexts: texts.map((text) => Dictionary.of(text)),
  };
}

/** Reads `identity_node` of `count` nodes, `identity_mailbox` and `identity_given_root`. */
export async function readNodes(
  session: Session,
  count: number,
  keySources: readonly string[],
  allSources: readonly string[],
): Promise<Nodes> {
  const dictionaries = new Map<string, Dictionary>();
  const targets = new Map<string, { readonly dictionary: Dictionary; readonly column: Int32Array }>();
  const target = (name: string, dictionary: Dictionary): void => {
    targets.set(name, { dictionary, column: sharedOf(Int32Array, count) });
  };
  for (const [name, names] of Object.entries(columnsByDictionary)) {
    const dictionary = new Dictionary();
    dictionaries.set(name, dictionary);
    for (const column of names) target(column, dictionary);
  }
  const keyTexts = keySources.map(() => new Dictionary());
  for (const [i, dictionary] of keyTexts.entries()) target(`key_${i}`, dictionary);

  const records = sharedOf(Int32Array, count);
  const keySource = sharedOf(Int32Array, count);
  const sources = sharedOf(Int32Array, count);
  const sourceNames = allSources.slice(0, mostSources);
  const filled = await filledOf(session, [...targets.keys()]);
  const inOrder = filled.map((name) => targets.get(name)!);
  const positionIn = (names: readonly string[]): string =>
    `coalesce(list_position([${names.map(literal).join(", ")}]::VARCHAR[], source), 0)`;
  await eachLine(
    session,
    `WITH source AS (SELECT source, ${positionIn(keySources)} AS key_source, ${positionIn(sourceNames)} AS position FROM (SELECT DISTINCT source FROM identity_raw)),
     member AS (SELECT node, arg_min(key_source, r) AS key_source, bit_or(CASE WHEN position = 0 THEN 0 ELSE 1 << (position - 1) END) AS sources
       FROM identity_member JOIN identity_raw USING (r) JOIN source USING (source) GROUP BY node)
     SELECT n.node, n.records, key_source, sources, ${filled.map((name) => `n.${name}`).join(", ")}
     FROM identity_node n JOIN member USING (node)`,
    count,
    (line, cuts) => {
      const node = numberAt(line, cuts[0]!, cuts[1]! - 1);
      records[node] = numberAt(line, cuts[1]!, cuts[2]! - 1);
      keySource[node] = numberAt(line, cuts[2]!, cuts[3]! - 1);
      sources[node] = numberAt(line, cuts[3]!, cuts[4]! - 1);
      for (let i = 0; i < inOrder.length; i++) {
        const { dictionary, column } = inOrder[i]!;
        column[node] = dictionary.add(line, cuts[i + 4]!, cuts[i + 5]! - 1);
      }
    },
  );
  const word = dictionaries.get("word")!;
  const local = dictionaries.get("local")!;
  const mailbox = {
    given: sharedOf(Int32Array, local.size + 1),
    family: sharedOf(Int32Array, local.size + 1),
  };
  const [mailboxes] = await session.rows<{ n: number }>("SELECT count(*) AS n FROM identity_mailbox");
  await eachLine(session, "SELECT local, given, family FROM identity_mailbox", mailboxes!.n, (line, cuts) => {
    const id = local.find(line, cuts[0]!, cuts[1]! - 1);
    if (id === 0) return;
    mailbox.given[id] = word.add(line, cuts[1]!, cuts[2]! - 1);
    mailbox.family[id] = word.add(line, cuts[2]!, cuts[3]! - 1);
  });
  const roots = new Map<number, readonly number[]>();
  const rootOf = new Map<number, number>();
  for (const { name, root, all } of await session.rows<{ name: string; root: string; all: string }>(
    "SELECT name, root, array_to_string(roots, ',') AS \"all\" FROM identity_given_root ORDER BY name",
  )) {
    const texts = all.split(",").map((text) => Buffer.from(text, "utf8"));
    const id = word.findText(name);
    if (id === 0) continue;
    roots.set(
      id,
      texts.map((text) => word.add(text, 0, text.length)),
    );
    rootOf.set(id, word.findText(root));
  }
  const columnOf = (name: string): Int32Array => targets.get(name)!.column;
  return nodesFrom({
    count,
    columns: Object.fromEntries(
      Object.keys(dictionaryNames).map((name) => [name, columnOf(name)]),
    ) as NodeData["columns"],
    dictionaries: Object.fromEntries(
      Array.from(dictionaries, ([name, dictionary]) => [name, dictionary.data()]),
    ) as NodeData["dictionaries"],
    keys: keyTexts.map((_, i) => columnOf(`key_${i}`)),
    texts: keyTexts.map((dictionary) => dictionary.data()),
    mailbox,
    records,
    sources,
    sourceNames,
    keySource,
    roots,
    rootOf,
  });
}

/** As many as a number has bits for. */
const mostSources = 30;

const fieldEnd = 0x1f;
const lineEnd = 0x0a;

/** Those of the columns that have a value in some record: there are many, and most tables fill few. */
async function filledOf(session: Session, columns: readonly string[]): Promise<string[]> {
  const counts = columns.map((name) => `count(${name}) AS ${name}`);
  const [counted] = await session.rows<Record<string, number>>(
    `SELECT ${counts.join(", ")} FROM identity_standard`,
  );
  return columns.filter((name) => counted![name] !== 0);
}

/**
 * Calls back with each of the `count` rows of a query: field i is at `cuts[i]` … `cuts[i + 1] - 1` of `line`, and empty for a null. It goes by a
 * file of the scratch folder, which costs a tenth of what a text for each value does. A value that holds a sign which ends a field or a
 * line gets a stand-in in its place; such values are so rare that the file is read again then, and rows are called back with again.
 */
async function eachLine(
  session: Session,
  query: string,
  count: number,
  row: (line: Uint8Array, cuts: readonly number[]) => void,
): Promise<void> {
  if (await readsWell(session, `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${query})`, count, row)) return;
  await readsWell(
    session,
    `SELECT translate(CAST(COLUMNS(*) AS VARCHAR), chr(10) || chr(13) || chr(31), '\ue00a\ue00d\ue01f') FROM (${query})`,
    count,
    row,
  );
}

/** Whether there are as many lines as rows, and all of as many fields: not so where a value holds an end of either. */
async function readsWell(
  session: Session,
  query: string,
  count: number,
  row: (line: Uint8Array, cuts: readonly number[]) => void,
): Promise<boolean> {
  const fields = (await session.describe(query)).length;
  const file = join(session.scratchFolder, `${newId()}.nodes`);
  try {
    await session.run(
      `COPY (${query}) TO ${literal(file)} (FORMAT csv, HEADER false, DELIMITER '\u001f', QUOTE '', ESCAPE '')`,
    );
    const cuts: number[] = [];
    let lines = 0;
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 }) as AsyncIterable<Buffer>) {
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      cuts.length = 0;
      cuts.push(0);
      for (let i = 0; i < text.length; i++) {
        const byte = text[i]!;
        if (byte !== fieldEnd && byte !== lineEnd) continue;
        cuts.push(i + 1);
        if (byte === fieldEnd) continue;
        if (cuts.length !== fields + 1 || ++lines > count) return false;
        row(text, cuts);
        start = i + 1;
        cuts.length = 0;
        cuts.push(start);
      }
      rest = text.subarray(start);
    }
    return lines === count;
  } finally {
    await rm(file, { force: true });
  }
}

function numberAt(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = 10 * number + bytes[i]! - 48;
  return number;
}
