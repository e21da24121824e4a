import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { literal } from "../dialect/quote.ts";
import type { Engine, Session, Value } from "../session.ts";
import { openEngine } from "./engine.ts";
import { isoDate, isoTimestamp } from "./iso.ts";

let folder: string;
let engine: Engine;
let session: Session;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-value-"));
  engine = await openEngine({ spillFolder: folder, threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const cases: readonly (readonly [string, Value])[] = [
  ["NULL", null],
  ["true", true],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", 9007199254740993n],
  ["(-9223372036854775808)::BIGINT", -9223372036854775808n],
  ["18446744073709551615::UBIGINT", 18446744073709551615n],
  ["170141183460469231731687303715884105727::HUGEINT", 170141183460469231731687303715884105727n],
  ["1.50::DECIMAL(5,2)", "1.50"],
  ["(-0.01)::DECIMAL(18,2)", "-0.01"],
  ["123456789012345678901234567890.12345678::DECIMAL(38,8)", "123456789012345678901234567890.12345678"],
  ["'NaN'::DOUBLE", NaN],
  ["'-infinity'::FLOAT", -Infinity],
  ["'-0'::DOUBLE", -0],
  ["5e-324", 5e-324],
  ["''", ""],
  ["'Łukasz 🐘'", "Łukasz 🐘"],
  ["'\\x00\\xFF'::BLOB", Buffer.from([0, 255])],
  ["DATE '1969-12-31'", "1969-12-31"],
  ["DATE '0001-01-01'", "0001-01-01"],
  ["DATE '9999-12-31'", "9999-12-31"],
  ["DATE '0044-03-15 (BC)'", "-000043-03-15"],
  ["DATE '-infinity'", "-infinity"],
  ["TIMESTAMP '1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999999"],
  ["TIMESTAMP '1969-12-31 23:59:59'", "1969-12-31T23:59:59"],
  ["TIMESTAMPTZ '1969-12-31 23:59:59.000001-05'", "1970-01-01T04:59:59.000001Z"],
  ["TIMESTAMPTZ '0001-01-01 00:00:00.000001+00'", "0001-01-01T00:00:00.000001Z"],
  ["TIMESTAMP '290000-01-01 00:00:00'", "+290000-01-01T00:00:00"],
  ["TIMESTAMPTZ 'infinity'", "infinity"],
  ["TIMESTAMP '-infinity'", "-infinity"],
  ["TIMESTAMP_S '1969-12-31 23:59:58'", "1969-12-31T23:59:58"],
  ["TIMESTAMP_MS '1969-12-31 23:59:59.001'", "1969-12-31T23:59:59.001"],
  ["TIMESTAMP_NS '1969-12-31 23:59:59.123456789'", "1969-12-31T23:59:59.123456789"],
  ["TIME '23:59:59.5'", "23:59:59.5"],
  ["UUID '6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  ["[1, NULL, 9007199254740993]", [1, null, 9007199254740993n]],
  ["[DATE '2020-01-01']::DATE[1]", ["2020-01-01"]],
  [
    "{'a': 1.50::DECIMAL(3,2), 'b': {'c': [TIMESTAMP '2020-01-01']}}",
    { a: "1.50", b: { c: ["2020-01-01T00:00:00"] } },
  ],
  ["MAP {'k': DATE '2020-01-01'}", [{ key: "k", value: "2020-01-01" }]],
  ["union_value(d := DATE '2020-01-01')", "2020-01-01"],
];

test.for(cases)("%s is given without loss", async ([sql, value]) => {
  const [row] = await session.rows<{ v: Value }>(`SELECT ${sql} AS v`);
  expect(row!.v).toEqual(value);
});

test("columns of one name are told apart", async () => {
  const [row] = await session.rows("SELECT 1 AS a, 2 AS a");
  expect(Object.values(row!)).toEqual([1, 2]);
  expect(Object.keys(row!)).toHaveLength(2);
});

test("a literal comes back as the value it was made of", async () => {
  const value = fc.oneof(
    fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    fc.constantFrom("'", "''", "\\", "';--", "$$", "\n"),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(-0, Infinity, -Infinity, NaN, null, 0.011012445308513037),
  );
  await fc.assert(
    fc.asyncProperty(value, async (one) => {
      const cast = typeof one === "number" ? `CAST(${literal(one)} AS DOUBLE)` : literal(one);
      const [row] = await session.rows<{ v: Value }>(`SELECT ${cast} AS v`);
      expect(typeof row!.v === "number" && typeof one === "bigint" ? BigInt(row!.v) : row!.v).toEqual(one);
    }),
    { numRuns: 300 },
  );
});

test("a negative literal after a minus sign is a number, not a comment", async () => {
  expect(await session.rows(`SELECT 5 -${literal(-3)} AS v`)).toEqual([{ v: 8 }]);
  expect(await session.rows(`SELECT 5 -${literal(-3n)} AS v`)).toEqual([{ v: 8 }]);
});

test("ISO dates and moments agree with JavaScript's where it has them", () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
      expect(isoDate(days)).toBe(new Date(days * 86_400_000).toISOString().split("T")[0]);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: -8_640_000_000_000_000n, max: 8_640_000_000_000_000n }), (millis) => {
      const expected = new Date(Number(millis)).toISOString().replace(/(\.000)?Z$/, "");
      expect(isoTimestamp(millis, 1000n)).toBe(expected);
    }),
  );
});
