import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, type Session, ident, literal, openEngine } from "../../engine/index.ts";
import { type LogicalType, type Schema, schemaOf, typeToEngine } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { statsToDelta } from "../delta/stats.ts";
import { fileSet } from "../file-set.ts";
import { copyToParquet } from "../parquet/copy.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { matchingFiles, scan, tagFieldIds } from "./index.ts";

let folder: string;
let engine: Engine;
let session: Session;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-matching-"));
  await mkdir(join(folder, "t/data"), { recursive: true });
  store = openStore(folder);
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** Values as SQL, of few, so that filters hit bounds; with those that one reader or another gets wrong. */
const values: Readonly<Record<string, readonly string[]>> = {
  BIGINT: ["-1", "0", "1", "7", "9007199254740993", "-9223372036854775807", "9223372036854775807"],
  "DECIMAL(9,2)": ["-0.01", "0.00", "1.10", "1.11", "9999999.99"],
  "DECIMAL(30,10)": ["1.0000000001", "12345678901234567.0000000001", "12345678901234567.0000000002"],
  FLOAT: ["'-0'::FLOAT", "0.1::FLOAT", "1.5::FLOAT", "'nan'::FLOAT", "'inf'::FLOAT", "1e30::FLOAT"],
  DOUBLE: ["'-0'::DOUBLE", "0.1::DOUBLE", "1.5::DOUBLE", "'nan'::DOUBLE", "'-inf'::DOUBLE", "1e300::DOUBLE"],
  VARCHAR: [
    "''",
    "'a'",
    "'ab'",
    "'b'",
    "'\u{ffee}'",
    "'🐘'",
    "'A'",
    `'${"x".repeat(40)}'`,
    `'${"x".repeat(40)}y'`,
  ],
  DATE: ["DATE '0001-01-01'", "DATE '1969-12-31'", "DATE '2020-01-01'", "DATE '9999-12-31'"],
  "TIMESTAMP WITH TIME ZONE": [
    "TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'",
    "TIMESTAMPTZ '2020-01-01 00:00:00+00'",
    "TIMESTAMPTZ '2020-01-01 00:00:00.123456+00'",
    "TIMESTAMPTZ '2020-01-01 00:00:00.123999+00'",
  ],
  TIMESTAMP: [
    "TIMESTAMP '1969-12-31 23:59:59.999999'",
    "TIMESTAMP '2020-01-01 00:00:00'",
    "TIMESTAMP '2020-01-01 00:00:00.123456'",
  ],
  BOOLEAN: ["true", "false"],
  BLOB: ["'a'::BLOB", "'b'::BLOB"],
};
/** Constants beside those: other spellings and other types. */
const constants = [
  ...[
    "1.5",
    "0.1",
    "1e0",
    "1.1",
    "9007199254740992",
    "9007199254740993.0",
    "1e30",
    "12345678901234567",
    "5 - 4",
  ],
  ...["'2020-01-01'", "'2020-01-01 00:00:00.123'", "'1970-01-01 00:00:00+00'", "'1'", "'1.5'", "NULL"],
  ...["DATE '2020-01-01'", "TIMESTAMP '2020-01-01 00:00:00.1234'", "TIMESTAMPTZ '2020-01-01 01:00:00+01'"],
  ...["CAST('2020-01-01' AS DATE)", "CAST(1 AS SMALLINT)", "'xx'", "'nan'::DOUBLE"],
  ...["CAST('5' AS BIGINT)", "CAST('1.5' AS BIGINT)", "CAST('300' AS TINYINT)"],
  ...["CAST('1.50' AS DECIMAL(18,2))", "CAST('1.26' AS DECIMAL(4,1))", "CAST('1' AS DECIMAL(20,0))"],
];
const types = Object.keys(values);
const columns = [
  ...types.map((type, i) => ({ name: `c${i}`, type })),
  { name: "part", type: "VARCHAR" },
  { name: "Day", type: "DATE" },
  { name: "st", type: 'STRUCT("in" BIGINT, "te" VARCHAR)' },
  { name: "id", type: "BIGINT" },
];
const partitionColumns = ["part", "Day"];

const nullable = (type: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(`CAST(NULL AS ${type})`) },
    { weight: 4, arbitrary: fc.constantFrom(...values[type]!).map((one) => `CAST(${one} AS ${type})`) },
  );
const struct = fc.oneof(
  { weight: 1, arbitrary: fc.constant("NULL") },
  {
    weight: 4,
    arbitrary: fc.tuple(nullable("BIGINT"), nullable("VARCHAR")).map(([a, b]) => `{'in': ${a}, 'te': ${b}}`),
  },
);
const row = fc.tuple(...types.map(nullable), struct);
const partition = fc.tuple(
  fc.constantFrom(null, "a", "ab", "🐘"),
  fc.constantFrom(null, "1969-12-31", "2020-01-01"),
);
const file = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 3 }),
  partition,
  writer: fc.constantFrom("ours" as const, "foreign" as const),
});

