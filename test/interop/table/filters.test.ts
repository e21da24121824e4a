import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Table } from "../../../src/table/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { type Answers, type Filter, type ReadRequest, Readers } from "./readers.ts";

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

const filtering = [
  "delta_rs",
  "duckdb_delta",
  "polars_delta",
  "pyiceberg",
  "duckdb_iceberg",
  "polars_iceberg",
] as const;

function rowsOf(answers: Answers, reader: string): number {
  const answer = answers[reader]!;
  if ("error" in answer) throw new Error(`${reader}: ${answer.error}`);
  return answer.rows.length;
}

/** One table, a file for each row, so that a bound that is wrong anywhere loses a row. */
async function oneFileARow(name: string, selects: readonly string[]): Promise<Table> {
  const table = await lake.make(name, selects[0]!);
  for (const query of selects) await table.write(lake.session, { mode: "append", query });
  return table;
}

const filter = (column: string, type: string, value: string, op: Filter["op"] = "="): Filter => ({
  column,
  op,
  value,
  type,
});
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

const values = {
  l: ["BIGINT", ["-9223372036854775808", "-1", "0", "9007199254740993", "9223372036854775807"]],
  i: ["INTEGER", ["-2147483648", "-1", "0", "1", "2147483647"]],
  dec: ["DECIMAL(18,4)", ["-99999999999999.9999", "-0.0001", "0.0000", "5.2500", "99999999999999.9999"]],
  f: ["FLOAT", ["-1.5", "0.10000000149011612", "0", "16777216", "1.2676506002282294e30"]],
  d: ["DOUBLE", ["-1e300", "-0.1", "0", "1e-300", "1.7976931348623157e308"]],
  s: ["VARCHAR", ["", "aaa", "a".repeat(40), "\u{10ffff}".repeat(40), "žluť 🐎"]],
  dt: ["DATE", ["0001-01-01", "1582-10-10", "1969-12-31", "2020-02-29", "9999-12-31"]],
  ts: [
    "TIMESTAMPTZ",
    [
      "0001-01-01T00:00:00+00:00",
      "1969-12-31T23:59:59.999999+00:00",
      "2020-01-01T00:00:00.123456+00:00",
      "2020-01-01T00:00:00.123457+00:00",
      "9999-12-31T23:59:59.999999+00:00",
    ],
  ],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

/** What a client of its own accord can't do with a filter, whatever the table; run once without our files to be sure. */
const cannot: Record<string, ReadonlySet<string>> = {
  // Its literal has a range of nanoseconds; years 1 and 9999 are outside.
  delta_rs: new Set(["ts 0001-01-01T00:00:00+00:00", "ts 9999-12-31T23:59:59.999999+00:00"]),
};

test("every value of every column is found by an equality filter, in every reader", async () => {
  const selects = [0, 1, 2, 3, 4].map((r) => {
    const cells = Object.entries(values).map(
      ([name, [type, all]]) => `CAST(${text(all[r]!)} AS ${type}) AS ${name}`,
    );
    return `SELECT ${cells.join(", ")}`;
  });
  const table = await oneFileARow("filters/equality", selects);
  const request = await lake.request(table);
  let asked = 0;
  for (const [column, [type, all]] of Object.entries(values))
    for (const value of all) {
      const names = filtering.filter((reader) => !cannot[reader]?.has(`${column} ${value}`));
      const answers = await readers.read({ ...request, filter: filter(column, type, value), readers: names });
      for (const reader of names)
        expect({ reader, column, value, rows: rowsOf(answers, reader) }).toEqual({
          reader,
          column,
          value,
          rows: 1,
        });
      asked += names.length;
    }
  expect(asked).toBe(40 * filtering.length - 2);
});

test("NaN, infinities, zeros of both signs and nulls are not lost", async () => {
  const cells = ["'nan'", "'inf'", "'-inf'", "-0.0::DOUBLE", "'-0.0'", "0", "5", "NULL"];
  const table = await oneFileARow(
    "filters/nan",
    cells.map((value, i) => `SELECT ${i} AS id, CAST(${value} AS DOUBLE) AS d, CAST(${value} AS FLOAT) AS f`),
  );
  // NaN and 5 in one file: bounds without the NaN would hide it from engines that order it above all numbers.
  await table.write(lake.session, {
    mode: "append",
    query: "SELECT 8 AS id, unnest(['nan'::DOUBLE, 5]) AS d, unnest(['nan'::FLOAT, 5]) AS f",
  });
  const request = await lake.request(table);
  for (const column of ["d", "f"]) {
    const type = column === "d" ? "DOUBLE" : "FLOAT";
    const zero = await readers.read({
      ...request,
      filter: filter(column, type, "0"),
      readers: ["duckdb_delta", "pyiceberg", "duckdb_iceberg", "polars_delta", "polars_iceberg"],
    });
    for (const reader of Object.keys(zero))
      expect({ reader, rows: rowsOf(zero, reader) }).toEqual({ reader, rows: 3 });
    const large = await readers.read({ ...request, filter: filter(column, type, "100", ">") });
    // DuckDB orders NaN above everything: inf and two NaN.
    for (const reader of ["duckdb_delta", "duckdb_iceberg"])
      expect({ reader, rows: rowsOf(large, reader) }).toEqual({ reader, rows: 3 });
    const none = await readers.read({ ...request, filter: filter(column, type, "", "null") });
    for (const reader of filtering)
      expect({ reader, rows: rowsOf(none, reader) }).toEqual({ reader, rows: 1 });
  }
});

test("NaN in any row group of a large file takes the bounds away", async () => {
  const query =
    "SELECT i::BIGINT AS id, CASE WHEN i = 7 THEN 'nan'::DOUBLE ELSE i END AS d FROM range(300000) r(i)";
  const table = await lake.make("filters/row-groups", query);
  await table.write(lake.session, { mode: "append", query });
  const request = { ...(await lake.request(table)), filter: filter("d", "DOUBLE", "1000000", ">") };
  const answers = await readers.read({ ...request, readers: ["duckdb_delta", "duckdb_iceberg"] });
  for (const reader of Object.keys(answers)) expect(rowsOf(answers, reader)).toBe(1);
});

test("strings of any kind are found by a filter on them", async () => {
  const unit = fc.oneof(
    fc.constantFrom("a", "z", "\ud7ff", "\ue000", "\u{10ffff}", "🐎", "%", "'"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  );
  const strings = fc
    .sample(fc.string({ unit, minLength: 0, maxLength: 45 }), { numRuns: 25, seed: 3 })
    .map((value) => value.replaceAll("\0", ""));
  const distinct = [...new Set(strings)];
  const table = await oneFileARow(
    "filters/strings",
    distinct.map((value) => `SELECT ${text(value)} AS s`),
  );
  const request = await lake.request(table);
  for (const value of distinct) {
    const answers = await readers.read({
      ...request,
      filter: filter("s", "VARCHAR", value),
      readers: [...filtering],
    });
    for (const reader of filtering)
      expect({ reader, value, rows: rowsOf(answers, reader) }).toEqual({ reader, value, rows: 1 });
  }
});

test("control: bounds that are wrong lose the row, so the readers above did use them", async () => {
  const table = await lake.make("filters/control", "SELECT 1::BIGINT AS l");
  await table.write(lake.session, { mode: "append", query: "SELECT 123456789::BIGINT AS l" });
  const request: ReadRequest = { ...(await lake.request(table)), filter: filter("l", "BIGINT", "123456789") };
  const folder = lake.store.locate(table.folder);
  const commit = join(folder, "_delta_log/00000000000000000001.json");
  writeFileSync(commit, readFileSync(commit, "utf8").replaceAll("123456789", "223456789"));
  const manifest = join(
    folder,
    "_iceberg",
    readdirSync(join(folder, "_iceberg")).find((name) => name.endsWith("-m.avro"))!,
  );
  const [right, wrong] = [123456789n, 223456789n].map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes.toString("latin1");
  });
  writeFileSync(
    manifest,
    Buffer.from(readFileSync(manifest).toString("latin1").replaceAll(right!, wrong!), "latin1"),
  );
  const answers = await readers.read({ ...request, readers: [...filtering] });
  for (const reader of filtering)
    expect({ reader, rows: rowsOf(answers, reader) }).toEqual({ reader, rows: 0 });
});
