import { rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../base/index.ts";
import { type Session, literal } from "../../engine/index.ts";
import type { Threads } from "../thread/threads.ts";
import { Dictionary, type DictionaryData } from "./dictionary.ts";
import { eachLine, writeLines } from "./lines.ts";
import {
  columnsByDictionary,
  type DictionaryName,
  type NodeColumn,
  type NodeData,
  type Nodes,
  nodesFrom,
} from "./nodes.ts";
import { readTexts } from "./read-texts.ts";
import { sharedOf } from "./shared.ts";

/** Reads `identity_node` of `count` nodes, `identity_mailbox` and `identity_given_root`. */
export async function readNodes(
  session: Session,
  threads: Threads,
  count: number,
  keySources: readonly string[],
  allSources: readonly string[],
): Promise<Nodes> {
  const names = Object.keys(columnsByDictionary) as DictionaryName[];
  const keys = keySources.map((_, i) => `key_${i}`);
  const sourceNames = allSources.slice(0, mostSources);
  const { columns, dictionaries } = await readTexts(session, threads, count, [
    ...names.map((name) => columnsByDictionary[name]),
    ...keys.map((key) => [key]),
  ]);
  const made = Object.fromEntries(names.map((name, i) => [name, dictionaries[i]!])) as Record<
    DictionaryName,
    DictionaryData
  >;
  const words = Dictionary.of(made.word);
  const mailbox = await readMailboxes(session, words, Dictionary.of(made.local));
  const roots = await readRoots(session, words);
  return nodesFrom({
    count,
    columns: Object.fromEntries(columns) as Record<NodeColumn, Int32Array>,
    dictionaries: { ...made, word: words.data() },
    keys: keys.map((key) => columns.get(key)!),
    texts: dictionaries.slice(names.length),
    mailbox,
    ...(await readSources(session, count, keySources, sourceNames)),
    ...roots,
  });
}

/** As many as a number has bits for. */
const mostSources = 30;

async function readSources(
  session: Session,
  count: number,
  keySources: readonly string[],
  sourceNames: readonly string[],
): Promise<Pick<NodeData, "records" | "keySource" | "sources" | "sourceNames">> {
  const positionIn = (names: readonly string[]): string =>
    `coalesce(list_position([${names.map(literal).join(", ")}]::VARCHAR[], source), 0)`;
  const found = (await session.arrays(`
    WITH source AS (SELECT source, ${positionIn(keySources)} AS key_source, ${positionIn(sourceNames)} AS position FROM (SELECT DISTINCT source FROM identity_raw))
    SELECT node, CAST(arg_min(key_source, r) AS INTEGER) AS key_source, CAST(count(*) AS INTEGER) AS records,
      CAST(bit_or(CASE WHEN position = 0 THEN 0 ELSE 1 << (position - 1) END) AS INTEGER) AS sources
    FROM identity_member JOIN identity_raw USING (r) JOIN source USING (source) GROUP BY node`)) as Record<
    "node" | "key_source" | "records" | "sources",
    Int32Array
  >;
  const byNode = (numbers: Int32Array): Int32Array => {
    const placed = sharedOf(Int32Array, count);
    for (let i = 0; i < numbers.length; i++) placed[found.node[i]!] = numbers[i]!;
    return placed;
  };
  return {
    records: byNode(found.records),
    keySource: byNode(found.key_source),
    sources: byNode(found.sources),
    sourceNames,
  };
}

/** The names that mailboxes are made of, which become words. */
async function readMailboxes(
  session: Session,
  words: Dictionary,
  locals: Dictionary,
): Promise<NodeData["mailbox"]> {
  const mailbox = {
    given: sharedOf(Int32Array, locals.size + 1),
    family: sharedOf(Int32Array, locals.size + 1),
  };
  const file = join(session.scratchFolder, `${newId()}.mailboxes`);
  const [mailboxes] = await session.rows<{ n: number }>("SELECT count(*) AS n FROM identity_mailbox");
  const read = (): boolean =>
    eachLine(file, 3, mailboxes!.n, (line, cuts) => {
      const id = locals.find(line, cuts[0]!, cuts[1]! - 1);
      if (id === 0) return;
      mailbox.given[id] = words.add(line, cuts[1]!, cuts[2]! - 1);
      mailbox.family[id] = words.add(line, cuts[2]!, cuts[3]! - 1);
    });
  const write = async (isSafe: boolean): Promise<void> =>
    await writeLines(session, "SELECT local, given, family FROM identity_mailbox", file, isSafe);
  try {
    await write(false);
    if (!read()) {
      await write(true);
      read();
    }
  } finally {
    await rm(file, { force: true });
  }
  return mailbox;
}

async function readRoots(session: Session, words: Dictionary): Promise<Pick<NodeData, "roots" | "rootOf">> {
  const roots = new Map<number, readonly number[]>();
  const rootOf = new Map<number, number>();
  for (const { name, root, all } of await session.rows<{ name: string; root: string; all: string }>(
    "SELECT name, root, array_to_string(roots, ',') AS \"all\" FROM identity_given_root ORDER BY name",
  )) {
    const texts = all.split(",").map((text) => Buffer.from(text, "utf8"));
    const id = words.findText(name);
    if (id === 0) continue;
    roots.set(
      id,
      texts.map((text) => words.add(text, 0, text.length)),
    );
    rootOf.set(id, words.findText(root));
  }
  return { roots, rootOf };
}
