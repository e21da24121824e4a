import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openStore } from "../../../src/storage/index.ts";
import { readDeltaSnapshot } from "../../../src/table/index.ts";
import { Spark } from "../spark/spark.ts";
import { ForeignIceberg } from "./foreign-iceberg.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { type Rows, sorted } from "./readers.ts";

// A statement of Spark takes a second or two, on a machine that has other work to do much longer.
vi.setConfig({ testTimeout: 300_000 });

let lake: TestLake;
let foreign: ForeignIceberg;
let spark: Spark;
beforeAll(async () => {
  lake = await openTestLake();
  foreign = await ForeignIceberg.open(lake);
  spark = await Spark.open();
}, 300_000);
afterAll(async () => {
  await spark.close();
  await foreign.close();
  await lake.remove();
});

const columns = `id BIGINT, name STRING, d DATE, ts TIMESTAMP, amount DECIMAL(9,2), f FLOAT, i INT, s SMALLINT,
  st STRUCT<a: INT, b: STRUCT<c: STRING>>, l ARRAY<STRUCT<x: INT, y: STRING>>, m MAP<STRING, STRUCT<v: INT>>, p STRING`;
const rows = (from: number, to: number): string => `SELECT id, IF(id = 3, NULL, concat('ž', id)),
  date_add(DATE'1969-12-25', int(id)), TIMESTAMP'1969-12-31 23:59:59.123456' + make_interval(0, 0, 0, int(id)),
  CAST(id / 3 AS DECIMAL(9,2)), IF(id = 4, float('NaN'), float(id / 7)), int(id), smallint(id),
  IF(id = 6, NULL, struct(int(id), struct('c'))), array(struct(int(id), 'y'), NULL),
  IF(id = 7, NULL, map('k', struct(int(id)), 'z', NULL)), IF(id % 3 = 0, NULL, concat('a/b% ', id % 3)) FROM range(${from}, ${to})`;

const folderOf = (name: string): string => join(lake.path, name);

async function make(
  name: string,
  properties: readonly string[],
  ...statements: readonly string[]
): Promise<void> {
  const table = `delta.\`${folderOf(name)}\``;
  const all = properties.map((property) => `'${property.replace("=", "' = '")}'`);
  await spark.sql(
    `CREATE TABLE ${table} (${columns}) USING delta PARTITIONED BY (p) ${all.length === 0 ? "" : `TBLPROPERTIES (${all.join(", ")})`}`,
    `INSERT INTO ${table} ${rows(0, 12)}`,
    ...statements.map((statement) => statement.replaceAll("$t", table)),
  );
}

/** At the newest version and one in the middle: each costs Spark a second or two. */
async function expectSparksRows(name: string): Promise<void> {
  const folder = folderOf(name);
  const newest = (await readDeltaSnapshot(openStore(folder), "")).version;
  for (const version of [Math.ceil(newest / 2), newest]) {
    const sparks = await spark.readDelta(folder, version);
    if ("error" in sparks) throw new Error(sparks.error);
    const ours: Rows = await foreign.ours(await readDeltaSnapshot(openStore(folder), "", version));
    expect(ours, `${name}, version ${version}`).toEqual(sorted(sparks.rows));
  }
}

test.each([
  ["id", ["delta.columnMapping.mode=id"], []],
  [
    "name, switched on later at reader version 2",
    [],
    [
      "ALTER TABLE $t SET TBLPROPERTIES ('delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5', 'delta.columnMapping.mode' = 'name')",
    ],
  ],
])(
  "column mapping by %s: renamed, dropped, added again, in structs, lists and maps",
  async (mode, properties, first) => {
    const name = `mapped-${mode.slice(0, 4)}`;
    await make(
      name,
      properties,
      ...first,
      "ALTER TABLE $t RENAME COLUMN name TO nom",
      "ALTER TABLE $t RENAME COLUMN p TO part",
      "ALTER TABLE $t RENAME COLUMN st.a TO aa",
      "ALTER TABLE $t RENAME COLUMN l.element.y TO yy",
      "ALTER TABLE $t DROP COLUMN i",
      "ALTER TABLE $t ADD COLUMNS (i STRING, m.value.w INT)",
      "ALTER TABLE $t DROP COLUMN m.value.v",
      `INSERT INTO $t SELECT 100, 'neu', DATE'2020-01-01', TIMESTAMP'2020-01-01', 1.5, float(1), smallint(1),
  named_struct('aa', 1, 'b', named_struct('c', 'c')), array(named_struct('x', 1, 'yy', 'q')), map('k', named_struct('w', 5)), 'x y', 'text'`,
      "DELETE FROM $t WHERE id = 2",
    );
    await expectSparksRows(name);
  },
);

