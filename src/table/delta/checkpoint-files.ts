import type { Session } from "../../engine/index.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { PackedFiles, type Shared } from "../packed/files.ts";
import { Texts } from "../packed/texts.ts";
import { decodePath, foreignForm, longestPath } from "../path.ts";
import { rowsOf } from "./data-file.ts";
import { parseVector, texts, withoutNulls } from "./file-action.ts";
import { parseBounded } from "./json.ts";

/** A Parquet file of a checkpoint, or several, to be put after FROM. */
export interface CheckpointRelation {
  readonly files: string;
  readonly sql: string;
  /** With the column `file_row_number`. */
  readonly numberedSql: string;
  readonly columns: ReadonlyMap<string, string>;
}

/** Of one text of a batch: a long one would be copied again and again while it grows. */
const partRows = 1024;
/** Texts of one batch. The engine holds them about three times, in 512 MB. */
const batchBytes = 8 * 2 ** 20;
const mostRows = 2 ** 17;
/** At about a hundred bytes each they fit in a gigabyte. */
const mostFiles = 10_000_000;
const longestText = 2 ** 20;

/**
 * The files of one Parquet file of a checkpoint. A batch comes as a few long texts, which is how many short ones
 * leave the engine without a JavaScript value for each.
 */
export async function* fileBlocks(
  session: Session,
  relation: CheckpointRelation,
  outside: Elsewhere,
): AsyncGenerator<PackedFiles> {
  if (!(await holdsActions(session, relation, "add"))) return;
  const columns = await session.describe(`SELECT unnest("add") FROM ${relation.sql}`);
  const select = batchSql(new Set(columns.map(({ name }) => name)));
  const read = async ({ from, to }: Range): Promise<Part[]> => {
    const rows = `file_row_number >= ${from} AND file_row_number < ${to}`;
    const sql = `${select} FROM ${relation.numberedSql} WHERE ${rows} AND "add"."path" IS NOT NULL) GROUP BY part`;
    try {
      return (await session.rows<Part>(sql)).sort((a, b) => a.part - b.part);
    } catch (error) {
      // Texts that are stored once for many rows take more than the file says.
      if (to - from <= partRows || !/out of memory/i.test(String(error))) throw error;
      const middle = from + Math.ceil((to - from) / 2 / partRows) * partRows;
      return [...(await read({ from, to: middle })), ...(await read({ from: middle, to }))];
    }
  };
  let reading: Promise<Part[]> | undefined;
  for (const range of await ranges(session, relation)) {
    const parts = await reading;
    // The engine goes on while the batch before is packed.
    reading = read(range);
    reading.catch(() => undefined);
    if (parts !== undefined && parts.length > 0) yield packed(parts, outside);
  }
  const last = (await reading) ?? [];
  if (last.length > 0) yield packed(last, outside);
}

/** Whether there may be actions of that name. Some writers leave a column of nulls of any type where there is none. */
export async function holdsActions(
  session: Session,
  { sql, columns }: CheckpointRelation,
  name: string,
): Promise<boolean> {
  const type = columns.get(name);
  if (type === undefined) return false;
  if (type.startsWith("STRUCT(")) return true;
  const [found] = await session.rows(`SELECT 1 FROM ${sql} WHERE "${name}" IS NOT NULL LIMIT 1`);
  if (found !== undefined) throw new TypeError(`${name}: expected structs, found ${type.slice(0, 100)}`);
  return false;
}

