import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { Table } from "../../../src/table/index.ts";
import { large } from "../../proof.ts";
import { expectHealed, found, only, ownRows } from "../table/healed.ts";
import { type TestLake, openTestLake } from "../table/lake.ts";
import { Readers } from "../table/readers.ts";
import { Spark } from "./spark.ts";

let lake: TestLake;
let readers: Readers;
let spark: Spark;
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

interface Options {
  readonly properties?: Readonly<Record<string, string>>;
  readonly partitionBy?: readonly string[];
}

/** A table with rows at version 1. */
async function make(name: string, query: string, options: Options = {}): Promise<Table> {
  const schema = schemaOf(await lake.session.describe(query));
  await Table.create(lake.store, name, { schema, ...options });
  const table = await Table.open(lake.store, name);
  await table.write(lake.session, { mode: "append", query });
  return table;
}

/** Runs statements in which `T` is the table, and FOLDER its folder. */
async function bySpark(table: Table, ...statements: string[]): Promise<void> {
  const folder = lake.store.locate(table.folder);
  await spark.sql(
    ...statements.map((one) => one.replaceAll(/\bT\b/g, `delta.\`${folder}\``).replaceAll("FOLDER", folder)),
  );
}

const rows =
  "SELECT i::BIGINT AS id, 'p' || i % 2 AS part, i::INTEGER AS n, 'n' || i AS name FROM range(1, 7) r(i)";

/** Iceberg's readers get the version before, the alert says which one stops them and why, and OneCopy writes nothing on top. */
async function expectBlocked(table: Table, version: number, why: RegExp): Promise<void> {
  const { blocked, iceberg } = await table.heal();
  expect(blocked).toMatchObject({ version, reason: expect.stringMatching(why) });
  expect(iceberg?.version).toBe(version - 1);
  const request = await lake.request(table, version - 1);
  const answers = await readers.read({ ...request, readers: ["pyiceberg", "duckdb_iceberg"] });
  const expected = await ownRows(lake, table, version - 1);
  for (const name of ["pyiceberg", "duckdb_iceberg"])
    expect({ name, ...only(found(answers[name]), expected.columns) }).toEqual({ name, ...expected });
  const write = table.write(lake.session, { mode: "append", query: "SELECT 1 AS id" });
  await expect(write).rejects.toMatchObject({
    code: expect.stringMatching(/iceberg_behind|feature_unsupported/),
  });
}

test("rows that Spark adds, changes, deletes, merges, replaces and restores are the same in Iceberg at every version", async () => {
  const table = await make("heal/rows", rows);
  await bySpark(
    table,
    "INSERT INTO T VALUES (10, 'p0', 1, 'ten'), (11, NULL, NULL, NULL)",
    "UPDATE T SET name = 'changed' WHERE id = 2",
    "DELETE FROM T WHERE id IN (3, 10)",
    `MERGE INTO T AS t USING (SELECT * FROM VALUES (1L, 'p9', 1, 'merged'), (20L, 'p0', 20, 'new') AS v(id, part, n, name)) AS s ON t.id = s.id
     WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE AND t.id = 4 THEN DELETE`,
    "INSERT INTO T REPLACE WHERE id >= 11 SELECT 12L, 'p0', 12, 'replaced'",
    "ALTER TABLE T ADD COLUMNS (late DATE AFTER id, st STRUCT<a: INT, b: STRING>)",
    "INSERT INTO T VALUES (30, DATE'2020-01-01', 'p1', 1, 'late', NULL)",
    "ALTER TABLE T ALTER COLUMN name FIRST",
    "OPTIMIZE T",
    "INSERT OVERWRITE T VALUES ('over', 40, NULL, 'p0', 4, NULL)",
    "RESTORE TABLE T TO VERSION AS OF 4",
  );
  await expectHealed(lake, readers, table, 1);
  await table.write(lake.session, { mode: "append", query: "SELECT 50 AS id" });
  await bySpark(
    table,
    "ALTER TABLE T ADD CONSTRAINT positive CHECK (id > 0)",
    "INSERT INTO T (id, part, n, name) VALUES (60, 'p0', 6, 'checked')",
  );
  await expectHealed(lake, readers, table, 12);
  await expect(table.write(lake.session, { mode: "append", query: "SELECT -1 AS id" })).rejects.toMatchObject(
    {
      code: "table.delta_feature_unsupported",
      message: expect.stringContaining("checkConstraints"),
    },
  );
}, 900_000);

