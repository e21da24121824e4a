import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import { amountOf } from "./read-text.ts";
import { readTimes } from "./read-time.ts";

let engine: Engine;
let session: Session;

beforeAll(async () => {
  engine = await openEngine({ spillFolder: tmpdir(), memoryLimit: "300MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
});

function column(texts: readonly (string | null)[]): string {
  return `(SELECT * FROM (VALUES ${texts.map((text, i) => `(${i}, CAST(${literal(text)} AS VARCHAR))`).join(", ")}) t(i, v))`;
}

async function times(texts: readonly (string | null)[], zone = "UTC"): Promise<unknown[]> {
  const rows = await session.rows(
    `SELECT v FROM ${readTimes(column(texts), { times: ["v"], days: [] }, zone)} ORDER BY i`,
  );
  return rows.map((row) => row["v"]);
}

async function days(texts: readonly (string | null)[]): Promise<unknown[]> {
  const rows = await session.rows(
    `SELECT v FROM ${readTimes(column(texts), { times: [], days: ["v"] }, "UTC")} ORDER BY i`,
  );
  return rows.map((row) => row["v"]);
}

describe("times", () => {
  test.each([
    ["2026-03-05", "2026-03-05T00:00:00Z"],
    ["2026-03-05 10:11:12", "2026-03-05T10:11:12Z"],
    ["2026-03-05T10:11", "2026-03-05T10:11:00Z"],
    ["2026-03-05T10:11:12.123456Z", "2026-03-05T10:11:12.123456Z"],
    ["2026-03-05T10:11:12+02:00", "2026-03-05T08:11:12Z"],
    ["2026-03-05 10:11:12-0500", "2026-03-05T15:11:12Z"],
    ["2026-03-05 10:11:12 UTC", "2026-03-05T10:11:12Z"],
    ["2026/3/5 1:05:09", "2026-03-05T01:05:09Z"],
    ["20260305", "2026-03-05T00:00:00Z"],
    ["5.3.2026 10:11", "2026-03-05T10:11:00Z"],
    ["3/5/2026 1:05 PM", "2026-03-05T13:05:00Z"],
    ["5-Mar-2026", "2026-03-05T00:00:00Z"],
    ["Mar 5, 2026", "2026-03-05T00:00:00Z"],
    ["1772705472", "2026-03-05T10:11:12Z"],
    ["1772705472.5", "2026-03-05T10:11:12.500000Z"],
    ["1772705472123", "2026-03-05T10:11:12.123000Z"],
    ["1772705472123456", "2026-03-05T10:11:12.123456Z"],
  ])("%s", async (text, instant) => {
    expect(await times([text])).toEqual([instant]);
  });

  test("what is no time, and placeholders outside of all plausible years, are null", async () => {
    const texts = [
      "",
      "soon",
      "2026-02-30",
      "9999-12-31",
      "0001-01-01",
      "infinity",
      "13/13/2026",
      "99999999",
      null,
    ];
    expect(await times(texts)).toEqual(texts.map(() => null));
  });

  test("a time without a zone is one of the source's zone, in summer and in winter", async () => {
    expect(
      await times(["2026-07-01 12:00:00", "2026-01-01 12:00:00", "2026-07-01T12:00:00Z"], "Europe/Berlin"),
    ).toEqual(["2026-07-01T10:00:00Z", "2026-01-01T11:00:00Z", "2026-07-01T12:00:00Z"]);
  });

  test("columns of any engine type", async () => {
    const typed = `(SELECT CAST(DATE '2026-03-05' AS VARCHAR) AS a, CAST(TIMESTAMPTZ '2026-03-05 10:00:00+02' AS VARCHAR) AS b,
      CAST(TIMESTAMP_NS '2026-03-05 10:00:00.123456789' AS VARCHAR) AS c, CAST(1772705472::BIGINT AS VARCHAR) AS d)`;
    expect(
      await session.rows(
        `SELECT * FROM ${readTimes(typed, { times: ["a", "b", "c", "d"], days: [] }, "UTC")}`,
      ),
    ).toEqual([
      {
        a: "2026-03-05T00:00:00Z",
        b: "2026-03-05T08:00:00Z",
        c: "2026-03-05T10:00:00.123456Z",
        d: "2026-03-05T10:11:12Z",
      },
    ]);
  });
});

describe("days", () => {
  test("one reading for a whole column: what can only be a day decides for the rest", async () => {
    expect(await days(["03/04/1980", "25/12/1980", "1/2/1979"])).toEqual([
      "1980-04-03",
      "1980-12-25",
      "1979-02-01",
    ]);
    expect(await days(["03/04/1980", "12/25/1980", "1/2/1979"])).toEqual([
      "1980-03-04",
      "1980-12-25",
      "1979-01-02",
    ]);
    // One typing error does not turn the column around, and is still read in the only way it can be.
    expect(await days(["25/12/1980", "26/12/1980", "12/25/1981", "03/04/1980"])).toEqual([
      "1980-12-25",
      "1980-12-26",
      "1981-12-25",
      "1980-04-03",
    ]);
  });

  test("years of two figures, and texts that are no day", async () => {
    expect(await days(["1.2.30", "1.2.29", "unknown", "1980-13-32", null])).toEqual([
      "1930-02-01",
      "2029-02-01",
      "unknown",
      "1980-13-32",
      null,
    ]);
  });
});

test.each([
  ["12.5", "12.50"],
  ["-12.345", "-12.35"],
  ["1,234.50", "1234.50"],
  ["1.234,50", "1234.50"],
  ["1.234.567,5", "1234567.50"],
  ["12,5", "12.50"],
  ["1,234", "1234.00"],
  ["€ 12.50", "12.50"],
  ["$1,000", "1000.00"],
  ["12.50 EUR", "12.50"],
  ["USD 3", "3.00"],
  ["(3.00)", "-3.00"],
  ["1'234.50", "1234.50"],
  ["1e3", "1000.00"],
  ["free", null],
  ["nan", null],
  ["99999999999999999999", null],
  ["1,2,3", null],
])("the amount %s", async (text, amount) => {
  expect(await session.rows(`SELECT ${amountOf("v")} AS amount FROM ${column([text])}`)).toEqual([
    { amount },
  ]);
});