/** Row numbers, the second one exclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Batches are whole row groups where they can be: a part of one costs decoding what stands before it. */
async function ranges(session: Session, { files }: CheckpointRelation): Promise<Range[]> {
  const groups = await session.rows<{ rows: number; bytes: number }>(
    `SELECT any_value(row_group_num_rows)::DOUBLE AS rows,
       sum(CASE WHEN path_in_schema LIKE 'add%' THEN total_uncompressed_size ELSE 0 END)::DOUBLE AS bytes
     FROM parquet_metadata(${files}) GROUP BY row_group_id ORDER BY row_group_id`,
  );
  const found: Range[] = [];
  let [start, end, held] = [0, 0, 0];
  const close = (): void => {
    const pieces = Math.ceil(Math.max(held / batchBytes, (end - start) / mostRows));
    const step = Math.ceil((end - start) / Math.max(1, pieces) / partRows) * partRows;
    for (let from = start; from < end; from += step) found.push({ from, to: Math.min(end, from + step) });
    [start, held] = [end, 0];
  };
  for (const { rows, bytes } of groups) {
    if (held + bytes > batchBytes || end - start + rows > mostRows) close();
    [end, held] = [end + rows, held + bytes];
    if (end > mostFiles) throw new RangeError(`more than ${mostFiles} rows; up to so many are read`);
  }
  close();
  return found;
}

function batchSql(columns: ReadonlySet<string>): string {
  const json = (name: string): string =>
    columns.has(name)
      ? `CASE WHEN "add"."${name}" IS NOT NULL THEN to_json("add"."${name}")::VARCHAR END`
      : "NULL";
  const number = (name: string): string => (columns.has(name) ? `"add"."${name}"` : "NULL");
  // Delta protocol, "Checkpoint Schema": with delta.checkpoint.writeStatsAsJson false there is only the struct.
  const stats = columns.has("stats_parsed")
    ? `coalesce(${number("stats")}, ${json("stats_parsed")})`
    : number("stats");
  return `SELECT part,
      encode(string_agg(concat(strlen(path), ' ', coalesce(strlen(stats), -1), ' ', strlen(shared), ' ', coalesce(size::VARCHAR, 'x'), ' ', coalesce(modified::VARCHAR, 'x'), ' ', coalesce(change::INTEGER::VARCHAR, 'x'), ' '), '')) AS heads,
      encode(string_agg(path, '')) AS paths, encode(string_agg(stats, '')) AS stats, encode(string_agg(shared, '')) AS shared
    FROM (SELECT (file_row_number // ${partRows})::INTEGER AS part, CASE WHEN strlen("add"."path") <= ${longestPath} THEN "add"."path" ELSE error('a path of more than ${longestPath} bytes') END AS path, CASE WHEN strlen(${stats}) <= ${longestText} THEN ${stats} END AS stats,
      ${number("size")} AS size, ${number("modificationTime")} AS modified, ${number("dataChange")} AS change,
      concat(${json("partitionValues")}, chr(10), ${json("tags")}, chr(10), ${json("deletionVector")}) AS shared`;
}

/** The texts of some rows, one after the other; null: there is none. */
interface Part {
  readonly part: number;
  readonly heads: Uint8Array | null;
  readonly paths: Uint8Array | null;
  readonly stats: Uint8Array | null;
  readonly shared: Uint8Array | null;
}

function packed(parts: readonly Part[], outside: Elsewhere): PackedFiles {
  const joined = (name: "heads" | "paths" | "stats" | "shared"): Buffer =>
    Buffer.concat(parts.flatMap((part) => part[name] ?? []));
  const heads = readHeads(joined("heads"));
  const count = heads.length / headSize;
  const stated = new Texts(joined("paths"), endsOf(heads, 0));
  const paths = decodedPaths(stated, outside);
  const stats = new Texts(joined("stats"), endsOf(heads, 1));
  const shared = new Texts(joined("shared"), endsOf(heads, 2));
  const files = new PackedFiles(paths, stats);
  files.grow(count);
  const known = new Map<string, number>();
  let lastId = -1;
  let lastShared = false;
  for (let row = 0; row < count; row++) {
    const statedPath = paths === stated ? undefined : foreignForm(stated.get(row), paths.get(row));
    if (statedPath !== undefined) {
      lastId = files.share({ ...parseShared(shared.get(row)), statedPath });
    } else if (row === 0 || !lastShared || !repeats(shared, row)) {
      const text = shared.get(row);
      lastId = known.get(text) ?? files.share(parseShared(text));
      known.set(text, lastId);
    }
    lastShared = statedPath === undefined;
    const at = row * headSize;
    const hasStats = heads[at + 1]! >= 0;
    const file = {
      sizeBytes: counted(heads[at + 3]!, "add.size"),
      rows: hasStats ? rowsIn(stats, row) : undefined,
      modifiedMs: required(heads[at + 4]!, "add.modificationTime"),
      dataChange: required(heads[at + 5]!, "add.dataChange") === 1,
    };
    files.pushRow(file, hasStats, lastId);
  }
  return files.seal();
}

