import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dyingStore } from "../../storage/index.ts";
import { parseMetadata } from "../iceberg/metadata.ts";
import { versionName } from "../path.ts";
import { Table } from "../index.ts";
import { type OneTableLake, oneTableLake } from "./lake-for-test.ts";
import { putSurely } from "../put-surely.ts";

const dayMs = 86_400_000;
let lake: OneTableLake;
beforeEach(async () => {
  lake = await oneTableLake();
});
afterEach(async () => {
  await lake.remove();
});

const append = async (table: Table, ...ids: number[]) =>
  await table.write(lake.session, {
    mode: "append",
    query: `SELECT unnest([${ids.join(",")}]) AS id, 'x' AS name`,
  });

async function objects(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, etag } of lake.store.list("ns/")) found.push(`${key} ${etag}`);
  return found;
}

test("nothing is due: nothing is written", async () => {
  const table = await lake.make();
  await append(table, 1);
  await append(table, 2);
  const before = await objects();
  for (const days of [0, 1, 6])
    expect(await table.maintain(lake.session, { nowMs: Date.now() + days * dayMs })).toEqual({
      version: 2,
      done: [],
      alerts: [],
    });
  expect(await objects()).toEqual(before);
});

test("small files are written together when there are many, and what retention lets go is deleted, once", async () => {
  const table = await lake.make();
  for (let id = 1; id <= 15; id++) await append(table, id);
  expect((await table.maintain(lake.session)).done).toEqual([]);
  await append(table, 16);
  expect((await table.maintain(lake.session)).done).toEqual(["16 files written as 1"]);
  const ids = Array.from({ length: 16 }, (_, i) => i + 1);
  const at = async (days: number) => await table.maintain(lake.session, { nowMs: Date.now() + days * dayMs });
  expect((await at(8)).done).toEqual([expect.stringMatching(/^\d+ objects deleted/)]);
  expect(await lake.keys("ns/t/data/")).toHaveLength(1);
  expect(await lake.ids(table)).toEqual(ids);
  expect(await lake.icebergIds(table)).toEqual(ids);
  // What the vacuum's own version takes the place of goes in its time; then it is quiet.
  await at(16);
  const before = (await objects()).filter((key) => !key.includes("/maintain/"));
  for (const days of [17, 25, 33]) expect(await at(days)).toMatchObject({ done: [], alerts: [] });
  expect((await objects()).filter((key) => !key.includes("/maintain/"))).toEqual(before);
});

test("after a run in which something failed nothing is deleted", async () => {
  const table = await lake.make();
  await append(table, 1);
  await table.write(lake.session, { mode: "overwrite", query: "SELECT 2::BIGINT AS id, 'x' AS name" });
  const late = { nowMs: Date.now() + 8 * dayMs };
  expect((await table.maintain(lake.session, { ...late, mayDelete: false })).done).toEqual([]);
  expect(await lake.ids(table, 1)).toEqual([1]);
  expect((await table.maintain(lake.session, late)).done).toHaveLength(1);
});

