import { OneCopyError, messageOf } from "../../../base/index.ts";
import { decompress } from "./codec.ts";
import { type ReadType, parseAvroSchema } from "./read-schema.ts";

/* Avro 1.12, "Object Container Files" and "Binary Encoding". The bytes are anybody's: every length is bounded. */

/** A record by field id where the schema states one (Iceberg spec, "Appendix A: Avro"), else by name. */
export type AvroRecordValue = ReadonlyMap<number | string, AvroValue>;

/** Ints and longs are bigints; bytes, fixed and enums' numbers as they are. */
export type AvroValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly AvroValue[]
  | AvroRecordValue;

export interface AvroFile {
  /** The header's metadata but for Avro's own, as text. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly records: Iterable<AvroRecordValue>;
}

const magic = [0x4f, 0x62, 0x6a, 1];
const mostInflatedBytes = 512 * 2 ** 20;

/**
 * Opens an Avro file of records. `keep`: the field ids that the caller wants; others are skipped, and cost nothing.
 * Both this and reading the records fail with `table.manifest_damaged`, or `table.iceberg_feature_unsupported` for a
 * codec that is not there.
 */
export function openAvro(name: string, bytes: Uint8Array, keep: (fieldId: number) => boolean): AvroFile {
  return damagedIn(name, () => {
    if (magic.some((byte, i) => bytes[i] !== byte)) throw new Error("it does not start with Obj\\x01");
    const cursor = new Cursor(bytes, magic.length);
    const header = new Map<string, Uint8Array>();
    cursor.blocks(() => header.set(cursor.text(), cursor.bytes()));
    const text = (key: string): string | undefined => {
      const value = header.get(key);
      return value === undefined ? undefined : decoder.decode(value);
    };
    const type = parseAvroSchema(text("avro.schema") ?? "", keep);
    if (type.kind !== "record") throw new Error("its records are none");
    const codec = text("avro.codec") ?? "null";
    const sync = cursor.fixed(16);
    return {
      metadata: new Map([...header].map(([key, value]) => [key, decoder.decode(value)])),
      records: {
        [Symbol.iterator]: () => records(name, cursor.copy(), codec, sync, type),
      },
    };
  });
}

function* records(
  name: string,
  file: Cursor,
  codec: string,
  sync: Uint8Array,
  type: ReadType & { readonly kind: "record" },
): Generator<AvroRecordValue> {
  let inflated = 0;
  while (!file.atEnd()) {
    const block = damagedIn(name, () => {
      const count = file.size();
      const body = decompress(codec, file.bytes(), mostInflatedBytes - inflated);
      inflated += body.length;
      if (file.fixed(16).some((byte, i) => byte !== sync[i]))
        throw new Error("a block ends without its mark");
      return { count, cursor: new Cursor(body, 0) };
    });
    for (let i = 0; i < block.count; i++)
      yield damagedIn(name, () => {
        const before = block.cursor.at;
        const record = readRecord(block.cursor, type);
        if (block.cursor.at === before) throw new Error("a record has no bytes");
        return record;
      });
    damagedIn(name, () => {
      if (!block.cursor.atEnd()) throw new Error("a block is longer than its records");
    });
  }
}

function damagedIn<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof OneCopyError) throw cause;
    throw new OneCopyError("table.manifest_damaged", `${name} cannot be read as Avro: ${messageOf(cause)}.`, {
      cause,
      remedy: "Restore the file from a backup of the table, or read an older snapshot.",
    });
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function readRecord(cursor: Cursor, type: ReadType & { readonly kind: "record" }): AvroRecordValue {
  const record = new Map<number | string, AvroValue>();
  for (const field of type.fields) {
    if (field.wanted) record.set(field.key, read(cursor, field.type));
    else skip(cursor, field.type);
  }
  return record;
}

function read(cursor: Cursor, type: ReadType): AvroValue {
  switch (type.kind) {
    case "null":
      return null;
    case "boolean":
      return cursor.byte() !== 0;
    case "int":
    case "long":
      return cursor.long();
    case "float":
      return cursor.view(4).getFloat32(0, true);
    case "double":
      return cursor.view(8).getFloat64(0, true);
    case "bytes":
      return cursor.bytes().slice();
    case "string":
      return cursor.text();
    case "fixed":
      return cursor.fixed(type.size).slice();
    case "union":
      return read(cursor, branch(cursor, type.branches));
    case "array": {
      const items: AvroValue[] = [];
      cursor.blocks(() => items.push(read(cursor, type.items)));
      return items;
    }
    case "map": {
      const entries = new Map<string, AvroValue>();
      cursor.blocks(() => entries.set(cursor.text(), read(cursor, type.values)));
      return entries;
    }
    case "record":
      return readRecord(cursor, type);
  }
}

function skip(cursor: Cursor, type: ReadType): void {
  switch (type.kind) {
    case "null":
      return;
    case "boolean":
      cursor.byte();
      return;
    case "int":
    case "long":
      cursor.skipLong();
      return;
    case "float":
    case "double":
      cursor.fixed(type.kind === "float" ? 4 : 8);
      return;
    case "bytes":
    case "string":
      cursor.bytes();
      return;
    case "fixed":
      cursor.fixed(type.size);
      return;
    case "union":
      return skip(cursor, branch(cursor, type.branches));
    case "array":
      return cursor.blocks(() => skip(cursor, type.items), true);
    case "map":
      return cursor.blocks(() => {
        cursor.bytes();
        skip(cursor, type.values);
      }, true);
    case "record":
      for (const field of type.fields) skip(cursor, field.type);
  }
}

function branch(cursor: Cursor, branches: readonly ReadType[]): ReadType {
  const type = branches[Number(cursor.long())];
  if (type === undefined) throw new Error("a union has no such branch");
  return type;
}

class Cursor {
  constructor(
    private readonly buffer: Uint8Array,
    public at: number,
  ) {}

  copy(): Cursor {
    return new Cursor(this.buffer, this.at);
  }

  atEnd(): boolean {
    return this.at >= this.buffer.length;
  }

  byte(): number {
    const byte = this.buffer[this.at++];
    if (byte === undefined) throw new Error("it ends too early");
    return byte;
  }

  fixed(length: number): Uint8Array {
    if (length > this.buffer.length - this.at) throw new Error("it ends too early");
    return this.buffer.subarray(this.at, (this.at += length));
  }

  view(length: number): DataView {
    const bytes = this.fixed(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** Zig-zag, seven bits a byte, the lowest first. */
  long(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt((low >>> 1) ^ -(low & 1));
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new Error("a number is longer than 64 bits");
  }

  skipLong(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return;
    throw new Error("a number is longer than 64 bits");
  }

  /** A length or count: not negative, and not more than bytes could follow. */
  size(): number {
    const size = this.long();
    if (size < 0n || size > BigInt(this.buffer.length)) throw new Error(`a length of ${size}`);
    return Number(size);
  }

  bytes(): Uint8Array {
    return this.fixed(this.size());
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  /** The blocks of an array or map. A negative count is followed by the block's bytes, which may be skipped. */
  blocks(item: () => void, skipping = false): void {
    for (;;) {
      const count = this.long();
      if (count === 0n) return;
      const bytes = count < 0n ? this.size() : undefined;
      if (bytes !== undefined && skipping) {
        this.fixed(bytes);
        continue;
      }
      const items = count < 0n ? -count : count;
      for (let i = 0n; i < items; i++) {
        const before = this.at;
        item();
        // An item of no bytes could be there any number of times.
        if (this.at === before) throw new Error("an item has no bytes");
      }
    }
  }
}
