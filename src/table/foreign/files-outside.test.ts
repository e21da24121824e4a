import { copyFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { keyOfLocation } from "../maintain/iceberg-reach.ts";
import { manifestsOf } from "../iceberg/live.ts";
import { entryAdded, readManifest } from "../iceberg/manifest.ts";
import { type ManifestFile, writeManifestList } from "../iceberg/manifest-list.ts";
import { manifestWriter } from "../iceberg/manifest-writer.ts";
import { type TableMetadata, currentSnapshot, parseMetadata } from "../iceberg/metadata.ts";
import { Table } from "../index.ts";
import { icebergLocation, keyIn } from "../path.ts";

/* A table of whose data files an engine committed one that lies outside the lake: what is OneCopy's goes, that one stays. */

let bench: Workbench;
let store: Store;
let folder: string;
let table: Table;
let outside: string;

beforeAll(async () => {
  bench = await openWorkbench("onecopy-files-outside-");
});
afterAll(() => bench.close());

let made = 0;
beforeEach(async () => {
  store = openStore(join(bench.base, "lake"));
  folder = `a/t${made++}`;
  await Table.create(store, folder, { schema: schemaOf([{ name: "name", type: "VARCHAR" }]) });
  table = await Table.open(store, folder);
  const query = "SELECT 'person ' || i AS name FROM range(10) r(i)";
  await table.write(bench.session, { mode: "append", query });
  const [own] = [...(await table.snapshot()).files];
  await mkdir(join(bench.base, "elsewhere"), { recursive: true });
  outside = join(bench.base, "elsewhere", `${made}.parquet`);
  await copyFile(join(bench.base, "lake", keyIn(folder, own!.path)), outside);
  const own2 = (await manifests()).manifests;
  await commit([...own2, await naming(own2[0]!, `file://${outside}`)]);
});

async function manifests(): Promise<{ metadata: TableMetadata; manifests: ManifestFile[] }> {
  const key = (await table.snapshot()).iceberg!.metadataKey;
  const found = await store.get(key);
  if (found.kind === "absent") throw new Error("no metadata");
  const metadata = parseMetadata(key, found.body);
  return { metadata, manifests: await manifestsOf(store, folder, metadata) };
}

let ids = 1000n;
const sequenceNumber = (metadata: TableMetadata): bigint => BigInt(metadata["last-sequence-number"]) + 1n;
const put = async (name: string, body: Uint8Array): Promise<string> => {
  const key = keyIn(folder, `_iceberg/${name}`);
  await store.put(key, body);
  return key;
};

/** A manifest that adds the first file of another once more, under another location. */
async function naming(like: ManifestFile, location: string): Promise<ManifestFile> {
  const { metadata } = await manifests();
  const key = keyOfLocation(store, like.manifest_path)!;
  const body = await store.get(key);
  const [entry] = await readManifest(key, body.kind === "found" ? body.body : new Uint8Array(), like);
  const snapshot = { id: ++ids, sequenceNumber: sequenceNumber(metadata) };
  return await manifestWriter(
    store,
    metadata,
    snapshot,
    put,
  )(like.partition_spec_id, like.content, [
    {
      status: entryAdded,
      snapshot_id: snapshot.id,
      sequence_number: null,
      file_sequence_number: null,
      data_file: { ...entry!.data_file, file_path: location },
    },
  ]);
}

/** As an engine commits these manifests. */
async function commit(list: readonly ManifestFile[], id = ids, operation = "append"): Promise<void> {
  const { metadata } = await manifests();
  const parent = currentSnapshot(metadata)!;
  const snapshot = { id, parentId: parent["snapshot-id"], sequenceNumber: sequenceNumber(metadata) };
  const listKey = await put(`snap-${id}.avro`, writeManifestList(snapshot, list));
  const outcome = await table.commitIceberg({
    filesOutside: true,
    requirements: [],
    updates: [
      {
        action: "add-snapshot",
        snapshot: {
          "snapshot-id": id,
          "parent-snapshot-id": snapshot.parentId,
          "sequence-number": snapshot.sequenceNumber,
          "timestamp-ms": Date.now(),
          "manifest-list": icebergLocation(store, listKey),
          summary: { operation },
          "schema-id": metadata["current-schema-id"],
        },
      },
      { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id },
    ],
  });
  expect(outcome).toMatchObject({ kind: "committed" });
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(`${folder}/`)) found.push(key);
  return found;
}
const isThere = async (): Promise<boolean> => (await stat(outside)).isFile();

test("vacuum deletes what nobody needs of the table's own, and says how many files lie outside", async () => {
  const orphan = keyIn(folder, "data/part-orphan.parquet");
  await store.put(orphan, new Uint8Array([1]));
  const dry = await table.vacuum({ dryRun: true, graceMs: 0, nowMs: Date.now() + 1000 });
  expect(dry).toMatchObject({ outside: 1, deleted: [{ kind: "data", objects: 1 }] });
  expect(await table.vacuum({ graceMs: 0, nowMs: Date.now() + 1000 })).toMatchObject({ outside: 1 });
  expect(await keys()).not.toContain(orphan);
  expect(await isThere()).toBe(true);
  expect((await table.snapshot()).files.count).toBe(2);
});

test("a column cannot get another name, since the file outside cannot be written again", async () => {
  const { metadata } = await manifests();
  const schema = metadata.schemas.at(-1)!;
  const fields = schema.fields.map((field) => ({ ...field, name: "called" }));
  const updates = [
    { action: "add-schema", schema: { ...schema, fields } },
    { action: "set-current-schema", "schema-id": -1 },
  ] as const;
  await expect(table.commitIceberg({ filesOutside: true, requirements: [], updates })).rejects.toThrow(
    /name is renamed to called.*lie outside/,
  );
});

test("so it does when the file outside has left the table", async () => {
  const { manifests: all } = await manifests();
  ids++;
  await commit(
    all.filter((one) => one.added_snapshot_id !== ids - 1n),
    ids,
    "delete",
  );
  expect((await table.snapshot()).files.count).toBe(1);
  expect(await table.vacuum({ graceMs: 0, nowMs: Date.now() + 1000 })).toMatchObject({ outside: 0 });
  expect(await isThere()).toBe(true);
});

test("purge makes a value gone from the table's own objects, and says what it did not look into", async () => {
  const outcome = await table.purge(bench.session, { columns: ["name"], values: ["person 3"] });
  expect(outcome).toMatchObject({ rowsRemoved: 1, filesRewritten: 1, remaining: { filesOutside: 1 } });
  for (const key of await keys()) {
    const found = await store.get(key);
    if (key.endsWith(".parquet") && found.kind === "found")
      expect(Buffer.from(found.body).includes("person 3"), key).toBe(false);
  }
  expect(await isThere()).toBe(true);
  expect((await table.snapshot()).files.count).toBe(2);
  const again = await table.purge(bench.session, { columns: ["name"], values: ["person 3"] });
  expect(again).toMatchObject({ rowsRemoved: 0, remaining: { filesOutside: 1 } });
});

test("dropping the table leaves the file outside", async () => {
  await Table.drop(store, folder);
  expect(await keys()).toEqual([]);
  expect(await isThere()).toBe(true);
});
