import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestLake, openTestLake } from "../table/lake.ts";
import { Spark } from "./spark.ts";

let lake: TestLake;
let spark: Spark;
beforeAll(async () => {
  lake = await openTestLake();
  spark = await Spark.open();
}, 300_000);
afterAll(async () => {
  await spark.close();
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
