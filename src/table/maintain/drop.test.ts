import { afterAll, beforeAll, expect, test } from "vitest";
import { dyingStore } from "../../storage/index.ts";
import { type TestLake, openTestLake } from "../evolve/lake-for-test.ts";
import { Table } from "../index.ts";

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(async () => {
  await lake.remove();
});

const queries = ["SELECT 1 AS id", "SELECT 2 AS id"];

async function keysIn(folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of lake.store.list(`${folder}/`)) keys.push(key);
  return keys;
}

test("a table that is dropped leaves nothing, and its folder can have another one", async () => {
  const table = await lake.make("drop/all", queries, {
    properties: { "delta.enableDeletionVectors": "true" },
  });
  await table.delete(lake.session, { where: "id = 1" });
  const before = (await keysIn("drop/all")).length;
  expect(await Table.drop(lake.store, "drop/all")).toMatchObject({ objects: before });
  expect(await keysIn("drop/all")).toEqual([]);
  await expect(Table.drop(lake.store, "drop/all")).rejects.toMatchObject({ code: "table.not_found" });
  expect(await lake.rows(await lake.make("drop/all", queries))).toHaveLength(2);
});

test("died before any of its deletes, a reader has all rows or an error, and the next drop ends it", async () => {
  for (let step = 1; ; step++) {
    const folder = `drop/died${step}`;
    await lake.make(folder, queries);
    const { store, died } = dyingStore(lake.store, step);
    await Table.drop(store, folder).catch(() => undefined);
    const rows = await Table.open(lake.store, folder)
      .then(async (table) => await lake.rows(table))
      .catch(() => undefined);
    if (rows !== undefined) expect(rows).toEqual(['{"id":1}', '{"id":2}']);
    if (!died()) break;
    await Table.drop(lake.store, folder);
    expect(await keysIn(folder)).toEqual([]);
  }
});

test("a table that clones use, one with another table in its folder, and a folder that is no table stay", async () => {
  const table = await lake.make("drop/source", queries);
  await table.clone("drop/clone");
  await expect(Table.drop(lake.store, "drop/source")).rejects.toMatchObject({
    code: "table.has_clones",
    message: expect.stringContaining("drop/clone"),
  });
  await Table.drop(lake.store, "drop/clone");
  expect(await lake.rows(await Table.open(lake.store, "drop/source"))).toHaveLength(2);
  await Table.drop(lake.store, "drop/source");

  await lake.make("drop/outer", queries);
  await lake.make("drop/outer/inner", queries);
  await expect(Table.drop(lake.store, "drop/outer")).rejects.toMatchObject({ code: "table.folder_shared" });
  await lake.store.put("drop/files/a.parquet", "x");
  await expect(Table.drop(lake.store, "drop/files")).rejects.toMatchObject({ code: "table.not_found" });
  await expect(Table.drop(lake.store, "drop")).rejects.toMatchObject({ code: "table.not_found" });
  expect(await keysIn("drop/files")).toHaveLength(1);
  expect(await lake.rows(await Table.open(lake.store, "drop/outer/inner"))).toHaveLength(2);
});
