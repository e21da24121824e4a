import { randomBytes } from "node:crypto";
import avsc from "avsc";
import { OneCopyError, messageOf } from "../../../base/index.ts";
import { AvroBytes } from "./encode.ts";
import type { AvroSchema } from "./schema.ts";

const magic = Uint8Array.of(0x4f, 0x62, 0x6a, 1);
const blockBytes = 64 * 1024;

/** An Avro object container file (codec null) of `records`. */
export function writeAvro(
  schema: AvroSchema,
  metadata: Readonly<Record<string, string>>,
  records: readonly unknown[],
): Uint8Array {
  const sync = randomBytes(16);
  const file = new AvroBytes();
  file.raw(magic);
  const header = Object.entries({ ...metadata, "avro.schema": JSON.stringify(schema), "avro.codec": "null" });
  file.long(header.length);
  for (const [key, value] of header) {
    file.bytes(Buffer.from(key));
    file.bytes(Buffer.from(value));
  }
  file.long(0);
  file.raw(sync);
  let block = new AvroBytes();
  let count = 0;
  const flush = (): void => {
    if (count === 0) return;
    file.long(count);
    file.bytes(block.view());
    file.raw(sync);
    block = new AvroBytes();
    count = 0;
  };
  for (const record of records) {
    block.encode(schema, record);
    count++;
    if (block.length >= blockBytes) flush();
  }
  flush();
  return file.view();
}

/** The records of an Avro file by the schema that it carries; longs are bigints. Fails with `table.manifest_damaged`. */
export async function readAvro(name: string, bytes: Uint8Array): Promise<unknown[]> {
  return await new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new OneCopyError("table.manifest_damaged", `${name} cannot be read as Avro: ${messageOf(cause)}`, {
          cause,
        }),
      );
    const records: unknown[] = [];
    try {
      const decoder = new avsc.streams.BlockDecoder({
        parseHook: (schema) => avsc.Type.forSchema(schema, { typeHook: bigLongs }),
      });
      decoder.on("data", (record: unknown) => records.push(record));
      decoder.on("error", fail);
      decoder.on("end", () => resolve(records));
      decoder.end(Buffer.from(bytes));
    } catch (cause) {
      fail(cause);
    }
  });
}

/** Writers name the type `long` alone, or with what they say about it. */
function bigLongs(schema: unknown): avsc.Type | undefined {
  return schema === "long" || (schema as { readonly type?: unknown }).type === "long" ? bigLong : undefined;
}

/** The library's own long refuses what a double cannot hold, such as snapshot ids. */
const bigLong = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});
