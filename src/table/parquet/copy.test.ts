import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, type Session, openEngine, textList } from "../../engine/index.ts";
import { type Schema, schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { physicalPath, statisticsLeaves } from "../statistics.ts";
import { type Layout, type WrittenFile, copyToParquet } from "./copy.ts";

let base: string;
let engine: Engine;
let session: Session;
let store: Store;
let tables = 0;
let table: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-copy-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), memoryLimit: "1GB" });
  session = await engine.session();
  store = openStore(join(base, "lake"));
});
beforeEach(() => {
  table = `t${++tables}`;
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});

async function schemaFor(query: string): Promise<Schema> {
  return schemaOf(await session.describe(query));
}

async function write(query: string, layout: Partial<Layout> = {}): Promise<WrittenFile[]> {
  const full = { schema: await schemaFor(query), partitionColumns: [], ...layout };
  return await copyToParquet(session, store, table, full, query);
}

const address = ({ path }: WrittenFile): string => store.locate(`${table}/${path}`);
const relation = (files: readonly WrittenFile[]): string =>
  `read_parquet(${textList(files.map(address))}, hive_partitioning = false)`;

async function objects(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(`${table}/`)) keys.push(key);
  return keys;
}

/** By the column `id`, whose field id is 1: from file to file, and in each. */
async function expectSorted(files: readonly WrittenFile[]): Promise<void> {
  let last = -1n;
  for (const file of files) {
    const { lower, upper } = file.statistics.columns.get(1)!;
    expect((lower as bigint) >= last).toBe(true);
    last = upper as bigint;
    const [row] = await session.rows<{ wrong: number }>(
      `SELECT count(*) AS wrong FROM (SELECT id < lag(id) OVER (ORDER BY file_row_number) AS wrong
       FROM read_parquet(${textList([address(file)])}, file_row_number = true)) WHERE wrong`,
    );
    expect(row).toEqual({ wrong: 0 });
  }
}

describe("partitions", () => {
  test("each file holds one partition, which the data say and not a folder's name", async () => {
    const query = `SELECT i AS id, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 'null' WHEN 2 THEN repeat('a/b=', 100) ELSE ' ' END AS "P q",
      (i % 3 = 0) AS flag FROM range(1000) r(i)`;
    const files = await write(query, { partitionColumns: ["p Q", "flag"] });
    expect(files.length).toBe(8);
    for (const file of files) {
      expect(file.path).toMatch(/^data\/[^/=]+\.parquet$/);
      const found = await session.rows(
        `SELECT DISTINCT "P q", CAST(flag AS VARCHAR) AS flag FROM ${relation([file])}`,
      );
      expect(found).toEqual([file.partitionValues]);
    }
    const [{ n } = { n: -1 }] = await session.rows<{ n: number }>(
      `SELECT count(*) AS n FROM (SELECT * FROM (${query}) EXCEPT ALL SELECT * FROM ${relation(files)})`,
    );
    expect(n).toBe(0);
    expect(files.reduce((sum, { statistics }) => sum + statistics.rows, 0)).toBe(1000);
    expect((await objects()).toSorted()).toEqual(files.map(({ path }) => `${table}/${path}`).toSorted());
  });

  test("a large one becomes several files, each of about the target size, sorted through", async () => {
    const query = `SELECT (hash(i) // 2)::BIGINT AS id, md5(i::VARCHAR) AS text, (i % 100 > 0)::INTEGER AS part FROM range(600000) r(i)`;
    const targetFileBytes = 4 * 2 ** 20;
    const files = await write(query, { partitionColumns: ["part"], sortBy: ["id"], targetFileBytes });
    const large = files.filter(({ partitionValues }) => partitionValues["part"] === "1");
    expect(large.length).toBeGreaterThan(2);
    expect(files.length).toBe(large.length + 1);
    for (const { sizeBytes } of files) expect(sizeBytes).toBeLessThan(2.5 * targetFileBytes);
    await expectSorted(large);
  });

  test("without partitions, rows are sorted through all files", async () => {
    const query = "SELECT (hash(i) // 2)::BIGINT AS id, md5(i::VARCHAR) AS text FROM range(500000) r(i)";
    const files = await write(query, { sortBy: ["ID"], targetFileBytes: 4 * 2 ** 20 });
    expect(files.length).toBeGreaterThan(2);
    await expectSorted(files);
  });

  test("hundreds, in any order, make a file each", async () => {
    const query = "SELECT i AS id, (hash(i) % 300)::INTEGER AS part FROM range(20000) r(i)";
    const files = await write(query, { partitionColumns: ["part"] });
    expect(files.length).toBe(300);
    expect(new Set(files.map(({ partitionValues }) => partitionValues["part"])).size).toBe(300);
  });

  test.each([
    ["SELECT 1 AS id, '' AS p", "table.partition_value", /empty text/],
    ["SELECT 1 AS id, DATE 'infinity' AS p", "table.partition_value", /infinity/],
    ["SELECT 1 AS id, DATE '0044-03-15 (BC)' AS p", "table.partition_value", /BC/],
    ["SELECT 1 AS id, TIMESTAMPTZ '-infinity' AS p", "table.partition_value", /infinity/],
    ["SELECT 1 AS id, 1.5::DOUBLE AS p", "table.partition_unsupported", /double/],
    ["SELECT 1 AS id, 'x'::BLOB AS p", "table.partition_unsupported", /binary/],
    ["SELECT 1 AS id, [1] AS p", "table.partition_unsupported", /list/],
  ])("%s is refused by name, and leaves nothing behind", async (query, code, message) => {
    await expect(write(query, { partitionColumns: ["p"] })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      remedy: expect.any(String),
    });
    expect(await objects()).toEqual([]);
  });
});