async function foreign(version: number, actions: readonly object[]): Promise<void> {
  const lines = [{ commitInfo: { timestamp: Date.now(), operation: "WRITE" } }, ...actions];
  await putSurely(
    lake.store,
    `ns/t/_delta_log/${versionName(version)}.json`,
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
}

test("versions of others get their Iceberg side; one that Iceberg cannot hold is named, and nothing else is done", async () => {
  const table = await lake.make();
  await append(table, 1);
  const [file] = [...(await table.snapshot()).files];
  await foreign(2, [{ remove: { path: file!.path, deletionTimestamp: Date.now(), dataChange: true } }]);
  expect((await table.maintain(lake.session)).done).toEqual([
    "Iceberg metadata up to version 2, which another writer made",
  ]);
  const { metadataKey } = (await table.heal()).iceberg!;
  const found = await lake.store.get(metadataKey);
  expect(parseMetadata(metadataKey, (found as { body: Uint8Array }).body).snapshots).toHaveLength(2);

  const log = await lake.store.get("ns/t/_delta_log/00000000000000000000.json");
  const metaData = new TextDecoder()
    .decode((log as { body: Uint8Array }).body)
    .split("\n")
    .filter((line) => line.includes('"metaData"'))
    .map((line) => JSON.parse(line) as { metaData: { schemaString: string } })[0]!.metaData;
  const schema = JSON.parse(metaData.schemaString) as { fields: object[] };
  schema.fields.push({ name: "took", type: "interval", nullable: true, metadata: {} });
  await foreign(3, [{ metaData: { ...metaData, schemaString: JSON.stringify(schema) } }]);
  const before = await objects();
  expect(await table.whyBehind()).toMatchObject({ version: 3, reason: expect.stringContaining("interval") });
  const late = await table.maintain(lake.session, { nowMs: Date.now() + 30 * dayMs });
  expect(late).toMatchObject({ version: 3, done: [], blocked: { version: 3 } });
  expect(late.blocked!.reason).toContain("interval");
  expect(await objects()).toEqual(before);
  // The one who made it takes it back: all is well again.
  await foreign(4, [{ metaData }]);
  expect(await table.whyBehind()).toBeUndefined();
  expect(await table.maintain(lake.session)).toMatchObject({
    done: ["Iceberg metadata up to version 4, which another writer made"],
  });
});

test("upkeep that dies anywhere loses nothing, and the next one finishes it", async () => {
  const table = await lake.make({
    "delta.enableDeletionVectors": "true",
    "delta.checkpointInterval": "6",
    "delta.deletedFileRetentionDuration": "interval 1 hour",
  });
  await append(table, 1, 2);
  await table.write(lake.session, {
    mode: "overwrite",
    query: "SELECT range AS id, 'x' AS name FROM range(4)",
  });
  await table.delete(lake.session, { where: "id = 0" });
  await append(table, 4);
  await table.settled();
  const folder = fileURLToPath(new URL("ns/t", lake.store.url));
  const saved = `${fileURLToPath(lake.store.url)}../saved`;
  await cp(folder, saved, { recursive: true, preserveTimestamps: true });
  const nowMs = Date.now() + 8 * dayMs;
  const ids = [1, 2, 3, 4];
  for (let step = 1; ; step += step < 12 ? 1 : 5) {
    const { store, died } = dyingStore(lake.store, step);
    const dead = await Table.open(store, "ns/t");
    await dead.maintain(lake.session, { nowMs }).catch(() => undefined);
    await dead.settled();
    const again = await Table.open(lake.store, "ns/t");
    expect({ step, ids: await lake.ids(again) }).toEqual({ step, ids });
    await again.maintain(lake.session, { nowMs });
    expect({ step, ids: await lake.ids(again) }).toEqual({ step, ids });
    expect({ step, ids: await lake.icebergIds(again) }).toEqual({ step, ids });
    expect(await again.maintain(lake.session, { nowMs })).toMatchObject({ done: [], alerts: [] });
    const log = await lake.keys("ns/t/_delta_log/");
    expect(log.some((key) => key.includes(".checkpoint."))).toBe(true);
    // The rows of before are gone, and so is what the dead one left.
    expect({ step, files: (await lake.keys("ns/t/data/")).length }).toEqual({ step, files: 1 });
    await again.settled();
    if (!died()) {
      expect(step).toBeGreaterThan(20);
      return;
    }
    await rm(folder, { recursive: true });
    await cp(saved, folder, { recursive: true, preserveTimestamps: true });
  }
}, 180_000);

test.each([
  ["all", () => true],
  ["the metadata", (key: string) => key.endsWith(".json")],
  ["the manifest list", (key: string) => key.includes("/snap-")],
])(
  "%s of _iceberg/ is gone: written anew from the Delta log, with the ids that the files have",
  async (_, isGone) => {
    const table = await lake.make();
    await append(table, 1, 2);
    await table.evolve(lake.session, [{ kind: "drop", path: ["name"] }]);
    await table.evolve(lake.session, [{ kind: "add", path: ["name"], type: "long" }]);
    await table.write(lake.session, { mode: "append", query: "SELECT 3::BIGINT AS id, 7 AS name" });
    for (const key of await lake.keys("ns/t/_iceberg/")) if (isGone(key)) await lake.store.delete(key);
    const fresh = await Table.open(lake.store, "ns/t");
    await expect(append(fresh, 4)).rejects.toMatchObject({ code: "table.iceberg_lost" });
    expect(await fresh.maintain(lake.session)).toMatchObject({
      version: 5,
      done: [expect.stringContaining("written anew")],
      alerts: [],
    });
    expect(await lake.icebergIds(fresh)).toEqual([1, 2, 3]);
    expect((await fresh.maintain(lake.session)).done).toEqual([]);
    await fresh.write(lake.session, { mode: "append", query: "SELECT 4::BIGINT AS id, 8 AS name" });
    await fresh.delete(lake.session, { where: "id = 1" });
    for (const version of [5, 6, 7])
      expect(await lake.icebergIds(fresh, version)).toEqual(await lake.ids(fresh, version));
    expect((await fresh.snapshot()).schema.fields.map(({ name, id }) => [name, id])).toEqual([
      ["id", 1],
      ["name", 3],
    ]);
  },
);

test("of a table that is written to, only what is old is gone: written anew, deleted rows too", async () => {
  const table = await lake.make({ "delta.enableDeletionVectors": "true" });
  const ids = Array.from({ length: 40 }, (_, i) => i + 1);
  await append(table, ...ids);
  await table.delete(lake.session, { where: "id = 2" });
  const old = await lake.keys("ns/t/_iceberg/");
  await append(table, 41);
  for (const key of old) await lake.store.delete(key);
  expect((await table.maintain(lake.session)).done).toEqual([expect.stringContaining("written anew")]);
  const left = [...ids, 41].filter((id) => id !== 2);
  expect(await lake.icebergIds(table)).toEqual(left);
  await append(table, 42);
  expect(await lake.icebergIds(table)).toEqual([...left, 42]);
});