const leaves = [
  ...columns.filter(({ name }) => name !== "st" && name !== "id"),
  { name: "st.in", type: "BIGINT" },
  { name: "ST.te", type: "VARCHAR" },
];
const floats = ["0.0", "-0.0", "0.1", "1.5", "1e30", "1e300", "2", "-1e30"];
const constant = (type: string): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...(type === "FLOAT" || type === "DOUBLE" ? floats : values[type]!)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...constants) },
  );
const leaf = fc.constantFrom(...leaves).chain(({ name, type }) =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom("=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"),
        constant(type),
        fc.boolean(),
      )
      .map(([operator, value, turned]) =>
        turned ? `${value} ${operator} ${name}` : `${name} ${operator} ${value}`,
      ),
    fc.constantFrom("IS NULL", "IS NOT NULL").map((test) => `${name} ${test}`),
    fc
      .tuple(fc.constantFrom("BETWEEN", "NOT BETWEEN"), constant(type), constant(type))
      .map(([between, low, high]) => `${name} ${between} ${low} AND ${high}`),
    fc
      .tuple(fc.constantFrom("IN", "NOT IN"), fc.array(constant(type), { minLength: 1, maxLength: 3 }))
      .map(([among, list]) => `${name} ${among} (${list.join(", ")})`),
    fc
      .tuple(
        fc.constantFrom("LIKE", "NOT LIKE", "^@", "ILIKE"),
        fc.constantFrom("a%", "ab", "%b", "🐘%", "x_%", `${"x".repeat(40)}y%`, ""),
      )
      .map(([like, pattern]) =>
        type === "VARCHAR" && !(like === "^@" && name === "")
          ? `${name} ${like} '${pattern}'`
          : `${name} = '${pattern}'`,
      ),
  ),
);
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    fc
      .tuple(tie("filter"), fc.constantFrom("AND", "OR"), tie("filter"))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie("filter").map((inner) => `NOT (${inner})`),
    fc.constantFrom("c9", "NOT c9", "true", "false", "length(c5) > 1", "(c5 || 'x') = 'ax'"),
  ),
}));

type Generated = typeof file extends fc.Arbitrary<infer T> ? T : never;

let made = 0;
async function writeFile(
  schema: Schema,
  { rows, partition: [part, day], writer }: Generated,
): Promise<DataFile> {
  const names = [...types.map((_, i) => `c${i}`), "st"].map(ident).join(", ");
  const type = (name: string): LogicalType => schema.fields.find((field) => field.name === name)!.type;
  const query = `SELECT *, ${made++} * 10 + row_number() OVER () AS id, CAST(${literal(part)} AS VARCHAR) AS part, CAST(${literal(day)} AS DATE) AS "Day"
    FROM (SELECT ${types.map((one, i) => `CAST(c${i} AS ${one}) AS c${i}`).join(", ")}, CAST(st AS ${typeToEngine(type("st"))}) AS st
      FROM (VALUES ${rows.map((one) => `(${one.join(", ")})`).join(", ")}) AS v(${names}))`;
  const partitionValues = { part, Day: day };
  if (writer === "ours") {
    const [written] = await copyToParquet(session, store, "t", { schema, partitionColumns }, query);
    const stats = statsToDelta(written!.statistics, schema, new Set());
    return dataFile({ path: written!.path, partitionValues, stats, tags: { [tagFieldIds]: "true" } });
  }
  const path = `foreign-${made}.parquet`;
  await session.run(
    `COPY (SELECT * EXCLUDE (part, "Day") FROM (${query})) TO ${literal(join(folder, "t", path))} (FORMAT parquet)`,
  );
  const cut = (name: string): string =>
    `strftime(date_trunc('milliseconds', ${name}), '%Y-%m-%dT%H:%M:%S.%gZ')`;
  // As other writers do it: no NaN in bounds, moments cut to milliseconds, long texts too, the largest raised.
  const bound = (
    fn: "min" | "max",
    { name, type: one }: { name: string; type: string },
  ): string | undefined => {
    if (one === "FLOAT" || one === "DOUBLE")
      return `${fn}(${name}) FILTER (isfinite(${name}) OR NOT isnan(${name}))`;
    if (one.startsWith("TIMESTAMP")) return cut(`${fn}(${name})`);
    if (one === "DATE") return `strftime(${fn}(${name}), '%Y-%m-%d')`;
    if (one === "VARCHAR")
      return fn === "min"
        ? `left(min(${name}), 32)`
        : `CASE WHEN length(max(${name})) > 32 THEN left(max(${name}), 32) || chr(1114111) ELSE max(${name}) END`;
    return one === "BLOB" || one === "BOOLEAN" ? undefined : `${fn}(${name})`;
  };
  const object = (fn: "min" | "max"): string =>
    `json_object(${types
      .flatMap((one, i) => {
        const sql = bound(fn, { name: `c${i}`, type: one });
        return sql === undefined ? [] : [`'c${i}'`, sql];
      })
      .join(", ")}, 'st', json_object('in', ${fn}(st."in")))`;
  const nulls = `json_object(${types.map((_, i) => `'c${i}', count(*) FILTER (c${i} IS NULL)`).join(", ")}, 'st', json_object('in', count(*) FILTER (st IS NOT NULL AND st."in" IS NULL)))`;
  const [found] = await session.rows<{ stats: string }>(
    `SELECT CAST(json_object('numRecords', count(*), 'minValues', ${object("min")}, 'maxValues', ${object("max")}, 'nullCount', ${nulls}) AS VARCHAR) AS stats FROM (${query})`,
  );
  return dataFile({ path, partitionValues, stats: found!.stats, tags: {} });
}

