import { gunzipSync } from "node:zlib";
import { type Session, addresses, ident, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { readAvro } from "../iceberg/avro/file.ts";
import { escapedPattern } from "../path.ts";
import { ByteSearch } from "./byte-search.ts";
import { needles } from "./needles.ts";
import { type ValueTables, holdsValue, isValue } from "./values.ts";

/** What is read of an object at a time. */
const chunkBytes = 8 * 2 ** 20;
const filesAtOnce = 64;
const largestFooter = 2 ** 28;

/** What is looked for, and where. */
export interface Search {
  readonly session: Session;
  readonly store: Store;
  readonly tables: ValueTables;
  readonly bytes: ByteSearch;
  /** In lower case: a value of these columns counts also where it is no text, or a short one. */
  readonly columns: ReadonlySet<string>;
}

export function searchFor(
  session: Session,
  store: Store,
  values: readonly string[],
  tables: ValueTables,
  columns: Iterable<string>,
): Search {
  return {
    session,
    store,
    tables,
    bytes: new ByteSearch(needles(values)),
    columns: new Set([...columns].map((name) => name.toLowerCase())),
  };
}

/**
 * The keys among `all` of objects that hold a value: Parquet by what the engine reads of all columns and by the bytes of
 * its footer, Avro and gzip by what is packed in them, everything by its bytes. An object that cannot be read as what it
 * says it is counts as one that does.
 */
export async function* holders(search: Search, all: Iterable<string>): AsyncGenerator<string> {
  let parquet: string[] = [];
  for (const key of all) {
    if (search.bytes.isInText(key)) yield key;
    else if (!key.endsWith(".parquet")) {
      if (await inBytes(search, key)) yield key;
    } else if (await inFooter(search, key)) yield key;
    else if (parquet.push(key) === filesAtOnce) {
      yield* inParquet(search, parquet);
      parquet = [];
    }
  }
  yield* inParquet(search, parquet);
}

async function inBytes({ store, bytes }: Search, key: string): Promise<boolean> {
  let before: Uint8Array = new Uint8Array();
  for (let offset = 0; ; offset += chunkBytes) {
    const found = await store.get(key, { offset, length: chunkBytes });
    if (found.kind === "absent") return false;
    const chunk = Buffer.concat([before, found.body]);
    if (bytes.isIn(chunk) || (offset === 0 && (await inPacked(store, key, found.body, bytes)))) return true;
    if (found.body.length < chunkBytes) return false;
    before = chunk.subarray(chunk.length - bytes.overlap);
  }
}

async function inPacked(store: Store, key: string, head: Uint8Array, bytes: ByteSearch): Promise<boolean> {
  const begins = (...magic: number[]): boolean => magic.every((byte, i) => head[i] === byte);
  const [isGzip, isZstd, isAvro] = [
    begins(0x1f, 0x8b),
    begins(0x28, 0xb5, 0x2f, 0xfd),
    begins(0x4f, 0x62, 0x6a, 1),
  ];
  if (isZstd) return true;
  // As OneCopy writes it: the bytes say it all.
  const isPlain = Buffer.from(head.subarray(0, 2 ** 16)).includes("avro.codec\x08null");
  if (!isGzip && (!isAvro || isPlain)) return false;
  const found = await store.get(key);
  if (found.kind === "absent") return false;
  try {
    if (isGzip) return bytes.isIn(gunzipSync(found.body, { maxOutputLength: 2 ** 29 }));
    return inValue(await readAvro(key, found.body), bytes);
  } catch {
    return true;
  }
}

function inValue(value: unknown, bytes: ByteSearch): boolean {
  if (typeof value === "string") return bytes.isInText(value);
  if (value instanceof Uint8Array) return bytes.isIn(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, one]) => bytes.isInText(name) || inValue(one, bytes));
}

/** Bounds, and what writers note in it besides. Parquet, "File Format": the footer's length and `PAR1` end a file. */
async function inFooter({ store, bytes }: Search, key: string): Promise<boolean> {
  const head = await store.head(key);
  if (head.kind === "absent" || head.entry.sizeBytes < 12) return false;
  const { sizeBytes } = head.entry;
  const end = await store.get(key, { offset: sizeBytes - 8, length: 8 });
  if (end.kind === "absent" || end.body.length < 8) return false;
  const length = Buffer.from(end.body).readUInt32LE(0);
  // Damaged: the engine does not read it either.
  if (length > Math.min(largestFooter, sizeBytes - 8)) return true;
  const footer = await store.get(key, { offset: sizeBytes - 8 - length, length });
  return footer.kind === "found" && bytes.isIn(footer.body);
}

async function* inParquet(search: Search, keys: readonly string[]): AsyncGenerator<string> {
  if (keys.length === 0) return;
  try {
    yield* await parquetHolders(search, keys);
  } catch {
    if (keys.length === 1) {
      if ((await search.store.head(keys[0]!)).kind === "found") yield keys[0]!;
      return;
    }
    // Of different columns, or one of them is damaged.
    for (const key of keys) yield* inParquet(search, [key]);
  }
}

async function parquetHolders(
  { session, store, tables, columns }: Search,
  keys: readonly string[],
): Promise<string[]> {
  const paths = await addresses(session, store, keys);
  const relation = `read_parquet(${textList(paths.map(escapedPattern))}, union_by_name = true, hive_partitioning = false, filename = '__onecopy_file')`;
  const described = await session.describe(`SELECT * FROM ${relation}`);
  const tests = described.flatMap(({ name, type }) => {
    if (name === "__onecopy_file") return [];
    const held = holdsValue(ident(name), type, tables);
    return [
      ...(held === undefined ? [] : [held]),
      ...(columns.has(name.toLowerCase()) ? [isValue(ident(name), type, tables)] : []),
    ];
  });
  if (tests.length === 0) return [];
  const rows = await session.rows<{ file: string }>(
    `SELECT DISTINCT "__onecopy_file" AS file FROM ${relation} WHERE ${tests.join(" OR ")}`,
  );
  const found = new Set(rows.map(({ file }) => file));
  return keys.filter((_, i) => found.has(paths[i]!));
}
