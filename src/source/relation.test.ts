import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { type Engine, openEngine, type Session } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { openStore } from "../storage/index.ts";
import { Table } from "../table/index.ts";
import { SourcesConfig } from "./config.ts";
import { loadDrop } from "./drop/load.ts";
import { sourceRelation, sourceRelations } from "./relation.ts";

let folder: string;
let engine: Engine;
let session: Session;
let catalog: Catalog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-source-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 2, memoryLimit: "1GB" });
  session = await engine.session();
  catalog = await Catalog.open(openStore(join(folder, "lake")));
});

afterEach(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function drop(name: string, csv: string, file = "1.csv"): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, file), csv);
  await loadDrop({ session, catalog, name, config: { files: `${name}/*.csv` }, baseFolder: folder });
}

async function foreignTable(name: string, query: string): Promise<void> {
  const store = openStore(join(folder, name));
  await Table.create(store, "", { schema: schemaOf(await session.describe(query)) });
  await (await Table.open(store, "")).write(session, { mode: "append", query });
}

function relationOf(name: string, tags?: Record<string, string>) {
  const config = { files: `${name}/*.csv`, ...(tags === undefined ? {} : { tags }) };
  return sourceRelation({ session, catalog, name, config, baseFolder: folder });
}

const people =
  "id,name,email\n1,Ann Lee,ann@example.com\n2,Bob Ray,bob@example.com\n3,Cy Poe,cy@example.com\n";

test("a drop's records are told apart by their key, and by file and row where they have none", async () => {
  await drop("crm", people);
  expect(await relationOf("crm")).toMatchObject({
    relationName: "raw.crm",
    idColumn: "id",
    tags: { id: "customer_key", name: "full_name", email: "email" },
  });
  const untagged = (await relationOf("crm", { id: "none" }))!;
  expect(untagged).toMatchObject({ idColumn: "_record", tags: { name: "full_name", email: "email" } });
  expect(await session.rows(`SELECT "_record" FROM ${untagged.relation} ORDER BY 1`)).toEqual([
    { _record: "crm/1.csv#1" },
    { _record: "crm/1.csv#2" },
    { _record: "crm/1.csv#3" },
  ]);
});

test("a key that a person wrote must be unique and filled; the error says where and what to do, without a value", async () => {
  await drop("crm", people);
  await drop("crm", "id,name,email\n2,Bob Roy,bob@example.com\n", "2.csv");
  expect(await relationOf("crm")).toMatchObject({ idColumn: "_record" });
  await expect(relationOf("crm", { id: "customer_key" })).rejects.toMatchObject({
    code: "source.key_not_unique",
    message: expect.stringContaining("crm/1.csv row 2 and crm/2.csv row 1"),
    remedy: expect.stringContaining("foreign_key:crm"),
  });
  await drop("crm", "id,name,email\n,Di Fox,di@example.com\n", "2.csv");
  await expect(relationOf("crm", { id: "customer_key" })).rejects.toMatchObject({
    message: expect.stringContaining("1 of 4 rows"),
  });
  await expect(relationOf("crm", { mail: "email" })).rejects.toMatchObject({
    code: "source.unknown_column",
    remedy: expect.stringContaining("id, name, email"),
  });
});

test("a mounted table is read where it is; without a key it is refused with the remedy", async () => {
  await foreignTable(
    "pos",
    "SELECT 'M' || i AS member_no, 'Ann' AS fname, 'a' || i || '@example.com' AS mail FROM range(5) t(i)",
  );
  const config = { delta: "pos" };
  const mounted = await sourceRelation({ session, catalog, name: "loyalty", config, baseFolder: folder });
  expect(mounted).toMatchObject({
    relationName: "loyalty",
    idColumn: "member_no",
    version: 1,
    tags: { mail: "email" },
  });
  expect(await session.rows(`SELECT count(*) AS n FROM ${mounted!.relation}`)).toEqual([{ n: 5 }]);
  expect(await catalog.list()).toEqual([]);
  const withoutKey = { ...config, tags: { member_no: "none" } };
  await expect(
    sourceRelation({ session, catalog, name: "loyalty", config: withoutKey, baseFolder: folder }),
  ).rejects.toMatchObject({
    code: "source.no_key",
    remedy: expect.stringContaining("sources.loyalty.tags"),
  });
});

test("all sources: keys that point to another source are found, and a source that fails holds up no other", async () => {
  await drop("shop", people.replaceAll(/^(\d)/gm, "S$1"));
  await drop(
    "orders",
    "order_id,shop_customer_id,total,placed_at\nO1,S1,10.5,2025-01-01\nO2,S1,3,2025-01-02\nO3,S2,4,2025-01-03\n",
  );
  const sources = SourcesConfig.parse({
    shop: { files: "shop/*.csv" },
    orders: { files: "orders/*.csv" },
    broken: { delta: "nowhere" },
    nothing: { files: "nothing/*.csv" },
  });
  const found = await sourceRelations({ session, catalog, sources, baseFolder: folder });
  expect(found.ready.map(({ name, idColumn }) => [name, idColumn])).toEqual([
    ["shop", "id"],
    ["orders", "order_id"],
  ]);
  expect(found.ready[1]!.tags).toEqual({
    order_id: "transaction_key",
    shop_customer_id: "foreign_key:shop",
    total: "transaction_amount",
    placed_at: "transaction_time",
  });
  expect(found.failed).toMatchObject([{ name: "broken", error: { code: "table.not_found" } }]);
  expect(found.empty).toEqual(["nothing"]);
});

test("the configuration names what it does not know", () => {
  const problems = (value: unknown): string => JSON.stringify(SourcesConfig.safeParse(value).error?.issues);
  expect(problems({ a: { files: "x", tags: { c: "mail" } } })).toContain("foreign_key:<source>");
  expect(problems({ a: { files: "x", timezone: "Mars/Base" } })).toContain("Europe/Berlin");
  expect(problems({ a_rejects: { files: "x" } })).toContain("_rejects");
  expect(problems({ A: { files: "x" } })).toContain("lower-case");
  expect(SourcesConfig.parse({ a: { delta: "x", tags: { c: "foreign_key:b", d: "none" } } })).toBeDefined();
});