/** Whether a text is the same as the one before it. */
function repeats(texts: Texts, row: number): boolean {
  return texts.equals(row - 1, texts.bytes, texts.start(row), texts.end(row));
}

const headSize = 6;

/** Numbers as decimal digits, each with a blank behind it; `x`: there is none. */
function readHeads(bytes: Buffer): Float64Array {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x20) count++;
  const numbers = new Float64Array(count);
  for (let i = 0, at = 0; i < count; i++, at++) {
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    let value = 0;
    for (; bytes[at] !== 0x20; at++) {
      const digit = bytes[at]! - 0x30;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
    }
    numbers[i] = negative ? -value : value;
  }
  return numbers;
}

function endsOf(heads: Float64Array, column: number): Uint32Array {
  const ends = new Uint32Array(heads.length / headSize);
  let end = 0;
  for (let row = 0; row < ends.length; row++) ends[row] = end += Math.max(0, heads[row * headSize + column]!);
  return ends;
}

/** Most paths are written as they are; one that may not be is decoded, and may name nothing outside the table. */
function decodedPaths(paths: Texts, outside: Elsewhere): Texts {
  for (let row = 0; row < paths.count; row++) {
    if (isPlain(paths.bytes, paths.start(row), paths.end(row))) continue;
    const decoded = new Texts();
    for (let i = 0; i < paths.count; i++) decoded.push(decodePath(paths.get(i), outside));
    return decoded;
  }
  return paths;
}

/** Letters, digits, `-`, `.`, `_` and `=` in parts that do not begin with a dot. */
function isPlain(bytes: Buffer, from: number, to: number): boolean {
  let atStart = true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    const isSlash = byte === 0x2f;
    if (atStart && (isSlash || byte === 0x2e)) return false;
    if (!isSlash && plainBytes[byte] !== 1) return false;
    atStart = isSlash;
  }
  return !atStart;
}

const plainBytes = new Uint8Array(256);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._=")
  plainBytes[char.charCodeAt(0)] = 1;

const rowsPrefix = Buffer.from('{"numRecords":');

function rowsIn(stats: Texts, row: number): number | undefined {
  const { bytes } = stats;
  const [from, to] = [stats.start(row), stats.end(row)];
  const start = from + rowsPrefix.length;
  for (let i = from; i < start; i++) if (bytes[i] !== rowsPrefix[i - from]) return rowsOf(stats.get(row));
  let rows = 0;
  for (let i = start; i < to; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit >= 0 && digit <= 9 && rows < 1e14) rows = rows * 10 + digit;
    else return i > start && (bytes[i] === 0x2c || bytes[i] === 0x7d) ? rows : rowsOf(stats.get(row));
  }
  return rowsOf(stats.get(row));
}

/** JSON of the partition values, of the tags and of the deletion vector, each in a line and each perhaps empty. */
function parseShared(text: string): Shared {
  const [values = "", tags = "", vector = ""] = text.split("\n");
  const parse = (json: string): unknown => (json === "" ? undefined : parseBounded(json));
  const deletionVector = parse(vector);
  return {
    partitionValues: texts(parse(values), "add.partitionValues"),
    tags: withoutNulls(texts(parse(tags), "add.tags")),
    ...(deletionVector == null ? {} : { deletionVector: parseVector(deletionVector, "add") }),
  };
}

function required(value: number, field: string): number {
  if (Number.isNaN(value)) throw new TypeError(`${field} is missing`);
  return value;
}

function counted(value: number, field: string): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new TypeError(`${field}: expected a whole number from 0`);
  return value;
}
