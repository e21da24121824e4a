import { readFile } from "node:fs/promises";
import avsc from "avsc";
import { type Session, ident, textList } from "../../src/engine/index.ts";
import { typeToEngine } from "../../src/schema/index.ts";
import type { Snapshot } from "../../src/table/index.ts";
import { rowsOf } from "./play.ts";

interface Entry {
  readonly status: number;
  readonly data_file: { readonly content: number; readonly file_path: string };
}

/** The rows of the Iceberg side of a snapshot, by the metadata alone: data files, less their position deletes. */
export async function icebergRows(
  session: Session,
  { store, iceberg, version, schema }: Snapshot,
): Promise<string[]> {
  if (iceberg?.version !== version) throw new Error(`Iceberg is at ${iceberg?.version}, Delta at ${version}`);
  const metadata = JSON.parse(await readFile(store.locate(iceberg.metadataKey), "utf8")) as {
    "current-snapshot-id": number;
    snapshots: { "snapshot-id": number; "manifest-list": string }[];
  };
  const snapshot = metadata.snapshots.find((one) => one["snapshot-id"] === metadata["current-snapshot-id"]);
  const manifests =
    snapshot === undefined ? [] : await avro<{ manifest_path: string }>(snapshot["manifest-list"]);
  const entries = (await Promise.all(manifests.map((one) => avro<Entry>(one.manifest_path)))).flat();
  const paths = (content: number): string[] =>
    entries
      .filter((entry) => entry.status !== 2 && entry.data_file.content === content)
      .map((entry) => entry.data_file.file_path);
  const [files, deletes] = [paths(0), paths(1)];
  const columns = schema.fields.map(({ name }) => ident(name)).join(", ");
  if (files.length === 0) return [];
  const wanted = schema.fields.map(
    ({ id, name, type }) => `${id}: {name: '${name}', type: '${typeToEngine(type)}', default_value: NULL}`,
  );
  const all = `read_parquet(${textList(files.map(local))}, schema = MAP {${wanted.join(", ")}}, filename = '__at')`;
  const gone =
    deletes.length === 0
      ? ""
      : `ANTI JOIN read_parquet(${textList(deletes.map(local))}) AS d ON d.file_path = 'file://' || f."__at" AND d.pos = f.file_row_number`;
  return await rowsOf(session, `(SELECT ${columns} FROM ${all} AS f ${gone})`);
}

function local(location: string): string {
  return location.replace(/^file:\/\//, "");
}

async function avro<T>(location: string): Promise<T[]> {
  const long = avsc.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => Number(buffer.readBigInt64LE()),
    toBuffer: () => Buffer.alloc(8),
    fromJSON: Number,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === "number",
    compare: () => 0 as const,
  });
  const decoder = avsc.createFileDecoder(local(location), {
    parseHook: (schema) => avsc.Type.forSchema(schema, { registry: { long } }),
  });
  const records: T[] = [];
  for await (const record of decoder) records.push(record as T);
  return records;
}
