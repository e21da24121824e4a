import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonNumber, parseLossless } from "../base/index.ts";
import { schemaOf } from "../schema/index.ts";
import { statsFromDelta, statsToDelta } from "./delta/stats.ts";
import { boundToIceberg } from "./iceberg/bound.ts";
import { dataFileRecord } from "./iceberg/data-file.ts";
import {
  type Bound,
  formatDecimal,
  isIdentifying,
  parseDecimal,
  parseTimestamp,
  statisticsLeaves,
  truncateLower,
  truncateUpper,
} from "./statistics.ts";

const characters = fc.string({
  unit: fc.oneof(
    fc.constantFrom("a", "\ud7ff", "\ue000", "\u{10ffff}"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 40,
});
const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test("cut bounds are not longer, and nothing lies outside of them", () => {
  fc.assert(
    fc.property(characters, fc.integer({ min: 1, max: 32 }), (text, length) => {
      const [lower, upper] = [truncateLower(text, length), truncateUpper(text, length)];
      expect([...lower].length).toBeLessThanOrEqual(length);
      expect(order(lower, text)).toBeLessThanOrEqual(0);
      const greatest = [...text].slice(0, length).every((point) => point === "\u{10ffff}");
      expect(upper === undefined).toBe(greatest && [...text].length > length);
      expect([...(upper ?? "")].length).toBeLessThanOrEqual(length);
      expect(order(upper ?? text, text)).toBeGreaterThanOrEqual(0);
      expect(/\p{Surrogate}/u.test(upper ?? "")).toBe(false);
    }),
  );
});

test("decimals of any size come back from their text", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
      fc.integer({ min: 0, max: 38 }),
      (value, scale) => {
        expect(parseDecimal(formatDecimal(value, scale), scale)).toBe(value);
      },
    ),
  );
  expect(parseDecimal("1.005", 2)).toBeUndefined();
  expect(parseDecimal("5.2", 4)).toBe(52_000n);
});

test("decimal bounds are two's complement in the fewest bytes", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), (value) => {
      const bytes = boundToIceberg({ kind: "decimal", precision: 38, scale: 0 }, value, "lower")!;
      const read = BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
      expect(read).toBe(value);
      expect(bytes.length === 1 || BigInt.asIntN((bytes.length - 1) * 8, value) !== value).toBe(true);
    }),
  );
});

test("timestamps of any writer are parsed to the microsecond", () => {
  expect(parseTimestamp("1970-01-01T00:00:00.000Z")).toBe(0n);
  expect(parseTimestamp("1969-12-31 23:59:59.999999+00")).toBe(-1n);
  expect(parseTimestamp("1970-01-01 02:00:00.5+02:00")).toBe(500_000n);
  expect(parseTimestamp("10000-01-01 00:00:00+00")).toBeUndefined();
});

const schema = schemaOf([
  { name: "t", type: "TIMESTAMP" },
  { name: "d", type: "DECIMAL(38,10)" },
  { name: "f", type: "DOUBLE" },
  { name: "l", type: "BIGINT" },
  { name: "name", type: "VARCHAR" },
]);
const idOf = (name: string): number => schema.fields.find((field) => field.name === name)!.id;
const withBounds = (bounds: Record<string, [Bound, Bound]>) => ({
  rows: 2,
  columns: new Map(
    Object.entries(bounds).map(([name, [lower, upper]]) => [idOf(name), { nulls: 1, lower, upper }]),
  ),
});

test("Delta's statistics: exact numbers, no decimal that a double rounds, milliseconds outwards, nothing that JSON lacks, nothing of a person", () => {
  const text = statsToDelta(
    withBounds({
      t: [-1n, 1n],
      d: [-(10n ** 37n) - 1n, 10n],
      f: [-0, Infinity],
      l: [-(2n ** 63n), 2n ** 63n - 1n],
      name: ["Ada", "Zoë"],
    }),
    schema,
    new Set(["name"]),
  );
  expect(text).not.toContain("Ada");
  expect(parseLossless(text)).toEqual({
    numRecords: 2,
    minValues: {
      t: "1969-12-31T23:59:59.999Z",
      f: -0,
      l: new JsonNumber("-9223372036854775808"),
    },
    maxValues: { t: "1970-01-01T00:00:00.001Z", d: 1e-9, l: new JsonNumber("9223372036854775807") },
    nullCount: { t: 1, d: 1, f: 1, l: 1, name: 1 },
  });
});

