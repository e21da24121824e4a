import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { Table } from "../../../src/table/index.ts";
import { expectHealed, found, ownRows } from "../table/healed.ts";
import { type TestLake, openTestLake } from "../table/lake.ts";
import { Readers } from "../table/readers.ts";
import { Spark } from "./spark.ts";

let lake: TestLake;
let spark: Spark;
let readers: Readers;
beforeAll(async () => {
  lake = await openTestLake();
  readers = new Readers();
  spark = await Spark.open();
}, 300_000);
afterAll(async () => {
  await spark.close();
  await readers.close();
  await lake.remove();
});

test("Spark reads every version of a table in both formats", async () => {
  const table = await lake.make("t", "SELECT 1::BIGINT AS id, TIMESTAMPTZ '2020-01-01 00:00:00Z' AS at");
  const query = "SELECT i AS id, TIMESTAMPTZ '0001-01-01 00:00:00.000001Z' AS at FROM range(2) r(i)";
  await table.write(lake.session, { mode: "append", query });
  await table.write(lake.session, { mode: "overwrite", query: `${query} WHERE i = 1` });
  const rows = ["0", "1"].map((id) => [id, "0001-01-01T00:00:00.000001"]);
  for (const [version, expected] of [[], rows, rows.slice(1)].entries()) {
    const { delta, metadata } = await lake.request(table, version);
    const wanted = { columns: ["id", "at"], rows: expected };
    expect(await spark.readDelta(delta, version)).toEqual(wanted);
    expect(await spark.readIceberg(metadata)).toEqual(wanted);
  }
  const { delta, metadata } = await lake.request(table);
  expect(await spark.readDelta(delta, null, "id > 1")).toMatchObject({ rows: [] });
  expect(await spark.readIceberg(metadata, "id = 1")).toMatchObject({ rows: rows.slice(1) });
});

test("Spark's Iceberg maintenance refuses our tables: it would delete what only the Delta side reaches", async () => {
  const table = await lake.make("guarded", "SELECT 1::BIGINT AS id");
  await table.write(lake.session, { mode: "append", query: "SELECT 1 AS id" });
  const { metadata } = await lake.request(table);
  await spark.sql(`CALL ice.system.register_table(table => 'ns.guarded', metadata_file => '${metadata}')`);
  for (const call of [
    "expire_snapshots(table => 'ns.guarded', older_than => TIMESTAMP '2100-01-01 00:00:00')",
    "remove_orphan_files(table => 'ns.guarded', older_than => TIMESTAMP '2100-01-01 00:00:00')",
  ])
    await expect(spark.sql(`CALL ice.system.${call}`)).rejects.toThrow("GC is disabled");
});

test("Spark's VACUUM leaves every version that the table keeps in both formats, and a shorter one the newest, of a clone too", async () => {
  const query = "SELECT i::BIGINT AS id, 'p' || i % 2 AS part FROM range(8) r(i)";
  const schema = schemaOf(await lake.session.describe(query));
  const properties = { "delta.enableDeletionVectors": "true" };
  await Table.create(lake.store, "vacuumed", { schema, properties, partitionBy: ["part"] });
  const table = await Table.open(lake.store, "vacuumed");
  await table.write(lake.session, { mode: "append", query });
  await table.delete(lake.session, { where: "id = 1" });
  await table.update(lake.session, { where: "id IN (2, 3)", set: { part: "'p2'" } });
  await table.delete(lake.session, { where: "id IN (2, 4)" });
  await table.write(lake.session, {
    mode: "overwrite",
    query: "SELECT 9 AS id, 'p1' AS part",
    replace: "partitions",
  });
  await table.restore({ version: 4 });
  const folder = lake.store.locate("vacuumed");
  const before = [];
  for (let version = 0; version <= 6; version++) before.push(await ownRows(lake, table, version));
  // What no log names looks too old for a write under way.
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (!name.startsWith("_delta_log")) utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
  await spark.sql(`VACUUM delta.\`${folder}\``);
  await expectHealed(lake, readers, table, 0);
  for (const [version, rows] of before.entries()) expect(await ownRows(lake, table, version)).toEqual(rows);
  await table.clone("clone");
  const clone = await Table.open(lake.store, "clone");
  await clone.delete(lake.session, { where: "id = 5" });
  await clone.delete(lake.session, { where: "id = 6" });
  for (const one of [table, clone]) {
    const rows = await ownRows(lake, one);
    await spark.sql(`VACUUM delta.\`${lake.store.locate(one.folder)}\` RETAIN 0 HOURS`);
    await one.heal();
    const { delta, metadata } = await lake.request(one);
    expect(found(await spark.readDelta(delta))).toEqual(rows);
    expect(found(await spark.readIceberg(metadata))).toEqual(rows);
    expect(await ownRows(lake, one)).toEqual(rows);
    expect(
      await one.write(lake.session, { mode: "append", query: "SELECT 20 AS id, 'p0' AS part" }),
    ).toMatchObject({
      kind: "committed",
    });
  }
}, 900_000);