function dataFile(
  file: Pick<DataFile, "path" | "partitionValues" | "tags"> & { readonly stats: string | undefined },
): DataFile {
  return { ...file, sizeBytes: 1, rows: undefined, modifiedMs: 0, dataChange: true };
}

function snapshotOf(schema: Schema, files: readonly DataFile[]): Snapshot {
  return {
    store,
    folder: "t",
    version: 0,
    rowsVersion: 0,
    timestampMs: 0,
    tableId: "t",
    schema,
    hasFieldIds: true,
    schemaString: "",
    partitionColumns,
    files: fileSet(files),
    properties: {},
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    transactions: new Map(),
    provenance: undefined,
    iceberg: undefined,
  };
}

test("no file is left out that holds a row for which the condition is true", async () => {
  const schema = schemaOf(columns);
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 2, maxLength: 8 }),
      fc.array(filter, { minLength: 150, maxLength: 150 }),
      async (files, filters) => {
        const all = snapshotOf(schema, await Promise.all(files.map((one) => writeFile(schema, one))));
        const everything = await scan(session, all, { positions: true });
        await session.run(`CREATE OR REPLACE TEMP TABLE everything AS FROM ${everything}`);
        for (const where of filters) {
          const holding = await session
            .rows<{ path: string }>(`SELECT DISTINCT __file AS path FROM everything WHERE ${where}`)
            // A comparison that the engine refuses.
            .catch(() => []);
          const kept = new Set((await matchingFiles(session, all, where)).map(({ path }) => path));
          expect({ where, lost: holding.filter(({ path }) => !kept.has(path)) }).toEqual({ where, lost: [] });
        }
        const where = filters[0]!;
        const rows = async (relation: string): Promise<unknown> =>
          session.rows(`SELECT id FROM ${relation} WHERE ${where} ORDER BY id`).catch(() => "refused");
        expect(await rows(await scan(session, all, { where }))).toEqual(await rows("everything"));
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
});

test.each([
  ["part = 'b'", ["2"]],
  ["id > 20", ["2"]],
  ["id IN (CAST('16' AS BIGINT), CAST('20' AS BIGINT))", ["2"]],
  ["15 >= id AND c5 = 'a'", ["1"]],
  ["c5 IN ('a', 'zz')", ["1"]],
  ["c5 LIKE 'k%'", ["2"]],
  ["c6 < DATE '2000-01-01'", ["1"]],
  ["c7 >= '2020-01-01'", ["2"]],
  ["c4 BETWEEN 5 AND 6", []],
  ["c1 IS NULL", ["2"]],
  ["NOT (id < 20 OR part IS NULL)", ["2"]],
  ["st.in = 5", ["1"]],
  ["lower(c5) = 'a'", ["1", "2"]],
  ["c5 = 'q' -- in between", []],
] as const)("%s: the files are known without being opened", async (where, expected) => {
  const schema = schemaOf(columns);
  const stats = (one: object): string => JSON.stringify(one);
  const files = [
    dataFile({
      path: "1",
      partitionValues: { part: "a", Day: null },
      tags: { [tagFieldIds]: "true" },
      stats: stats({
        numRecords: 3,
        minValues: {
          id: 1,
          c4: 1.5,
          c5: "a",
          c6: "1999-01-01",
          c7: "2019-01-01T00:00:00.000Z",
          st: { in: 5 },
        },
        maxValues: {
          id: 15,
          c4: 2.5,
          c5: "b",
          c6: "2001-01-01",
          c7: "2019-12-31T00:00:00.000Z",
          st: { in: 7 },
        },
        nullCount: { c1: 0 },
      }),
    }),
    dataFile({
      path: "2",
      partitionValues: { part: "b", Day: "2020-01-01" },
      tags: { [tagFieldIds]: "true" },
      stats: stats({
        numRecords: 3,
        minValues: {
          id: 20,
          c4: 7,
          c5: "k",
          c6: "2010-01-01",
          c7: "2020-01-01T00:00:00.000Z",
          st: { in: 8 },
        },
        maxValues: {
          id: 25,
          c4: 8,
          c5: "m",
          c6: "2011-01-01",
          c7: "2020-12-31T00:00:00.000Z",
          st: { in: 9 },
        },
        nullCount: { c1: 1 },
      }),
    }),
  ];
  const found = await matchingFiles(session, snapshotOf(schema, files), where);
  expect(found.map(({ path }) => path)).toEqual(expected);
});
