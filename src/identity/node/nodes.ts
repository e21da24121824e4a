import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../base/index.ts";
import { type Session, literal } from "../../engine/index.ts";
import { Dictionary } from "./dictionary.ts";

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
    targets.set(name, { dictionary, column: new Int32Array(count) });
  };
  for (const [name, names] of Object.entries(columnsByDictionary)) {
    const dictionary = new Dictionary();
    dictionaries.set(name, dictionary);
    for (const column of names) target(column, dictionary);
  }
  const keyTexts = keySources.map(() => new Dictionary());
  for (const [i, dictionary] of keyTexts.entries()) target(`key_${i}`, dictionary);

  const records = new Int32Array(count);
  const keySource = new Int32Array(count);
  const sources = new Int32Array(count);
  const sourceNames = allSources.slice(0, mostSources);
  const inOrder = [...targets.values()];
  const positionIn = (names: readonly string[]): string =>
    `coalesce(list_position([${names.map(literal).join(", ")}]::VARCHAR[], source), 0)`;
  await eachLine(
    session,
    `WITH source AS (SELECT source, ${positionIn(keySources)} AS key_source, ${positionIn(sourceNames)} AS position FROM (SELECT DISTINCT source FROM identity_raw)),
     member AS (SELECT node, arg_min(key_source, r) AS key_source, bit_or(CASE WHEN position = 0 THEN 0 ELSE 1 << (position - 1) END) AS sources
       FROM identity_member JOIN identity_raw USING (r) JOIN source USING (source) GROUP BY node)
     SELECT n.node, n.records, key_source, sources, ${[...targets.keys()].map((name) => `n.${name}`).join(", ")}
     FROM identity_node n JOIN member USING (node)`,
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
  const mailbox = { given: new Int32Array(local.size + 1), family: new Int32Array(local.size + 1) };
  await eachLine(session, "SELECT local, given, family FROM identity_mailbox", (line, cuts) => {
    const id = local.find(line, cuts[0]!, cuts[1]! - 1);
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
  return {
    count,
    column: (name) => targets.get(name)!.column,
    dictionary: (name) => dictionaries.get(name)!,
    dictionaryOf: (column) => targets.get(column)!.dictionary,
    keys: keyTexts.map((_, i) => targets.get(`key_${i}`)!.column),
    keyTexts,
    mailbox,
    records,
    sources,
    sourceNames,
    keySource,
    roots,
    rootOf,
  };
}

/** As many as a number has bits for. */
const mostSources = 30;

const fieldEnd = 0x1f;
const lineEnd = 0x0a;

/**
 * Calls back with each row of a query: field i is at `cuts[i]` … `cuts[i + 1] - 1` of `line`, and empty for a null. It goes by a
 * file of the scratch folder, which costs a tenth of what a text for each value does.
 */
async function eachLine(
  session: Session,
  query: string,
  row: (line: Uint8Array, cuts: readonly number[]) => void,
): Promise<void> {
  const file = join(session.scratchFolder, `${newId()}.nodes`);
  try {
    await session.run(
      `COPY (SELECT ${withoutMarks("COLUMNS(*)")} FROM (${query})) TO ${literal(file)} (FORMAT csv, HEADER false, DELIMITER '\u001f', QUOTE '', ESCAPE '')`,
    );
    const cuts: number[] = [];
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
        row(text, cuts);
        start = i + 1;
        cuts.length = 0;
        cuts.push(start);
      }
      rest = text.subarray(start);
    }
  } finally {
    await rm(file, { force: true });
  }
}

/** No value holds a sign that ends a field or a line: each has a stand-in of its own (private use). To look for them costs a tenth of putting others in their places. */
function withoutMarks(column: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  const marks = ["chr(10)", "chr(13)", "chr(31)"];
  return `CASE WHEN ${marks.map((mark) => `contains(${text}, ${mark})`).join(" OR ")}
    THEN translate(${text}, ${marks.join(" || ")}, '\ue00a\ue00d\ue01f') ELSE ${text} END`;
}

function numberAt(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = 10 * number + bytes[i]! - 48;
  return number;
}
