import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { Readers } from "../table/readers.ts";
import { Trino, hasTrino } from "../trino/trino.ts";
import { play } from "./play.ts";

/* Trino writes through the REST catalog: its own rows are those of delta-rs and of PyIceberg right after each statement. */

const timeout = 600_000;

describe.runIf(hasTrino)("Trino", { timeout }, () => {
  let served: ServedProject;
  let readers: Readers;
  let trino: Trino;
  beforeAll(async () => {
    served = await servedProject({ lake: "./lake" });
    readers = new Readers();
    const token = await served.token("owner", "admin");
    trino = await Trino.open({ url: `${served.server.url}/iceberg`, token });
    await trino.sql("CREATE SCHEMA iceberg.trino");
  }, timeout);
  afterAll(async () => {
    await trino?.close();
    await readers.close();
    await served.close();
  });
  const writer = () => ({
    served,
    readers,
    catalog: "iceberg",
    sql: (statement: string) => trino.sql(statement),
  });

  const changes = [
    "INSERT INTO T SELECT id, 'n' || CAST(id AS VARCHAR), IF(id % 2 = 0, 'left', 'right') FROM UNNEST(sequence(0, 9)) AS u(id)",
    "INSERT INTO T SELECT id, 'n' || CAST(id AS VARCHAR), IF(id % 2 = 0, 'left', 'right') FROM UNNEST(sequence(10, 19)) AS u(id)",
    "DELETE FROM T WHERE id IN (3, 13)",
    "UPDATE T SET name = 'changed' WHERE id IN (4, 14)",
    `MERGE INTO T AS t USING (VALUES (5, 'merged'), (6, 'gone'), (50, 'new')) AS s(id, name) ON t.id = s.id
     WHEN MATCHED AND s.name = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name
     WHEN NOT MATCHED THEN INSERT (id, name, side) VALUES (s.id, s.name, 'left')`,
    "ALTER TABLE T ADD COLUMN extra INTEGER",
    "UPDATE T SET extra = 1 WHERE id < 3",
    "ALTER TABLE T RENAME COLUMN name TO called",
    "ALTER TABLE T ALTER COLUMN extra SET DATA TYPE BIGINT",
    "UPDATE T SET extra = 5000000000 WHERE id = 4",
    "ALTER TABLE T DROP COLUMN called",
    "ALTER TABLE T ADD COLUMN called VARCHAR",
    "DELETE FROM T WHERE side = 'right'",
  ];
  /** Rows after each of these. */
  const counts = [10, 20, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 10];

  test.each([
    { kind: "with deletion vectors", partitionBy: [], properties: { "delta.enableDeletionVectors": "true" } },
    { kind: "whose files are written again", partitionBy: ["side"], properties: {} },
  ])("a table $kind: the rows that it marks are gone for Delta's readers", async (one) => {
    const { partitionBy, properties } = one;
    const name = `trino.t${partitionBy.length}`;
    const columns = [
      { name: "id", type: "BIGINT" },
      { name: "name", type: "VARCHAR" },
      { name: "side", type: "VARCHAR" },
    ];
    await served.catalog.create(name, { schema: schemaOf(columns), partitionBy, properties });
    expect(await play(writer(), name, changes)).toEqual(counts);
  });

  test("a table of a query, an empty one, and a table in the place of another are Delta's at once", async () => {
    const some =
      "SELECT id, 'n' || CAST(id AS VARCHAR) AS name, IF(id % 2 = 0, 'left', 'right') AS side FROM UNNEST(sequence(0, 9)) AS u(id)";
    expect(
      await play(writer(), "trino.made", [
        `CREATE TABLE T WITH (partitioning = ARRAY['side']) AS ${some}`,
        ...changes.slice(1, 3),
        `CREATE OR REPLACE TABLE T AS ${some}`,
      ]),
    ).toEqual([10, 20, 18, 10]);
    expect(
      await play(writer(), "trino.empty", [
        "CREATE TABLE T (id BIGINT, name VARCHAR)",
        "INSERT INTO T VALUES (1, 'one')",
      ]),
    ).toEqual([0, 1]);
    await trino.sql("CREATE VIEW iceberg.trino.seen AS SELECT count(*) AS n FROM iceberg.trino.made");
    expect((await trino.sql("SELECT n FROM iceberg.trino.seen")).rows).toEqual([["10"]]);
  });
});