test("fields of a struct: statistics are nested as it is, and none are left of an identifying column", () => {
  const nested = schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "Person", type: 'STRUCT("name" VARCHAR, home STRUCT(city VARCHAR, since DATE))' },
  ]);
  const statistics = {
    rows: 2,
    columns: new Map(
      statisticsLeaves(nested).map(({ id, type }) => {
        const [lower, upper]: [Bound, Bound] = type === "string" ? ["Ada", "Zoë"] : [1n, 2n];
        return [id, { nulls: 1, lower, upper }] as const;
      }),
    ),
  };
  const open = statsToDelta(statistics, nested, new Set());
  expect(parseLossless(open)).toEqual({
    numRecords: 2,
    minValues: { id: 1, Person: { name: "Ada", home: { city: "Ada", since: "1970-01-02" } } },
    maxValues: { id: 2, Person: { name: "Zoë", home: { city: "Zoë", since: "1970-01-03" } } },
    nullCount: { id: 1, Person: { name: 1, home: { city: 1, since: 1 } } },
  });
  expect(statsFromDelta(open, nested)).toEqual(statistics);
  const record = dataFileRecord("file:///x", 1, statistics, nested, new Set());
  expect(record.lower_bounds?.map(({ key }) => key)).toEqual(statisticsLeaves(nested).map(({ id }) => id));
  for (const identifying of ["person", "person.home.city"]) {
    const closed = statsToDelta(statistics, nested, new Set([identifying]));
    expect(parseLossless(closed)).toMatchObject({ nullCount: { Person: { home: { city: 1 } } } });
    expect(JSON.parse(closed).minValues.Person?.home?.city).toBeUndefined();
    const kept = dataFileRecord("file:///x", 1, statistics, nested, new Set([identifying]));
    expect(kept.lower_bounds?.length).toBe(identifying === "person" ? 1 : 3);
    expect(kept.null_value_counts?.length).toBe(4);
  }
});

test("foreign statistics: a cut timestamp is raised, floats are not trusted, nonsense is left out", () => {
  const stats = statsFromDelta(
    '{"numRecords":3,"minValues":{"t":"2020-01-01T00:00:00.123Z","f":1.5,"l":"x","d":1.5},"maxValues":{"t":"2020-01-01T00:00:00.123Z","f":2.5,"l":{}},"nullCount":{"l":-0,"d":"y"}}',
    schema,
  )!;
  const at = parseTimestamp("2020-01-01T00:00:00.123Z")!;
  expect(stats.columns.get(idOf("t"))).toEqual({ nulls: undefined, lower: at, upper: at + 1000n });
  expect(stats.columns.get(idOf("f"))).toEqual({ nulls: undefined, lower: undefined, upper: undefined });
  expect(stats.columns.get(idOf("l"))).toMatchObject({ lower: undefined, upper: undefined });
  expect(stats.columns.get(idOf("d"))).toMatchObject({ nulls: undefined, lower: 15_000_000_000n });
  expect(statsFromDelta("not JSON", schema)).toBeUndefined();
  expect(statsFromDelta("{}", schema)).toBeUndefined();
});

test("a mapped column that another writer renamed stays identifying by the name that its files have", () => {
  const leaf = (name: string, physicalName?: string) => ({
    id: 1,
    type: "string" as const,
    path: [{ id: 1, name, type: "string" as const, nullable: true, ...(physicalName && { physicalName }) }],
  });
  const identifying = new Set(["email"]);
  expect(isIdentifying(leaf("Mail", "Email"), identifying)).toBe(true);
  expect(isIdentifying(leaf("EMAIL", "col-1"), identifying)).toBe(true);
  expect(isIdentifying(leaf("mail", "col-1"), identifying)).toBe(false);
});
