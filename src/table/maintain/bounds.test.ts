import { afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../../storage/index.ts";
import { parseMetadata } from "../iceberg/metadata.ts";
import { readManifestList } from "../iceberg/manifest-list.ts";
import { Table } from "../index.ts";
import { keyOfLocation } from "./iceberg-reach.ts";
import { type OneTableLake, oneTableLake } from "./lake-for-test.ts";

let lake: OneTableLake;
beforeEach(async () => {
  lake = await oneTableLake();
});
afterEach(async () => {
  await lake.remove();
});

const append = async (table: Table, id: number) =>
  await table.write(lake.session, { mode: "append", query: `SELECT ${id}::BIGINT AS id, 'x' AS name` });

/** The store, noting which objects are read. */
function noting(store: Store, read: string[]): Store {
  return {
    ...store,
    url: store.url,
    get: (key, range) => (read.push(key), store.get(key, range)),
    head: (key) => store.head(key),
    put: (key, body, condition) => store.put(key, body, condition),
    list: (prefix, options) => store.list(prefix, options),
    delete: (key) => store.delete(key),
    locate: (key) => store.locate(key),
    stagingFolder: () => store.stagingFolder(),
    adopt: (localPath, key) => store.adopt(localPath, key),
  };
}

async function icebergSide(table: Table) {
  const { iceberg } = await table.snapshot();
  const body = await bodyOf(iceberg!.metadataKey);
  const metadata = parseMetadata(iceberg!.metadataKey, body);
  const current = metadata.snapshots.find((one) => one["snapshot-id"] === metadata["current-snapshot-id"]);
  const key = keyOfLocation(lake.store, current!["manifest-list"])!;
  return { metadata, sizeBytes: body.length, manifests: await readManifestList(key, await bodyOf(key)) };
}

async function bodyOf(key: string): Promise<Uint8Array> {
  const found = await lake.store.get(key);
  if (found.kind === "absent") throw new Error(`${key} is gone`);
  return found.body;
}

// What docs/format.md, "Bounds", says.
test("210 commits on: what a reader has to read of either format does not grow with the commits", async () => {
  const table = await lake.make();
  for (let id = 1; id <= 210; id++) await append(table, id);
  await table.settled();

  const read: string[] = [];
  const again = await Table.open(noting(lake.store, read), table.folder);
  expect((await again.snapshot()).version).toBe(210);
  expect((await again.snapshot()).files.count).toBe(210);
  const commits = read.filter((key) => /_delta_log\/\d{20}\.json$/.test(key));
  expect(commits.length).toBeLessThanOrEqual(20);
  expect(await lake.keys("ns/t/_delta_log/_last_checkpoint")).toHaveLength(1);

  const { metadata, sizeBytes, manifests } = await icebergSide(table);
  expect(metadata.snapshots).toHaveLength(100);
  expect(metadata["snapshot-log"]).toHaveLength(100);
  expect(metadata["metadata-log"]).toHaveLength(100);
  expect(manifests.length).toBeLessThanOrEqual(101);
  expect(sizeBytes).toBeLessThan(128 * 1024);
  expect(await lake.ids(table)).toEqual(await lake.icebergIds(table));
}, 120_000);

test("200 schemas on: metadata holds the newest hundred, and those that a snapshot needs", async () => {
  const table = await lake.make();
  await append(table, 1);
  const first = await icebergSide(table);
  for (let i = 0; i < 200; i++)
    await table.evolve(lake.session, [{ kind: "comment", path: ["name"], comment: `${i}` }]);
  await table.settled();
  const { metadata } = await icebergSide(table);
  expect(metadata.schemas.length).toBeLessThanOrEqual(102);
  expect(metadata.schemas.map((one) => one["schema-id"])).toContain(
    first.metadata.snapshots[0]!["schema-id"],
  );
  expect(await lake.icebergIds(table)).toEqual([1]);
}, 120_000);

test("a checkpoint that cannot be written fails no commit, and is written when it can be", async () => {
  let broken = true;
  const store: Store = {
    ...noting(lake.store, []),
    adopt(localPath, key) {
      if (broken && key.includes(".checkpoint")) throw new Error("the disk is full");
      return lake.store.adopt(localPath, key);
    },
  };
  await lake.make({ "delta.checkpointInterval": "10" });
  const table = await Table.open(store, "ns/t");
  const checkpoints = async () =>
    (await lake.keys("ns/t/_delta_log/")).filter((key) => key.includes("checkpoint"));
  for (let id = 1; id <= 12; id++) {
    expect(await append(table, id)).toMatchObject({ kind: "committed", version: id });
    await table.settled();
  }
  expect(await checkpoints()).toEqual([]);
  broken = false;
  await append(table, 13);
  await table.settled();
  expect(await checkpoints()).toEqual([
    "ns/t/_delta_log/00000000000000000013.checkpoint.parquet",
    "ns/t/_delta_log/_last_checkpoint",
  ]);
  // Another process, which has seen none of it, does not write the next one too early.
  const other = await Table.open(lake.store, "ns/t");
  for (let id = 14; id <= 22; id++) await append(other, id);
  await other.settled();
  expect(await checkpoints()).toHaveLength(2);
  expect(await lake.ids(other)).toHaveLength(22);
});