test("rows that Spark deletes by deletion vectors, in partitions too", async () => {
  const table = await make("heal/vectors", rows, {
    properties: { "delta.enableDeletionVectors": "true" },
    partitionBy: ["part"],
  });
  await table.delete(lake.session, { where: "id = 1" });
  await bySpark(
    table,
    "DELETE FROM T WHERE id = 3",
    "UPDATE T SET name = 'changed' WHERE id = 2",
    `MERGE INTO T AS t USING (SELECT * FROM VALUES (4L), (5L) AS v(id)) AS s ON t.id = s.id WHEN MATCHED AND t.id = 4 THEN DELETE
     WHEN MATCHED THEN UPDATE SET part = 'p0'`,
    "RESTORE TABLE T TO VERSION AS OF 3",
    "INSERT INTO T VALUES (7, 'p/ž 1', 7, 'seven'), (8, NULL, 8, 'eight')",
    "REORG TABLE T APPLY (PURGE)",
    "DELETE FROM T WHERE part = 'p1'",
  );
  await expectHealed(lake, readers, table, 2);
  await table.delete(lake.session, { where: "id = 8" });
  await expectHealed(lake, readers, table, 2);
}, 900_000);

test("columns that Spark maps, renames, drops and adds", async () => {
  const table = await make("heal/mapping", rows);
  await bySpark(
    table,
    "ALTER TABLE T SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5')",
    "ALTER TABLE T RENAME COLUMN name TO nom",
    "INSERT INTO T VALUES (10, 'p0', 1, 'ten')",
    "ALTER TABLE T DROP COLUMN n",
    "ALTER TABLE T ADD COLUMN n STRING",
    "INSERT INTO T VALUES (11, 'p1', 'nom', 'again')",
    "DELETE FROM T WHERE id = 2",
  );
  await expectHealed(lake, readers, table, 1);
}, 900_000);

test("a mapping that counts columns in another way than the files of before stops the Iceberg side, until it is undone", async () => {
  const table = await make("heal/numbers", rows);
  await table.evolve(lake.session, [{ kind: "drop", path: ["part"] }]);
  await bySpark(
    table,
    "ALTER TABLE T SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5')",
    "INSERT INTO T VALUES (10, 1, 'ten')",
  );
  await expectBlocked(table, 3, /column mapping numbers/);
  const nested = await make("heal/nested", "SELECT 1::BIGINT AS id, [1::BIGINT] AS l");
  await bySpark(
    nested,
    "ALTER TABLE T SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5')",
  );
  expect((await nested.heal()).blocked).toMatchObject({
    version: 2,
    reason: expect.stringContaining("icebergCompatV2"),
  });
}, 900_000);

test("types that Spark widens: what Iceberg knows is healed; what it does not stops it until the rows are written again", async () => {
  const table = await make(
    "heal/widen",
    "SELECT 1::BIGINT AS id, 2::INTEGER AS i, 3::SMALLINT AS s, 0.5::FLOAT AS f, 1.25::DECIMAL(9,2) AS d, 4::INTEGER AS odd",
  );
  await bySpark(
    table,
    "ALTER TABLE T SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
    "ALTER TABLE T ALTER COLUMN i TYPE BIGINT",
    "ALTER TABLE T ALTER COLUMN s TYPE INT",
    "ALTER TABLE T ALTER COLUMN f TYPE DOUBLE",
    "ALTER TABLE T ALTER COLUMN d TYPE DECIMAL(20,2)",
    "INSERT INTO T VALUES (2, 5000000000, 70000, 0.25, 123456789012345.25, 5)",
  );
  await expectHealed(lake, readers, table, 1);
  await bySpark(table, "ALTER TABLE T ALTER COLUMN odd TYPE DOUBLE");
  await expectBlocked(table, 8, /column odd became another one/);
  await bySpark(table, "INSERT INTO T VALUES (3, 3, 3, 3, 3, 0.5)");
  expect(await table.heal()).toMatchObject({ iceberg: { version: 7 }, blocked: { version: 8 } });
  await bySpark(table, "INSERT OVERWRITE T SELECT * FROM T");
  await expectHealed(lake, readers, table, 10);
}, 900_000);

