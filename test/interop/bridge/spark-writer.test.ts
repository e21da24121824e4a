import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { large } from "../../proof.ts";
import { Spark } from "../spark/spark.ts";
import { Readers } from "../table/readers.ts";
import { play } from "./play.ts";

/* Spark writes through the REST catalog: its own rows are those of delta-rs and of PyIceberg right after each statement. */

const timeout = 600_000;
/** Spark keeps a catalog by its name, and one session serves all test files. */
const catalog = "spark_writer";

let served: ServedProject;
let readers: Readers;
let spark: Spark;

beforeAll(async () => {
  served = await servedProject({ lake: "./lake" });
  readers = new Readers();
  spark = await Spark.open();
  const settings = {
    "": "org.apache.iceberg.spark.SparkCatalog",
    ".type": "rest",
    ".uri": `${served.server.url}/iceberg`,
    ".token": await served.token("owner", "admin"),
    ".cache-enabled": "false",
  };
  const sets = Object.entries(settings).map(
    ([key, value]) => `SET \`spark.sql.catalog.${catalog}${key}\`=\`${value}\``,
  );
  await spark.sql(...sets, `CREATE NAMESPACE IF NOT EXISTS ${catalog}.spark`);
}, timeout);
afterAll(async () => {
  await spark.close();
  await readers.close();
  await served.close();
});

const writer = () => ({ served, readers, catalog, sql: (statement: string) => spark.sql(statement) });

const changes = [
  "INSERT INTO T SELECT id, concat('n', id), IF(id % 2 = 0, 'left', 'right') FROM range(10, 20)",
  "DELETE FROM T WHERE id IN (3, 13)",
  "UPDATE T SET name = 'changed' WHERE id IN (4, 14)",
  `MERGE INTO T AS t USING (SELECT * FROM VALUES (5L, 'merged'), (6L, 'gone'), (50L, 'new') AS v(id, name)) AS s ON t.id = s.id
   WHEN MATCHED AND s.name = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name
   WHEN NOT MATCHED THEN INSERT (id, name, side) VALUES (s.id, s.name, 'left')`,
  "ALTER TABLE T ADD COLUMN extra INT",
  "UPDATE T SET extra = 1 WHERE id < 3",
  "DELETE FROM T WHERE side = 'right'",
];
/** Rows after the first statement, and after each of these. */
const counts = [10, 20, 18, 18, 18, 18, 18, 10];

/** For these files are written again. */
const columns = [
  "ALTER TABLE T RENAME COLUMN name TO called",
  "ALTER TABLE T ALTER COLUMN extra TYPE BIGINT",
  "UPDATE T SET extra = 5000000000 WHERE id = 4",
  "ALTER TABLE T DROP COLUMN called",
  "ALTER TABLE T ADD COLUMN called STRING",
];

test.each([["an identity partition", "PARTITIONED BY (side)"], ...(large ? [["no partitions", ""]] : [])])(
  "copy-on-write, %s: each statement is a version of both formats",
  async (what, partitioned) => {
    const name = `spark.${what!.replaceAll(" ", "_")}`;
    const first = `CREATE TABLE T USING iceberg ${partitioned} AS
         SELECT id, concat('n', id) AS name, IF(id % 2 = 0, 'left', 'right') AS side FROM range(10)`;
    expect(await play(writer(), name, [first, ...changes])).toEqual(counts);
  },
  timeout,
);

test.each([
  { partitions: "no partitions", partitionBy: [] },
  ...(large ? [{ partitions: "an identity partition", partitionBy: ["side"] }] : []),
])(
  "a table with deletion vectors, $partitions: Spark marks rows, and they are gone for Delta's readers",
  async ({ partitionBy }) => {
    const name = `spark.marked_${partitionBy.length}`;
    const table = await served.catalog.create(name, {
      schema: schemaOf([
        { name: "id", type: "BIGINT" },
        { name: "name", type: "VARCHAR" },
        { name: "side", type: "VARCHAR" },
      ]),
      partitionBy,
      properties: { "delta.enableDeletionVectors": "true" },
    });
    const first = "INSERT INTO T SELECT id, concat('n', id), IF(id % 2 = 0, 'left', 'right') FROM range(10)";
    expect(
      await play(writer(), name, [first, ...changes.slice(0, -1), ...columns, ...changes.slice(-1)]),
    ).toEqual([...counts.slice(0, -1), ...columns.map(() => 18), ...counts.slice(-1)]);
    const { files } = await table.snapshot();
    expect(files.some(({ deletionVector }) => deletionVector !== undefined)).toBe(true);
    const count = async (): Promise<number> =>
      (await spark.sql(`SELECT * FROM ${catalog}.${name}`)).rows.length;
    await table.delete(served.session, { where: "id IN (0, 12)" });
    expect(await count()).toBe(8);
    expect(await table.compact(served.session)).toMatchObject({ isDone: true });
    expect(await count()).toBe(8);
  },
  timeout,
);
