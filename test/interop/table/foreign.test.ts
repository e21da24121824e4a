import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMount } from "../../../src/catalog/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { type Table, Table as Tables, readDeltaSnapshot, scan } from "../../../src/table/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { deltaRs } from "./python.ts";
import { Readers, readerNames } from "./readers.ts";

let lake: TestLake;
let readers: Readers;
beforeAll(async () => {
  lake = await openTestLake();
  readers = new Readers();
});
afterAll(async () => {
  await readers.close();
  await lake.remove();
});

const columns = `i::BIGINT AS id, 'n' || i AS name, i / 3 AS f, TIMESTAMPTZ '2020-01-01 00:00:00.000001Z' AS at,
  i::DECIMAL(18,2) AS amount, DATE '2020-01-01' AS day`;
const query = `SELECT ${columns} FROM range(3) r(i)`;

async function make(name: string): Promise<Table> {
  const table = await lake.make(name, query, { "onecopy.identifying-columns": '["name"]' });
  await table.write(lake.session, { mode: "append", query });
  return table;
}

/** All independent readers and OneCopy see these ids, and the same rows. */
async function agree(table: Table, ids: readonly number[]): Promise<void> {
  const answers = await readers.read(await lake.request(table));
  const [first] = readerNames;
  for (const reader of readerNames)
    expect({ reader, ...answers[reader] }).toEqual({ ...answers[first], reader });
  const answer = answers[first]!;
  if ("error" in answer) throw new Error(answer.error);
  const column = answer.columns.indexOf("id");
  const found = answer.rows.map((row) => Number(row[column]));
  expect(found.sort((a, b) => a - b)).toEqual(ids);
  const own = await lake.session.rows(
    `SELECT id FROM ${await scan(lake.session, await table.snapshot())} ORDER BY id`,
  );
  expect(own.map((row) => row["id"])).toEqual(ids);
}

test("a delta-rs append is read, healed, and read by Iceberg's readers; the next write goes on from it", async () => {
  const table = await make("foreign/append");
  await deltaRs(lake.store.locate(table.folder), "append");
  const lagging = await table.snapshot();
  expect(lagging.version).toBe(2);
  expect(lagging.iceberg?.version).toBe(1);
  const healed = await table.heal();
  expect(healed.iceberg?.version).toBe(2);
  expect(await (await Tables.open(lake.store, table.folder)).heal()).toEqual(healed);
  await agree(table, [0, 1, 2, 100, 101, 102]);
  const request = await lake.request(table);
  // delta-rs cuts the maximum of a timestamp to milliseconds.
  const at = {
    column: "at",
    op: "=",
    value: "2021-01-01T00:00:00.123456+00:00",
    type: "TIMESTAMPTZ",
  } as const;
  const exact = await readers.read({ ...request, filter: at, readers: ["pyiceberg", "duckdb_iceberg"] });
  for (const reader of ["pyiceberg", "duckdb_iceberg"])
    expect({ reader, rows: (exact[reader] as { rows: unknown[] }).rows.length }).toEqual({ reader, rows: 2 });
  await table.write(lake.session, { mode: "append", query: `${query} LIMIT 1` });
  await agree(table, [0, 0, 1, 2, 100, 101, 102]);
});

test("values of identifying columns are in no log and no manifest, also when a foreign writer came", async () => {
  const table = await make("identifying");
  await deltaRs(lake.store.locate(table.folder), "append");
  // A name that delta-rs has to find in the list of columns all the same.
  await table.evolve(lake.session, [{ kind: "add", path: ["odd `, name"], type: "string" }]);
  await deltaRs(lake.store.locate(table.folder), "append-column");
  expect(await table.heal()).toMatchObject({ iceberg: { version: 4 }, blocked: undefined });
  let seen = 0;
  for (const folder of ["_iceberg/", "_delta_log/"])
    for await (const { key } of lake.store.list(`${table.folder}/${folder}`)) {
      const bytes = readFileSync(lake.store.locate(key)).toString("latin1");
      // "foreign" and "n0" … are names in the rows; "2021-" is a value of a column that is not identifying.
      expect({ key, found: /foreign|"n[012]"|\bn[012]\b/.exec(bytes)?.[0] }).toEqual({
        key,
        found: undefined,
      });
      seen += bytes.includes("2021-01-01T00:00:00.123Z") ? 1 : 0;
    }
  expect(seen).toBe(1);
});

test("several foreign versions at once, each healed by itself; a write heals before it commits", async () => {
  const table = await make("foreign/several");
  await deltaRs(lake.store.locate(table.folder), "append", "delete", "append", "compact", "vacuum");
  expect(await table.write(lake.session, { mode: "append", query: `${query} LIMIT 1` })).toMatchObject({
    kind: "committed",
  });
  await agree(table, [0, 0, 1, 2, 100, 100, 101, 102, 102]);
  const newest = (await table.snapshot()).version;
  for (let version = 0; version <= newest; version++)
    expect((await table.snapshot(version)).iceberg).toMatchObject({ version });
});

test("a column that delta-rs added keeps one id, and is written with it afterwards", async () => {
  const table = await make("foreign/column");
  await deltaRs(lake.store.locate(table.folder), "append-column");
  await table.heal();
  await agree(table, [0, 1, 2, 200]);
  expect(await table.evolve(lake.session, [{ kind: "add", path: ["ours"], type: "string" }])).toMatchObject({
    kind: "committed",
  });
  await table.write(lake.session, { mode: "append", query: "SELECT 201 AS id, 8 AS theirs, 'x' AS ours" });
  await agree(table, [0, 1, 2, 200, 201]);
  const rows = await lake.session.rows(
    `SELECT id, theirs, ours FROM ${await scan(lake.session, await table.snapshot())} WHERE id >= 200 ORDER BY id`,
  );
  expect(rows).toEqual([
    { id: 200, theirs: 7, ours: null },
    { id: 201, theirs: 8, ours: "x" },
  ]);
});