test("a write that fails half-way leaves nothing behind, in the table and beside it", async () => {
  let taken = 0;
  const failing: Store = {
    ...bound(store),
    adopt: (path, key) => (++taken > 5 ? Promise.reject(new Error("disk full")) : store.adopt(path, key)),
  };
  const query = "SELECT i AS id, i % 20 AS p FROM range(100) r(i)";
  const layout = { schema: await schemaFor(query), partitionColumns: ["p"] };
  await expect(copyToParquet(session, failing, table, layout, query)).rejects.toThrow("disk full");
  expect(taken).toBeGreaterThan(5);
  expect(await objects()).toEqual([]);
  expect(await readdir((await store.stagingFolder()) ?? session.scratchFolder)).toEqual([]);
});

describe("what may not be null", () => {
  const nested = "STRUCT(a INTEGER, l STRUCT(b INTEGER)[], m MAP(VARCHAR, INTEGER))";
  const optional = schemaOf([{ name: "st", type: nested }]);
  const required = JSON.parse(
    JSON.stringify(optional).replaceAll(/"(nullable|elementNullable|valueNullable)":true/g, '"$1":false'),
  ) as Schema;

  test.each([
    ["NULL", "st"],
    ["{'a': NULL, 'l': [], 'm': MAP {}}", "st.a"],
    ["{'a': 1, 'l': NULL, 'm': MAP {}}", "st.l"],
    ["{'a': 1, 'l': [NULL], 'm': MAP {}}", "st.l.element"],
    ["{'a': 1, 'l': [{'b': NULL}], 'm': MAP {}}", "st.l.element.b"],
    ["{'a': 1, 'l': [], 'm': MAP {'k': NULL}}", "st.m.value"],
  ])("%s is refused at %s", async (value, column) => {
    const layout = { schema: required, partitionColumns: [] };
    const query = `SELECT CAST(${value} AS ${nested}) AS st`;
    await expect(copyToParquet(session, store, table, layout, query)).rejects.toMatchObject({
      code: "table.null_in_required",
      message: expect.stringContaining(`Column ${column} of`),
    });
    const fine = `SELECT CAST({'a': 1, 'l': [{'b': 1}], 'm': MAP {'k': 1}} AS ${nested}) AS st`;
    expect(await copyToParquet(session, store, table, layout, fine)).toHaveLength(1);
  });

  test.each([
    ["{'a': 1, 'x': 2}", "table.column_unknown", /st\.x/],
    ["{'a': [1]}", "table.column_type", /st/],
    ["{'a': 1, 'l': [{'b': 'text'}]}", "table.column_type", /VARCHAR/],
  ])("%s does not fit", async (value, code, message) => {
    const layout = { schema: optional, partitionColumns: [] };
    await expect(copyToParquet(session, store, table, layout, `SELECT ${value} AS st`)).rejects.toMatchObject(
      { code, message: expect.stringMatching(message) },
    );
  });
});

test("statistics of fields of structs are those of the rows: nulls with their parents', bounds without NaN", async () => {
  const value = fc.option(
    fc.record({
      a: fc.option(fc.integer({ min: -5, max: 5 })),
      n: fc.option(fc.record({ d: fc.option(fc.constantFrom("nan", "-0.0", "1.5", "-inf")) })),
    }),
  );
  const type = 'STRUCT(a INTEGER, "n.x" STRUCT(d DOUBLE))';
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 6 }), async (rows) => {
      const cells = rows.map((row) => {
        if (row === null) return `CAST(NULL AS ${type})`;
        const inner = row.n === null ? "NULL" : `{'d': ${row.n.d === null ? "NULL" : `'${row.n.d}'`}}`;
        return `CAST({'a': ${row.a ?? "NULL"}, 'n.x': ${inner}} AS ${type})`;
      });
      const query = cells.map((cell) => `SELECT ${cell} AS st`).join(" UNION ALL ");
      const [file] = await write(query);
      for (const leaf of statisticsLeaves(await schemaFor(query))) {
        const found = file!.statistics.columns.get(leaf.id)!;
        const path = physicalPath(leaf)
          .map((name) => `"${name}"`)
          .join(".");
        const [row] = await session.rows<{
          nulls: number;
          lo: number | null;
          hi: number | null;
          nan: boolean;
        }>(
          `SELECT count(*) - count(${path}) AS nulls, min(${path}) AS lo, max(${path}) AS hi,
             coalesce(bool_or(isnan(${path}::DOUBLE)), false) AS nan FROM (${query})`,
        );
        expect(found.nulls).toBe(row!.nulls);
        const bounds = row!.nan || row!.lo === null ? [undefined, undefined] : [row!.lo, row!.hi];
        const given = [found.lower, found.upper].map((bound) =>
          bound === undefined ? bound : Number(bound) + 0,
        );
        expect(given).toEqual(
          bounds.map((bound) => (bound === undefined || bound === null ? undefined : bound + 0)),
        );
      }
    }),
    { numRuns: 40 },
  );
});

