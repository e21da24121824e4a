import { gzipSync } from "node:zlib";
import { type ThriftStruct, binary, encodeThrift, i32, i64, list, struct } from "./thrift.ts";

/*
 * A Parquet file of positions. Written here and not by the engine: a delete touches thousands of files, each gets one
 * of these, and this takes no query, no file on disk, and writes the columns as required, with their ids.
 */

export interface PositionColumn {
  readonly name: string;
  readonly fieldId?: number;
  /** Of a text, every row holds the same. */
  readonly type: "long" | "text";
}

/** One row group; per column its numbers, or its one text. All arrays are equally long. */
export type RowGroup = readonly (Float64Array | string)[];

const types = { boolean: 0, int64: 2, byteArray: 6 } as const;
const encodings = { plain: 0, rle: 3, dictionary: 8 } as const;
const codecs = { none: 0, gzip: 2 } as const;
const pages = { data: 0, dictionary: 2 } as const;
const utf8 = 0; // ConvertedType
const required = 0;

/** The file's bytes, piece by piece. */
export function* parquetFile(
  columns: readonly PositionColumn[],
  rowGroups: Iterable<RowGroup>,
  codec: keyof typeof codecs,
): Generator<Uint8Array> {
  const magic = Buffer.from("PAR1");
  yield magic;
  let at = magic.length;
  let rows = 0;
  const groups: ThriftStruct[] = [];
  for (const group of rowGroups) {
    const count = group.find((column) => typeof column !== "string")?.length ?? 0;
    const chunks: ThriftStruct[] = [];
    let groupBytes = 0;
    for (const [i, column] of columns.entries()) {
      const { parts, meta } = columnChunk(column, group[i]!, count, at, codec);
      for (const part of parts) {
        yield part;
        at += part.length;
        groupBytes += part.length;
      }
      chunks.push(meta);
    }
    groups.push(struct({ 1: list(...chunks), 2: i64(groupBytes), 3: i64(count) }));
    rows += count;
  }
  const footer = encodeThrift(
    struct({
      1: i32(1),
      2: list(
        struct({ 4: binary("schema"), 5: i32(columns.length) }),
        ...columns.map(({ name, type, fieldId }) =>
          struct({
            1: i32(type === "long" ? types.int64 : types.byteArray),
            3: i32(required),
            4: binary(name),
            ...(type === "text" ? { 6: i32(utf8) } : {}),
            ...(fieldId === undefined ? {} : { 9: i32(fieldId) }),
          }),
        ),
      ),
      3: i64(rows),
      4: list(...groups),
      6: binary("onecopy"),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  yield footer;
  yield length;
  yield magic;
}

function columnChunk(
  column: PositionColumn,
  values: Float64Array | string,
  count: number,
  start: number,
  codec: keyof typeof codecs,
): { parts: Uint8Array[]; meta: ThriftStruct } {
  const isText = typeof values === "string";
  const dictionary = isText ? page(pages.dictionary, 1, encodings.plain, plainText(values), codec) : [];
  const body = isText ? sameIndex(count) : plainLongs(values);
  const data = page(pages.data, count, isText ? encodings.dictionary : encodings.plain, body, codec);
  const parts = [...dictionary, ...data].flatMap(({ header, stored }) => [header, stored]);
  const plainBytes = [...dictionary, ...data].reduce(
    (sum, one) => sum + one.header.length + one.plainBytes,
    0,
  );
  const dictionaryBytes = dictionary.reduce((sum, one) => sum + one.header.length + one.stored.length, 0);
  const meta = struct({
    1: i32(isText ? types.byteArray : types.int64),
    2: list(i32(encodings.plain), i32(encodings.rle), ...(isText ? [i32(encodings.dictionary)] : [])),
    3: list(binary(column.name)),
    4: i32(codecs[codec]),
    5: i64(count),
    6: i64(plainBytes),
    7: i64(parts.reduce((sum, part) => sum + part.length, 0)),
    9: i64(start + dictionaryBytes),
    ...(isText ? { 11: i64(start) } : {}),
  });
  return { parts, meta: struct({ 2: i64(start), 3: meta }) };
}

/** Header and body. Required columns have no levels. */
function page(
  type: number,
  count: number,
  encoding: number,
  body: Uint8Array,
  codec: keyof typeof codecs,
): [{ readonly header: Uint8Array; readonly stored: Uint8Array; readonly plainBytes: number }] {
  const stored = codec === "gzip" ? gzipSync(body) : body;
  const header = struct({
    1: i32(type),
    2: i32(body.length),
    3: i32(stored.length),
    ...(type === pages.data
      ? { 5: struct({ 1: i32(count), 2: i32(encoding), 3: i32(encodings.rle), 4: i32(encodings.rle) }) }
      : { 7: struct({ 1: i32(count), 2: i32(encoding) }) }),
  });
  return [{ header: encodeThrift(header), stored, plainBytes: body.length }];
}

function plainText(text: string): Uint8Array {
  const body = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

function plainLongs(values: Float64Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(values.length * 8);
  // Halves, since a BigInt per row would take ten times as long.
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value % 2 ** 32, i * 8);
    bytes.writeUInt32LE(Math.floor(value / 2 ** 32), i * 8 + 4);
  });
  return bytes;
}

/** The dictionary's index 0, `count` times: bit width 1, and one run (Parquet format, "RLE/Bit-Packing Hybrid"). */
function sameIndex(count: number): Uint8Array {
  const bytes = [1];
  let rest = count * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest, 0]);
}
