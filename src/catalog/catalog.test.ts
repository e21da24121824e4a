import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { type Store, openStore } from "../storage/index.ts";
import { scan } from "../table/index.ts";
import { Catalog } from "./index.ts";

let base: string;
let engine: Engine;
let session: Session;
let lake: Store;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-catalog-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});
beforeEach(() => {
  lake = openStore(join(base, `lake-${count++}`));
});

const definition = { schema: schemaOf([{ name: "id", type: "BIGINT" }]) };
const names = async (catalog: Catalog) =>
  (await catalog.list()).map(({ namespace, name }) => `${namespace}.${name}`);

test("names are found by whoever opens the lake; a folder is readable", async () => {
  const catalog = await Catalog.open(lake);
  expect(await catalog.find("raw.customers")).toBeUndefined();
  const other = await Catalog.open(lake);
  await catalog.create("raw.customers", definition);
  expect((await other.find("raw.customers"))?.folder).toBe("raw/customers");
  await other.create("_system.runs", definition);
  expect(await names(catalog)).toEqual(["_system.runs", "raw.customers"]);
});

test("rename and drop change the name and leave the folder; a folder is not given out again", async () => {
  const catalog = await Catalog.open(lake);
  const table = await catalog.create("a.one", definition);
  await table.write(session, { mode: "append", query: "SELECT 1 AS id" });
  await catalog.rename("a.one", "b.two");
  expect(await catalog.find("a.one")).toBeUndefined();
  expect((await catalog.find("b.two"))?.folder).toBe("a/one");
  const second = await catalog.create("a.one", definition);
  expect(second.folder).toMatch(/^a\/one-[0-9a-f-]{36}$/);
  expect((await second.snapshot()).files.count).toBe(0);
  expect(await catalog.drop("b.two")).toBe(true);
  expect(await catalog.drop("b.two")).toBe(false);
  expect(await names(await Catalog.open(lake))).toEqual(["a.one"]);
  await expect(catalog.rename("b.two", "b.three")).rejects.toMatchObject({ code: "catalog.name_unknown" });
  await catalog.create("b.three", definition);
  await expect(catalog.rename("a.one", "b.three")).rejects.toMatchObject({ code: "catalog.name_taken" });
});

test("a folder in which something stands is left alone", async () => {
  await lake.put("raw/customers/notes.txt", "mine");
  const table = await (await Catalog.open(lake)).create("raw.customers", definition);
  expect(table.folder).toMatch(/^raw\/customers-/);
});

test("many create the same name at once: one folder, and every row is in it", async () => {
  const rows = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const catalog = await Catalog.open(openStore(new URL(lake.url).pathname));
      const table = await catalog.create("ns.t", definition);
      expect(await table.write(session, { mode: "append", query: `SELECT ${i} AS id` })).toMatchObject({
        kind: "committed",
      });
      return i;
    }),
  );
  const table = await (await Catalog.open(lake)).find("ns.t");
  const found = await session.rows(
    `SELECT id FROM ${await scan(session, await table!.snapshot())} ORDER BY id`,
  );
  expect(found.map((row) => row["id"])).toEqual(rows);
});

test("different names at once all get in", async () => {
  const wanted = Array.from({ length: 10 }, (_, i) => `ns.t${i}`);
  await Promise.all(wanted.map(async (name) => await (await Catalog.open(lake)).create(name, definition)));
  expect(await names(await Catalog.open(lake))).toEqual(wanted);
});

test("a table is made or replaced under its name, and cloned under another", async () => {
  const catalog = await Catalog.open(lake);
  const rows = async (name: string): Promise<unknown[]> =>
    await session.rows(`SELECT * FROM ${await scan(session, (await catalog.snapshot(name))!)} ORDER BY ALL`);
  const query = "SELECT unnest([1, 2])::BIGINT AS id";
  await catalog.createOrReplace(session, "raw.t", definition, query);
  const other = { schema: schemaOf([{ name: "word", type: "VARCHAR" }]) };
  expect(await catalog.createOrReplace(session, "raw.t", other, "SELECT 'x' AS word")).toMatchObject({
    kind: "committed",
    version: 2,
  });
  expect(await rows("raw.t")).toEqual([{ word: "x" }]);
  expect(await catalog.clone("raw.t", "copies.t", 1)).toMatchObject({ kind: "committed", rows: 2 });
  expect(await rows("copies.t")).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await catalog.clone("raw.t", "copies.t")).toMatchObject({ kind: "conflict" });
  await expect(catalog.clone("raw.none", "copies.u")).rejects.toMatchObject({ code: "catalog.name_unknown" });
  await expect(catalog.clone("raw.t", "copies.u", 9)).rejects.toMatchObject({
    code: "table.version_not_found",
  });
  expect(await names(catalog)).toEqual(["copies.t", "raw.t"]);
});

test.each(["t", "a.b.c", "../x.t", "a.T", "A.t", ".t", "_catalog.t", "_onecopy.t", "a.b/c", "a.", "1.a"])(
  "the name %j is refused",
  async (name) => {
    const catalog = await Catalog.open(lake);
    await expect(catalog.create(name, definition)).rejects.toMatchObject({ code: "catalog.bad_name" });
    await expect(catalog.find(name)).rejects.toMatchObject({ code: "catalog.bad_name" });
  },
);

test("a name log with a hole, or with a folder outside, is not believed", async () => {
  const change = { change: "create", namespace: "a", name: "b", folder: "../../etc/x", at: "" };
  await lake.put("_catalog/00000000000000000000.json", JSON.stringify(change));
  await expect(Catalog.open(lake)).rejects.toMatchObject({ code: "catalog.log_damaged" });
  await lake.delete("_catalog/00000000000000000000.json");
  await lake.put("_catalog/00000000000000000001.json", JSON.stringify({ ...change, folder: "a/b" }));
  await expect(Catalog.open(lake)).rejects.toMatchObject({ code: "catalog.log_damaged" });
});
