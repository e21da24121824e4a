import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import avsc from "avsc";
import { type Session, literal } from "../../src/engine/index.ts";
import type { Store } from "../../src/storage/index.ts";

/**
 * Every object of a file store that holds one of the texts: in its name, in its bytes as they are, and in what is packed
 * in them: columns and footers of Parquet, records of Avro, gzip. It shares no code with what is tested.
 */
export async function holding(session: Session, store: Store, texts: readonly string[]): Promise<string[]> {
  const forms = texts.flatMap((text) => [
    Buffer.from(text),
    Buffer.from(text, "utf16le"),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    Buffer.from(JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)),
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(encodeURIComponent(encodeURIComponent(text))),
    Buffer.from(Buffer.from(text).toString("hex")),
    Buffer.from(Buffer.from(text).toString("base64").slice(0, -4)),
  ]);
  const found: string[] = [];
  for await (const { key } of store.list("")) {
    const path = store.locate(key);
    const bytes = await readFile(path);
    const bodies = [Buffer.from(key), bytes];
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bodies.push(gunzipSync(bytes));
    if (key.endsWith(".avro")) bodies.push(Buffer.from(await avroText(path)));
    if (key.endsWith(".parquet")) bodies.push(Buffer.from(await parquetText(session, path)));
    if (bodies.some((body) => forms.some((form) => body.includes(form)))) found.push(key);
  }
  return found;
}

async function parquetText(session: Session, path: string): Promise<string> {
  const file = literal(path.replaceAll(/[[*?]/g, "[$&]"));
  const texts: string[] = [];
  for (const [from, name] of [
    [`read_parquet(${file}, hive_partitioning = false)`, "t"],
    [`parquet_metadata(${file})`, "m"],
    [`parquet_kv_metadata(${file})`, "k"],
  ])
    for (const row of await session.rows(`SELECT CAST(${name} AS VARCHAR) AS row FROM ${from} AS ${name}`))
      texts.push(String(row["row"]));
  return texts.join("\n");
}

async function avroText(path: string): Promise<string> {
  const long = avsc.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => Number(buffer.readBigInt64LE()),
    toBuffer: () => Buffer.alloc(8),
    fromJSON: Number,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === "number",
    compare: () => 0 as const,
  });
  const texts: string[] = [];
  const note = (value: unknown): void => {
    if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString("utf8"));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(note);
    else texts.push(String(value));
  };
  const decoder = avsc.createFileDecoder(path, {
    parseHook: (schema) => avsc.Type.forSchema(schema, { registry: { long } }),
  });
  for await (const record of decoder) note(record);
  return texts.join("\n");
}