test("widened types, nested and of partition columns too, are read as they are now", async () => {
  await make(
    "widened",
    ["delta.enableTypeWidening=true", "delta.feature.timestampNtz=supported"],
    `ALTER TABLE $t ALTER COLUMN i TYPE BIGINT, s TYPE INT, f TYPE DOUBLE, amount TYPE DECIMAL(20,4), d TYPE TIMESTAMP_NTZ,
      st.a TYPE BIGINT, l.element.x TYPE DECIMAL(12,1), m.value.v TYPE DOUBLE`,
    `INSERT INTO $t SELECT 100, 'w', TIMESTAMP_NTZ'2020-01-01 01:02:03.000004', TIMESTAMP'2020-01-01', 12345678901.2345, 0.1D, 9999999999, 99999,
      named_struct('a', 9999999999, 'b', named_struct('c', 'c')), array(named_struct('x', 9999999999.5, 'y', 'q')), map('k', named_struct('v', 0.1D)), 'x'`,
  );
  await expectSparksRows("widened");
  const partitioned = `delta.\`${folderOf("widened-partitions")}\``;
  await spark.sql(
    `CREATE TABLE ${partitioned} (id INT, d DATE, s SMALLINT, f FLOAT) USING delta PARTITIONED BY (d, s, f)
      TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')`,
    `INSERT INTO ${partitioned} VALUES (1, DATE'1969-12-31', 32767, 0.1), (2, NULL, NULL, NULL)`,
    `ALTER TABLE ${partitioned} ALTER COLUMN d TYPE TIMESTAMP_NTZ, s TYPE BIGINT, f TYPE DOUBLE`,
    `INSERT INTO ${partitioned} VALUES (3, TIMESTAMP_NTZ'1969-12-31 01:02:03.000004', 9999999999, 0.1D)`,
  );
  await expectSparksRows("widened-partitions");
});

test("deletion vectors, again and again on one file", async () => {
  await make(
    "vectors",
    ["delta.enableDeletionVectors=true", "delta.columnMapping.mode=name"],
    "DELETE FROM $t WHERE id = 1",
    "DELETE FROM $t WHERE id IN (3, 4)",
    "UPDATE $t SET name = 'u' WHERE id > 8",
    "RESTORE TABLE $t TO VERSION AS OF 2",
  );
  await expectSparksRows("vectors");
});

test.each([
  ["classic", []],
  ["v2", ["delta.checkpointPolicy=v2"]],
  [
    "v2 of structs only",
    [
      "delta.checkpointPolicy=v2",
      "delta.columnMapping.mode=name",
      "delta.checkpoint.writeStatsAsJson=false",
      "delta.checkpoint.writeStatsAsStruct=true",
    ],
  ],
])("checkpoints: %s", async (kind, properties) => {
  const name = `checkpoint-${kind.replaceAll(" ", "-")}`;
  await make(
    name,
    ["delta.checkpointInterval=2", "delta.enableDeletionVectors=true", ...properties],
    "DELETE FROM $t WHERE id = 2",
    `INSERT INTO $t ${rows(20, 22)}`,
    "DELETE FROM $t WHERE id = 20",
    `INSERT INTO $t ${rows(22, 24)}`,
  );
  const log = readdirSync(join(folderOf(name), "_delta_log"));
  const isKind =
    kind === "classic"
      ? /^\d{20}\.checkpoint\.parquet$/
      : /^\d{20}\.checkpoint\.[0-9a-f-]{36}\.(json|parquet)$/;
  expect(log.filter((file) => isKind.test(file)).length).toBeGreaterThan(1);
  await expectSparksRows(name);
  const { files } = await readDeltaSnapshot(openStore(folderOf(name)), "");
  expect(files.rows).toBe((await spark.sql(`SELECT * FROM delta.\`${folderOf(name)}\``)).rows.length);
});

test("in-commit timestamps, row tracking, domains, clustering, defaults, constraints change no row", async () => {
  await make(
    "writers",
    [
      "delta.enableInCommitTimestamps=true",
      "delta.enableRowTracking=true",
      "delta.feature.allowColumnDefaults=supported",
      "delta.enableChangeDataFeed=true",
      "delta.columnMapping.mode=name",
    ],
    "ALTER TABLE $t ADD CONSTRAINT positive CHECK (id >= 0)",
    "ALTER TABLE $t ALTER COLUMN name SET DEFAULT 'x'",
    "UPDATE $t SET name = 'u' WHERE id = 5",
    `INSERT INTO $t ${rows(20, 22)}`,
    "OPTIMIZE $t",
  );
  await expectSparksRows("writers");
  const folder = folderOf("writers");
  const history = await spark.sql(`DESCRIBE HISTORY delta.\`${folder}\``);
  for (const [version, at] of history.rows) {
    const { timestampMs } = await readDeltaSnapshot(openStore(folder), "", Number(version));
    expect(timestampMs, `version ${version}`).toBe(Date.parse(`${at}Z`));
  }
  const clustered = folderOf("clustered");
  await spark.sql(
    `CREATE TABLE delta.\`${clustered}\` (id BIGINT, name STRING) USING delta CLUSTER BY (id)`,
    `INSERT INTO delta.\`${clustered}\` SELECT id, 'n' FROM range(20)`,
    `OPTIMIZE delta.\`${clustered}\``,
  );
  await expectSparksRows("clustered");
});
