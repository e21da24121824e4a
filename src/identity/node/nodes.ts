import { Dictionary, type DictionaryData } from "./dictionary.ts";

/** Columns of `identity_node`, by the dictionary that their values are in: values of one dictionary can be compared. */
export const columnsByDictionary = {
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