test("a NaN in any row group takes the bounds away, of fields of structs too", async () => {
  const [file] = await write(
    `SELECT i AS id, {'d': CASE WHEN i = 130000 THEN 'nan'::DOUBLE ELSE i END, 'e': i::DOUBLE} AS st,
       CASE WHEN i BETWEEN 120000 AND 250000 THEN NULL ELSE i::FLOAT END AS f FROM range(400000) r(i)`,
  );
  const { columns } = file!.statistics;
  expect(columns.get(3)).toEqual({ nulls: 0 });
  expect(columns.get(4)).toEqual({ nulls: 0, lower: -0, upper: 399_999 });
  // A row group of nothing but nulls has no bounds, and then the engine gives the file none: no NaN, and no harm.
  expect(columns.get(5)).toEqual({ nulls: 130_001 });
});

test("files have the names that the table's files have, at every level, and ids", async () => {
  const schema = JSON.parse(
    JSON.stringify(
      schemaOf([{ name: "a", type: "STRUCT(b INTEGER, c STRUCT(d MAP(VARCHAR, BIGINT))[])" }]),
      (key, value: unknown) =>
        key !== "" && typeof value === "object" && value !== null && "name" in value && "id" in value
          ? { ...value, physicalName: `col-${String(value.id)}` }
          : value,
    ),
  ) as Schema;
  const query = "SELECT {'b': 1, 'c': [{'d': MAP {'k': 2}}, NULL]} AS A UNION ALL SELECT NULL";
  const files = await write(query, { schema });
  const columns = await session.rows<{ name: string; field_id: number | null }>(
    `SELECT name, field_id FROM parquet_schema(${textList(files.map(address))}) WHERE field_id IS NOT NULL`,
  );
  expect(Object.fromEntries(columns.map(({ name, field_id }) => [name, field_id]))).toEqual({
    "col-1": 1,
    "col-2": 2,
    "col-3": 3,
    element: 4,
    "col-5": 5,
    key: 6,
    value: 7,
  });
  expect(await session.rows(`SELECT "col-1" AS a FROM ${relation(files)}`)).toEqual([
    { a: { "col-2": 1, "col-3": [{ "col-5": [{ key: "k", value: 2 }] }, null] } },
    { a: null },
  ]);
});

test("a reader that is not the engine's finds the same rows, and each field's id", async () => {
  const query = `SELECT i AS id, 'Łukasz ' || i AS name, i % 3 = 0 AS flag, DATE '1999-12-31' + i::INTEGER AS day, i / 4 AS share,
    (i * 1.25)::DECIMAL(9, 2) AS price, CASE WHEN i > 0 THEN [i, NULL] END AS list, {'a': i::INTEGER, 'b': [{'c': 'x'}]} AS st
    FROM range(3) r(i)`;
  const [written] = await write(query);
  const file = await asyncBufferFromFile(address(written!));
  expect(await parquetReadObjects({ file })).toEqual(
    [0, 1, 2].map((i) => ({
      id: BigInt(i),
      name: `Łukasz ${i}`,
      flag: i === 0,
      day: new Date(Date.UTC(1999, 11, 31 + i)),
      share: i / 4,
      price: i * 1.25,
      list: i === 0 ? null : [BigInt(i), null],
      st: { a: i, b: [{ c: "x" }] },
    })),
  );
  const { schema } = await parquetMetadataAsync(file);
  const ids = schema.flatMap((one) => (one.field_id === undefined ? [] : [[one.name, one.field_id]]));
  expect(ids).toEqual([
    ["id", 1],
    ["name", 2],
    ["flag", 3],
    ["day", 4],
    ["share", 5],
    ["price", 6],
    ["list", 7],
    ["element", 8],
    ["st", 9],
    ["a", 10],
    ["b", 11],
    ["element", 12],
    ["c", 13],
  ]);
});

/** A store whose methods can be taken apart. */
function bound(inner: Store): Store {
  return {
    url: inner.url,
    get: (key, range) => inner.get(key, range),
    head: (key) => inner.head(key),
    put: (key, body, condition) => inner.put(key, body, condition),
    list: (prefix, options) => inner.list(prefix, options),
    delete: (key) => inner.delete(key),
    locate: (key) => inner.locate(key),
    stagingFolder: () => inner.stagingFolder(),
    adopt: (path, key) => inner.adopt(path, key),
  };
}
