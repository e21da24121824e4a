import type { Session } from "../../engine/index.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { PackedFiles, type Shared } from "../packed/files.ts";
import { Texts } from "../packed/texts.ts";
import { decodePath } from "../path.ts";
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

const [fewestRows, mostRows] = [64, 2 ** 16];
/** Texts of one batch. The engine holds them about four times, in 512 MB. */
const batchBytes = 16 * 2 ** 20;
const mostFiles = 20_000_000;
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
  if (!relation.columns.get("add")?.startsWith("STRUCT(")) return;
  const columns = await session.describe(`SELECT unnest("add") FROM ${relation.sql}`);
  const select = batchSql(new Set(columns.map(({ name }) => name)));
  const { total, bytes } = await sizeOf(session, relation);
  if (total > mostFiles) throw new RangeError(`${total} rows; up to ${mostFiles} are read`);
  let size = clamp(Math.floor((batchBytes / Math.max(1, bytes)) * total));
  for (let from = 0; from < total;) {
    let block: PackedFiles | undefined;
    try {
      block = await readBatch(
        session,
        `${select} FROM ${relation.numberedSql} WHERE file_row_number >= ${from} AND file_row_number < ${from + size} AND "add"."path" IS NOT NULL)`,
        outside,
      );
    } catch (error) {
      // Texts that are stored once for many rows take more than the file says.
      if (size === fewestRows || !/out of memory/i.test(String(error))) throw error;
      size = clamp(size >> 2);
      continue;
    }
    from += size;
    if (block.count > 0) yield block;
  }
}

function clamp(rows: number): number {
  return Math.min(mostRows, Math.max(fewestRows, rows));
}

async function sizeOf(
  session: Session,
  { files }: CheckpointRelation,
): Promise<{ total: number; bytes: number }> {
  const [found] = await session.rows<{ total: number; bytes: number }>(
    `SELECT (SELECT sum(num_rows) FROM parquet_file_metadata(${files}))::DOUBLE AS total,
       (SELECT sum(total_uncompressed_size) FROM parquet_metadata(${files}) WHERE path_in_schema LIKE 'add%')::DOUBLE AS bytes`,
  );
  return { total: found?.total ?? 0, bytes: found?.bytes ?? 0 };
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
  return `SELECT
      encode(string_agg(concat(strlen(path), ' ', coalesce(strlen(stats), -1), ' ', strlen(shared), ' ', coalesce(size::VARCHAR, 'x'), ' ', coalesce(modified::VARCHAR, 'x'), ' ', coalesce(change::INTEGER::VARCHAR, 'x'), ' '), '')) AS heads,
      encode(string_agg(path, '')) AS paths, encode(string_agg(stats, '')) AS stats, encode(string_agg(shared, '')) AS shared
    FROM (SELECT "add"."path" AS path, CASE WHEN strlen(${stats}) <= ${longestText} THEN ${stats} END AS stats,
      ${number("size")} AS size, ${number("modificationTime")} AS modified, ${number("dataChange")} AS change,
      concat(${json("partitionValues")}, chr(10), ${json("tags")}, chr(10), ${json("deletionVector")}) AS shared`;
}

interface Batch {
  readonly heads: Uint8Array | null;
  readonly paths: Uint8Array | null;
  readonly stats: Uint8Array | null;
  readonly shared: Uint8Array | null;
}

async function readBatch(session: Session, sql: string, outside: Elsewhere): Promise<PackedFiles> {
  const [batch] = await session.rows<Batch & Record<string, never>>(sql);
  const heads = readHeads(batch?.heads ?? new Uint8Array());
  const count = heads.length / headSize;
  const paths = decodedPaths(new Texts(Buffer.from(batch?.paths ?? []), endsOf(heads, 0)), outside);
  const stats = new Texts(Buffer.from(batch?.stats ?? []), endsOf(heads, 1));
  const shared = new Texts(Buffer.from(batch?.shared ?? []), endsOf(heads, 2));
  const files = new PackedFiles(paths, stats);
  files.grow(count);
  const known = new Map<string, number>();
  let lastText: Uint8Array = new Uint8Array();
  let lastId = -1;
  for (let row = 0; row < count; row++) {
    if (lastId < 0 || !shared.equals(row, lastText)) {
      lastText = shared.slice(row);
      const text = shared.get(row);
      lastId = known.get(text) ?? files.share(parseShared(text));
      known.set(text, lastId);
    }
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

const headSize = 6;

/** Numbers as decimal digits, each with a blank behind it; `x`: there is none. */
function readHeads(bytes: Uint8Array): Float64Array {
  let count = 0;
  for (const byte of bytes) if (byte === 0x20) count++;
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
    if (isPlain(paths.slice(row))) continue;
    const decoded = new Texts();
    for (let i = 0; i < paths.count; i++) decoded.push(decodePath(paths.get(i), outside));
    return decoded;
  }
  return paths;
}

/** Letters, digits, `-`, `.`, `_` and `=` in parts that do not begin with a dot. */
function isPlain(path: Uint8Array): boolean {
  let atStart = true;
  for (const byte of path) {
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
  const bytes = stats.slice(row);
  for (let i = 0; i < rowsPrefix.length; i++) if (bytes[i] !== rowsPrefix[i]) return rowsOf(stats.get(row));
  let rows = 0;
  for (let i = rowsPrefix.length; i < bytes.length; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit >= 0 && digit <= 9 && rows < 1e14) rows = rows * 10 + digit;
    else
      return i > rowsPrefix.length && (bytes[i] === 0x2c || bytes[i] === 0x7d)
        ? rows
        : rowsOf(stats.get(row));
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