test("a checkpoint stands for the commits before it, ours and theirs", async () => {
  const table = await make("foreign/checkpoint");
  await table.write(lake.session, { mode: "append", query, transactions: [{ appId: "drop", version: 3 }] });
  const folder = lake.store.locate(table.folder);
  await deltaRs(folder, "append", "checkpoint");
  for (const version of [0, 1, 2])
    rmSync(join(folder, `_delta_log/${String(version).padStart(20, "0")}.json`));
  const fresh = await Tables.open(lake.store, table.folder);
  expect(
    await fresh.write(lake.session, { mode: "append", query, transactions: [{ appId: "drop", version: 3 }] }),
  ).toEqual({
    kind: "already",
    version: 3,
  });
  await fresh.heal();
  await agree(fresh, [0, 0, 1, 1, 2, 2, 100, 101, 102]);
  await fresh.write(lake.session, { mode: "append", query: `${query} LIMIT 1` });
  await agree(fresh, [0, 0, 0, 1, 1, 2, 2, 100, 101, 102]);
  await expect(fresh.snapshot(1)).rejects.toMatchObject({ code: "table.version_not_found" });
  // Without the hint of _last_checkpoint as well.
  rmSync(join(folder, "_delta_log/_last_checkpoint"));
  expect((await readDeltaSnapshot(lake.store, table.folder)).files.count).toBe(4);
});

test("a log with a hole is not read as if it were whole", async () => {
  const table = await make("foreign/hole");
  await table.write(lake.session, { mode: "append", query });
  rmSync(join(lake.store.locate(table.folder), "_delta_log/00000000000000000001.json"));
  await expect(Tables.open(lake.store, table.folder)).rejects.toMatchObject({ code: "table.log_damaged" });
});

test("two healers at once agree on one pointer", async () => {
  const table = await make("foreign/healers");
  await deltaRs(lake.store.locate(table.folder), "append", "append");
  const healers = await Promise.all(Array.from({ length: 4 }, () => Tables.open(lake.store, table.folder)));
  const pointers = await Promise.all(healers.map((healer) => healer.heal()));
  for (const pointer of pointers) expect(pointer).toEqual(pointers[0]);
  await agree(table, [0, 1, 2, 100, 100, 101, 101, 102, 102]);
});

test("a mounted table with partitions: typed, null where it is null, whatever the folder's name says", async () => {
  const folder = join(lake.path, "partitioned");
  await deltaRs(folder, "create-partitioned");
  const snapshot = await openMount({ delta: "partitioned" }, lake.path);
  const rows = await lake.session.rows(
    `SELECT * FROM ${await scan(lake.session, snapshot)} ORDER BY "Value"`,
  );
  expect(rows).toEqual([
    { p: "a/b%", Day: "2020-01-01", n: -5, at: "2021-01-01T00:00:00.123456Z", Value: 1 },
    { p: null, Day: null, n: null, at: "2021-01-01T00:00:00.123456Z", Value: 2 },
    { p: "ž =[x]", Day: "9999-12-31", n: 7, at: null, Value: 3 },
  ]);
});

test.each([
  ["create-naive", "a timestamp without a zone", `{"t":"2020-01-01 00:00:00"}`],
  ["create-nested", "a list", `{"l":[1]}`],
])("a mounted table by %s, with %s, is read", async (operation, _, row) => {
  const folder = join(lake.path, operation);
  await deltaRs(folder, operation);
  const relation = await scan(lake.session, await openMount({ delta: folder }, "/"));
  const rows = await lake.session.rows(`SELECT to_json(r)::VARCHAR AS row FROM ${relation} AS r`);
  expect(rows).toEqual([{ row }]);
});

test.each([
  [
    "columnMapping",
    {
      metaData: {
        id: "m",
        format: { provider: "parquet" },
        schemaString: '{"type":"struct","fields":[]}',
        partitionColumns: [],
        configuration: { "delta.columnMapping.mode": "some" },
      },
    },
  ],
  [
    "catalogManaged",
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["catalogManaged"],
        writerFeatures: ["catalogManaged"],
      },
    },
  ],
  [
    "somethingNew",
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["somethingNew"],
        writerFeatures: [],
      },
    },
  ],
])("%s is refused by name", async (feature, action) => {
  const table = await make(`foreign/refuse-${feature.toLowerCase()}`);
  const folder = lake.store.locate(table.folder);
  writeFileSync(join(folder, "_delta_log/00000000000000000002.json"), `${JSON.stringify(action)}\n`);
  await expect(readDeltaSnapshot(openStore(folder), "")).rejects.toMatchObject({
    code: "table.delta_feature_unsupported",
    message: expect.stringContaining(feature),
  });
  // What cannot be read has no Iceberg side either, and a write would need one.
  await expect(table.write(lake.session, { mode: "append", query })).rejects.toMatchObject({
    code: expect.stringMatching(/^table\.(delta_feature_unsupported|iceberg_behind)$/),
    message: expect.stringContaining(feature),
  });
});

test.each(["../outside.parquet", "/etc/passwd", "file:///etc/passwd", "a/%2e%2e/%2e%2e/x", "s3://b/x"])(
  "a log that names a file outside the table is refused: %s",
  async (path) => {
    const table = await make(`foreign/outside-${Buffer.from(path).toString("hex")}`);
    const add = { path, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true };
    const commit = join(lake.store.locate(table.folder), "_delta_log/00000000000000000002.json");
    writeFileSync(commit, `${JSON.stringify({ add })}\n`);
    await expect(table.snapshot()).rejects.toMatchObject({ code: "table.path_outside" });
  },
);
