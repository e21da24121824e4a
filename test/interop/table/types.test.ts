import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scan } from "../../../src/table/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { Readers, readerNames, sorted } from "./readers.ts";
import { rowsOf, scalarColumns } from "./values.ts";

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

const { queries, rows } = rowsOf(scalarColumns);

describe("every type, with its extremes", () => {
  test.each(["one file", "one file a row"])(
    "%s: each reader returns exactly the rows written",
    async (how) => {
      const table = await lake.make(`types/${how.replaceAll(" ", "-")}`, queries[0]!);
      for (const query of how === "one file" ? [queries.join(" UNION ALL ")] : queries)
        expect(await table.write(lake.session, { mode: "append", query })).toMatchObject({
          kind: "committed",
        });
      const answers = await readers.read(await lake.request(table));
      for (const reader of readerNames)
        expect({ reader, ...answers[reader] }).toEqual({
          reader,
          columns: scalarColumns.map(([name]) => name),
          rows: sorted(rows),
        });
    },
  );

  test("and so does OneCopy itself", async () => {
    const table = await lake.make("types/own", queries[0]!);
    const query = queries.join(" UNION ALL ");
    await table.write(lake.session, { mode: "append", query });
    const relation = await scan(lake.session, await table.snapshot());
    const [same] = await lake.session.rows<{ n: number }>(
      `SELECT count(*) AS n FROM ((${query}) EXCEPT ALL (SELECT * FROM ${relation}))`,
    );
    expect(same).toEqual({ n: 0 });
    expect(await lake.session.rows(`SELECT count(*) AS n FROM ${relation}`)).toEqual([{ n: rows.length }]);
  });
});

test("types that the formats lack come back cast", async () => {
  const query = `SELECT sum(x) AS h, uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' AS u, TIME '10:00:01.5' AS t,
    'x'::ENUM('x') AS e, 18446744073709551615::UBIGINT AS ub, 4294967295::UINTEGER AS ui,
    TIMESTAMP '2020-01-01 00:00:00.000001' AS naive, TIMESTAMP_NS '2020-01-01 00:00:00.123456789' AS ns
    FROM range(3) r(x)`;
  const table = await lake.make("types/cast", query);
  await table.write(lake.session, { mode: "append", query });
  const answers = await readers.read(await lake.request(table));
  const expected = [
    "3",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "10:00:01.5",
    "x",
    "18446744073709551615",
    "4294967295",
    "2020-01-01T00:00:00.000001",
    "2020-01-01T00:00:00.123456",
  ];
  for (const reader of readerNames)
    expect({ reader, ...answers[reader] }).toEqual({ reader, columns: expect.anything(), rows: [expected] });
});

test("what is refused can be held by the cast that the refusal names", async () => {
  const casts: [value: string, cast: string, held: string][] = [
    ["TIMETZ '10:00:00+02'", "CAST(v AS VARCHAR)", "10:00:00+02"],
    ["INTERVAL '1 month 2 days'", "CAST(v AS VARCHAR)", "1 month 2 days"],
    ["'0101'::BIT", "CAST(v AS VARCHAR)", "0101"],
    ["99999999999999999999999999999999999999::UHUGEINT", "CAST(v AS DECIMAL(38,0))", "9".repeat(38)],
    ["{'a': [1]}::VARIANT", "CAST(v AS JSON)", '{"a":[1]}'],
    ["'12'::BIGNUM", "CAST(v AS VARCHAR)", "12"],
    ["'POINT (1 2)'::GEOMETRY", "CAST(v AS VARCHAR)", "POINT (1 2)"],
    ["union_value(n := 1)", "CAST(to_json(v) AS VARCHAR)", '{"n":1}'],
    ["row(1, 'x')", "CAST(v AS STRUCT(a INTEGER, b VARCHAR))", '{"a":"1","b":"x"}'],
  ];
  for (const [value] of casts)
    await expect(lake.make("types/refused", `SELECT ${value} AS v`)).rejects.toMatchObject({
      code: "schema.type_unsupported",
      remedy: expect.stringContaining("CAST("),
    });
  const query = `SELECT ${casts.map(([value, cast], i) => `${cast.replace("v", value)} AS c${i}`).join(", ")}`;
  const table = await lake.make("types/helped", query);
  await table.write(lake.session, { mode: "append", query });
  const answers = await readers.read(await lake.request(table));
  for (const reader of readerNames)
    expect({ reader, ...answers[reader] }).toEqual({
      reader,
      columns: expect.anything(),
      rows: [casts.map(([, , held]) => held)],
    });
});

test("a HUGEINT of 39 digits is refused with its value, not cut", async () => {
  const table = await lake.make("types/huge", "SELECT 1::HUGEINT AS h");
  const query = "SELECT 100000000000000000000000000000000000000::HUGEINT AS h";
  await expect(table.write(lake.session, { mode: "append", query })).rejects.toMatchObject({
    code: "engine.query_failed",
    message: expect.stringMatching(/100000000000000000000000000000000000000.*DECIMAL\(38,0\)/s),
  });
});

test("a lake whose folder has blanks, accents and quotes in its name", async () => {
  const awkward = await openTestLake("the lake é 'x'");
  try {
    const table = await awkward.make("ns/t", "SELECT 1 AS a");
    await table.write(awkward.session, { mode: "append", query: "SELECT 1 AS a" });
    // polars 2.1.0 asks the file system for the percent-encoded name of a Delta file, and finds none.
    const names = readerNames.filter((name) => name !== "polars_delta");
    const answers = await readers.read({ ...(await awkward.request(table)), readers: names });
    for (const reader of names)
      expect({ reader, ...answers[reader] }).toEqual({ reader, columns: ["a"], rows: [["1"]] });
  } finally {
    await awkward.remove();
  }
});
