import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import type { Table } from "../../../src/table/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { large } from "../../proof.ts";
import { Spark } from "../spark/spark.ts";
import { Readers, type Rows, sorted } from "../table/readers.ts";

/* Spark writes through the REST catalog: its own rows are those of delta-rs and of PyIceberg right after each statement. */

const timeout = 600_000;
const catalog = "writer";

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

async function rowsBy(table: Table, reader: string, version: number): Promise<Rows> {
  const { iceberg } = await table.snapshot(version);
  expect(iceberg?.version).toBe(version);
  const { lake } = served.project;
  const answers = await readers.read({
    delta: lake.locate(table.folder),
    version,
    metadata: `file://${lake.locate(iceberg!.metadataKey)}`,
    // delta-rs reads deletion vectors by its SQL, which it is asked by when there is a filter.
    filter: { column: "id", op: ">", value: "-1000", type: "BIGINT" },
    readers: [reader],
  });
  const answer = answers[reader]!;
  if ("error" in answer) throw new Error(`${reader}: ${answer.error}`);
  return sorted(answer.rows);
}

/**
 * Runs each statement, in which `T` is the table; how many rows Spark sees after each. They are the rows of delta-rs and
 * of PyIceberg.
 */
async function play(name: string, statements: readonly string[]): Promise<number[]> {
  const counts: number[] = [];
  for (const statement of statements) {
    const before = await (await served.catalog.find(name))?.snapshot();
    await spark.sql(statement.replaceAll(/\bT\b/g, `${catalog}.${name}`));
    const table = (await served.catalog.find(name))!;
    const { version } = await table.snapshot();
    expect({ statement, isNew: version > (before?.version ?? -1) }).toEqual({ statement, isNew: true });
    const rows = sorted((await spark.sql(`SELECT * FROM ${catalog}.${name}`)).rows);
    for (const reader of ["delta_rs", "pyiceberg"])
      expect({ statement, reader, rows: await rowsBy(table, reader, version) }).toEqual({
        statement,
        reader,
        rows,
      });
    counts.push(rows.length);
  }
  return counts;
}

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

test.each([["an identity partition", "PARTITIONED BY (side)"], ...(large ? [["no partitions", ""]] : [])])(
  "copy-on-write, %s: each statement is a version of both formats",
  async (what, partitioned) => {
    const name = `spark.${what!.replaceAll(" ", "_")}`;
    const first = `CREATE TABLE T USING iceberg ${partitioned} AS
         SELECT id, concat('n', id) AS name, IF(id % 2 = 0, 'left', 'right') AS side FROM range(10)`;
    expect(await play(name, [first, ...changes])).toEqual(counts);
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
    expect(await play(name, [first, ...changes])).toEqual(counts);
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