test("a schema that Spark brings back comes with the ids that its files have", async () => {
  const table = await make("heal/back", rows);
  await table.evolve(lake.session, [{ kind: "widen", path: ["n"], type: "long" }]);
  await table.evolve(lake.session, [{ kind: "drop", path: ["name"] }]);
  await table.evolve(lake.session, [{ kind: "add", path: ["name"], type: "long" }]);
  await table.write(lake.session, { mode: "append", query: "SELECT 9 AS id, 5000000000 AS n, 8 AS name" });
  await bySpark(
    table,
    "RESTORE TABLE T TO VERSION AS OF 1",
    "INSERT INTO T VALUES (10, 'p0', 1, 'ten')",
    "RESTORE TABLE T TO VERSION AS OF 5",
    "RESTORE TABLE T TO VERSION AS OF 2",
  );
  await expectHealed(lake, readers, table, 1);
  await table.write(lake.session, { mode: "append", query: "SELECT 60 AS id, 'sixty' AS name" });
  await expectHealed(lake, readers, table, 9);
}, 900_000);

test("a table that Spark replaces by another one, with an identity and a generated column", async () => {
  const table = await make("heal/replaced", rows, { partitionBy: ["part"] });
  await bySpark(
    table,
    "CREATE TABLE replaced USING delta LOCATION 'FOLDER'",
    `REPLACE TABLE replaced (id BIGINT GENERATED ALWAYS AS IDENTITY, name DATE, g INT GENERATED ALWAYS AS (year(name))) USING delta PARTITIONED BY (g) LOCATION 'FOLDER'`,
    "INSERT INTO T (name) VALUES (DATE'2020-01-01'), (DATE'2021-01-01')",
    "DELETE FROM T WHERE name < DATE'2020-06-01'",
  );
  await expectHealed(lake, readers, table, 1);
  await expect(table.write(lake.session, { mode: "append", query: "SELECT 1 AS id" })).rejects.toMatchObject({
    code: "table.delta_feature_unsupported",
  });
}, 900_000);

test("tables and partitions that Spark empties and fills again", async () => {
  const table = await make("heal/emptied", rows, {
    properties: { "delta.enableDeletionVectors": "true" },
    partitionBy: ["part"],
  });
  await table.delete(lake.session, { where: "id = 1" });
  await bySpark(
    table,
    "TRUNCATE TABLE T",
    "INSERT INTO T SELECT * FROM T VERSION AS OF 2",
    "INSERT OVERWRITE T PARTITION (part = 'p1') (id, n, name) VALUES (31, 1, 'over')",
    "DELETE FROM T",
    "INSERT INTO T VALUES (40, 'p0', 4, 'forty')",
    "TRUNCATE TABLE T",
  );
  await expectHealed(lake, readers, table, 1);
  expect((await ownRows(lake, table)).rows).toEqual([]);
  await table.write(lake.session, { mode: "append", query: rows });
  await expectHealed(lake, readers, table, 8);
}, 900_000);

test("a log that Spark cleaned up behind its checkpoint, before the Iceberg side was healed (in the large size, after it too)", async () => {
  const properties = {
    "delta.enableDeletionVectors": "true",
    "delta.logRetentionDuration": "interval 1 days",
    "delta.checkpointInterval": "4",
  };
  for (const healed of large ? [false, true] : [false]) {
    const table = await make(`heal/cleaned-${healed}`, rows, { properties });
    await table.delete(lake.session, { where: "id = 1" });
    await bySpark(
      table,
      "DELETE FROM T WHERE id = 3",
      "INSERT INTO T VALUES (10, 'p0', 1, 'ten')",
      "DELETE FROM T WHERE id = 2",
    );
    if (healed) await expectHealed(lake, readers, table, 1);
    const log = join(lake.store.locate(table.folder), "_delta_log");
    const old = Date.now() / 1000 - 5 * 86_400;
    for (const [i, file] of readdirSync(log).sort().entries()) utimesSync(join(log, file), old + i, old + i);
    await bySpark(
      table,
      "UPDATE T SET name = 'changed' WHERE id = 10",
      "INSERT INTO T VALUES (11, 'p1', 1, 'eleven')",
      "DELETE FROM T WHERE id = 4",
    );
    const commit = (version: number): string => join(log, `${String(version).padStart(20, "0")}.json`);
    expect([0, 1, 2, 3, 5].map((version) => existsSync(commit(version)))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    const fresh = await Table.open(lake.store, table.folder);
    await expectHealed(lake, readers, fresh, 4);
    await fresh.delete(lake.session, { where: "id = 11" });
    await expectHealed(lake, readers, fresh, 4);
  }
}, 900_000);
