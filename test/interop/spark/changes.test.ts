import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { type ChangesRequest, Table } from "../../../src/table/index.ts";
import { large } from "../../proof.ts";
import { type TestLake, openTestLake } from "../table/lake.ts";
import { type Rows, sorted } from "../table/readers.ts";
import { Spark } from "./spark.ts";

const timeout = 300_000;

let lake: TestLake;
let spark: Spark;
beforeAll(async () => {
  lake = await openTestLake();
  spark = await Spark.open();
}, timeout);
afterAll(async () => {
  await spark.close();
  await lake.remove();
});

/** Runs statements in which `T` is the table. */
async function bySpark(folder: string, ...statements: string[]): Promise<void> {
  const name = `delta.\`${lake.store.locate(folder)}\``;
  await spark.sql(...statements.map((one) => one.replaceAll(/\bT\b/g, name)));
}

type Columns = readonly string[];

/** Spark's change feed from a version on. */
async function sparksFeed(folder: string, columns: Columns, first: number): Promise<Rows> {
  const path = lake.store.locate(folder);
  const { rows } = await spark.sql(
    `SELECT ${columns.join(", ")}, _commit_version, _change_type, unix_micros(_commit_timestamp)
     FROM table_changes_by_path('${path}', ${first})`,
  );
  return sorted(rows);
}

async function ourChanges(folder: string, columns: Columns, request: ChangesRequest): Promise<Rows> {
  const changes = await (await Table.open(lake.store, folder)).changes(lake.session, request);
  const texts = [...columns, "_commit_version", "_change_type", "epoch_us(_commit_timestamp)"].map(
    (one, i) => `${one}::VARCHAR AS c${i}`,
  );
  const rows = await lake.session.rows(`SELECT ${texts.join(", ")} FROM ${changes}`);
  return sorted(rows.map((row) => Object.values(row) as (string | null)[]));
}

/**
 * Spark's feed names every row that a statement wrote, `changes` those that became others: what Spark lists as gone and come
 * (or as before and after) with the same values in one version is left out.
 */
function withoutCopies(feed: Rows, columns: Columns): Rows {
  const key = (row: Rows[number]): string => JSON.stringify(row.slice(0, columns.length + 1));
  const type = (row: Rows[number]): string => row[columns.length + 1]!;
  const gone = feed.filter((row) => ["delete", "update_preimage"].includes(type(row)));
  const left = new Map<string, Rows>();
  for (const row of gone) left.set(key(row), [...(left.get(key(row)) ?? []), row]);
  const come = feed.filter((row) => !gone.includes(row) && left.get(key(row))?.pop() === undefined);
  return sorted([...[...left.values()].flat(), ...come]);
}

const columns = ["id", "name", "p", "extra"];

test.each([["deletion vectors", "true"], ...(large ? [["copies of files", "false"]] : [])])(
  "by %s: what Spark appends, updates, deletes and merges are the same changes in its feed and in ours",
  async (_, vectors) => {
    const folder = `changes-${vectors}`;
    await bySpark(
      folder,
      `CREATE TABLE T (id BIGINT, name STRING, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES
       ('delta.enableChangeDataFeed' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.enableDeletionVectors' = '${vectors}')`,
      "INSERT INTO T SELECT /*+ COALESCE(1) */ id, concat('n', id), IF(id = 7, NULL, concat('p/', id % 2)) FROM range(10)",
      "UPDATE T SET name = 'u', p = IF(id = 2, 'moved', p) WHERE id < 3",
      "DELETE FROM T WHERE id IN (1, 4)",
      "ALTER TABLE T ADD COLUMNS (extra INT)",
      `MERGE INTO T AS t USING (SELECT * FROM VALUES (2L, 'merged'), (5L, 'gone'), (20L, 'new'), (21L, NULL) AS v(id, name)) AS s ON t.id = s.id
       WHEN MATCHED AND s.name = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name, extra = 1
       WHEN NOT MATCHED THEN INSERT (id, name, p, extra) VALUES (s.id, s.name, 'p/0', NULL) WHEN NOT MATCHED BY SOURCE AND t.id = 9 THEN DELETE`,
      "UPDATE T SET name = IF(id = 6, name, 'v') WHERE id >= 6",
      "OPTIMIZE T",
      "DELETE FROM T WHERE p = 'p/0'",
    );
    const { version: last } = await (await Table.open(lake.store, folder)).snapshot();
    await bySpark(
      folder,
      "INSERT OVERWRITE T SELECT id, IF(id = 3, name, 'over'), p, extra FROM T",
      "RESTORE TABLE T TO VERSION AS OF 5",
    );
    const feed = await sparksFeed(folder, columns, 0);
    const rowwise = feed.filter((row) => Number(row[columns.length]) <= last);
    // Of row 6 Spark says before and after, which are the same.
    expect(withoutCopies(rowwise, columns)).toHaveLength(rowwise.length - 2);
    // A commit of Spark's does not say which columns tell rows apart: the reader does.
    expect(await ourChanges(folder, columns, { from: -1, to: last, key: ["id"] })).toEqual(
      withoutCopies(rowwise, columns),
    );
    // Whole files that go and come are rows that go and come, in both.
    const whole = feed.filter((row) => !rowwise.includes(row));
    expect(await ourChanges(folder, columns, { from: last })).toEqual(withoutCopies(whole, columns));
  },
  timeout,
);

test(
  "OneCopy writes no feed of its own: a table that has one is left to its other writers, and their changes are read",
  async () => {
    const query = "SELECT i AS id, 'n' || i AS name FROM range(4) r(i)";
    const properties = { "delta.enableChangeDataFeed": "true" };
    const schema = schemaOf(await lake.session.describe(query));
    await expect(Table.create(lake.store, "own-feed", { schema, properties })).rejects.toMatchObject({
      code: "table.property_unsupported",
    });
    const table = await lake.make("own", query);
    await table.write(lake.session, { mode: "append", query });
    await table.update(lake.session, { where: "id = 1", set: { name: "'u'" } });
    await bySpark("own", "ALTER TABLE T SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')");
    await expect(table.delete(lake.session, { where: "id = 2" })).rejects.toMatchObject({
      code: "table.delta_feature_unsupported",
      message: expect.stringContaining("changeDataFeed"),
    });
    await bySpark("own", "UPDATE T SET name = 's' WHERE id = 1", "DELETE FROM T WHERE id = 0");
    const types = (rows: Rows): Rows => rows.map((row) => row.slice(0, 4));
    const changes = types(await ourChanges("own", ["id", "name"], { from: 2, key: ["id"] }));
    expect(changes).toHaveLength(3);
    expect(changes).toEqual(types(await sparksFeed("own", ["id", "name"], 3)));
  },
  timeout,
);
