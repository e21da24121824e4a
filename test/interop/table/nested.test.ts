import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Table, scan } from "../../../src/table/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { type Answers, type Filter, Readers, readerNames } from "./readers.ts";
import { nestedColumns, rowsOf } from "./values.ts";

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

const { queries: selects, rows: expected } = rowsOf(nestedColumns);
/** PyIceberg 0.12 turns a null list, and a null map, of structs into an empty one. */
const readByPyIceberg = expected.map((row) =>
  row.map((value, i) => (value === null && ["ls", "ms"].includes(nestedColumns[i]![0]) ? "[]" : value)),
);

describe("lists, maps and structs in each other, with nulls and empties", () => {
  test.each(["one file", "one file a row"])("%s: each reader returns the rows written", async (how) => {
    const table = await lake.make(`nested/${how.replaceAll(" ", "-")}`, selects[0]!);
    for (const query of how === "one file" ? [selects.join(" UNION ALL ")] : selects)
      expect(await table.write(lake.session, { mode: "append", query })).toMatchObject({ kind: "committed" });
    const answers = await readers.read(await lake.request(table));
    for (const reader of readerNames)
      expect({ reader, ...answers[reader] }).toEqual({
        reader,
        columns: nestedColumns.map(([name]) => name),
        rows: reader === "pyiceberg" ? readByPyIceberg : expected,
      });
    const relation = await scan(lake.session, await table.snapshot());
    const query = selects.join(" UNION ALL ");
    expect(
      await lake.session.rows(
        `SELECT count(*) AS n FROM ((${query}) EXCEPT ALL (SELECT * FROM ${relation}))`,
      ),
    ).toEqual([{ n: 0 }]);
  });

  test("a filter on a field of a struct finds its row, by bounds where they are", async () => {
    const rows = ["{'a': 1, 's': 'aaa', 'i': {'d': 1.5}}", "{'a': 900, 's': 'zzz', 'i': {'d': -7}}", "NULL"];
    const type = "STRUCT(a BIGINT, s VARCHAR, i STRUCT(d DOUBLE))";
    const table = await lake.make("nested/filter", `SELECT CAST(NULL AS ${type}) AS st`);
    for (const value of rows)
      await table.write(lake.session, { mode: "append", query: `SELECT CAST(${value} AS ${type}) AS st` });
    const filters: Filter[] = [
      { column: "st", fields: ["a"], op: "=", value: "900", type: "BIGINT" },
      { column: "st", fields: ["s"], op: "=", value: "aaa", type: "VARCHAR" },
      { column: "st", fields: ["i", "d"], op: "<", value: "0", type: "DOUBLE" },
      { column: "st", fields: ["a"], op: "null", value: "", type: "BIGINT" },
    ];
    const request = await lake.request(table);
    const names = readerNames.filter((name) => name !== "pandas");
    for (const filter of filters) {
      const answers = await readers.read({ ...request, filter, readers: names });
      for (const reader of names)
        expect({ reader, filter, rows: rowCount(answers, reader) }).toEqual({ reader, filter, rows: 1 });
    }
  });

  test("the query's values are cast part by part: by name, missing ones null, instants in UTC", async () => {
    const table = await lake.make(
      "nested/cast",
      "SELECT [{'a': 1::BIGINT, 'B': 1.5::DECIMAL(9,2), 't': TIMESTAMPTZ '2020-01-01 00:00:00+00'}] AS l",
    );
    await table.write(lake.session, {
      mode: "append",
      query:
        "SELECT [{'t': TIMESTAMP '2020-01-01 12:00:00', 'A': 7::TINYINT}]::STRUCT(t TIMESTAMP, A TINYINT)[1] AS l",
    });
    const answers = await readers.read(await lake.request(table));
    for (const reader of readerNames)
      expect({ reader, ...answers[reader] }).toEqual({
        reader,
        columns: ["l"],
        rows: [['[{"a":"7","B":null,"t":"2020-01-01T12:00:00.000000"}]']],
      });
  });
});

test("a timestamp without zone stays one where the schema asks for it, nested too", async () => {
  const made = schemaOf([
    { name: "nt", type: "TIMESTAMP" },
    { name: "l", type: "STRUCT(t TIMESTAMP)[]" },
  ]);
  const schema = JSON.parse(JSON.stringify(made).replaceAll('"timestamp"', '"timestamp_ntz"')) as typeof made;
  await Table.create(lake.store, "nested/ntz", { schema });
  const table = await Table.open(lake.store, "nested/ntz");
  const values = ["0001-01-01 00:00:00", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"];
  for (const value of values)
    await table.write(lake.session, {
      mode: "append",
      query: `SELECT TIMESTAMP '${value}' AS nt, [{'t': TIMESTAMP '${value}'}] AS l`,
    });
  const request = await lake.request(table);
  const answers = await readers.read(request);
  const texts = values.map((value) => `${value.replace(" ", "T").padEnd(20, ".").padEnd(26, "0")} (no zone)`);
  for (const reader of readerNames)
    expect({ reader, ...answers[reader] }).toEqual({
      reader,
      columns: ["nt", "l"],
      rows: texts.map((text) => [text, `[{"t":"${text}"}]`]),
    });
  for (const value of values) {
    // delta-rs takes the literal for nanoseconds, which end in 2262.
    const names = readerNames.filter(
      (name) => name !== "pandas" && (name !== "delta_rs" || value.startsWith("1969")),
    );
    const filter: Filter = { column: "nt", op: "=", value: value.replace(" ", "T"), type: "TIMESTAMP" };
    const found = await readers.read({ ...request, filter, readers: names });
    for (const reader of names)
      expect({ reader, value, rows: rowCount(found, reader) }).toEqual({ reader, value, rows: 1 });
  }
  await expect(
    table.write(lake.session, { mode: "append", query: "SELECT TIMESTAMPTZ '2020-01-01' AS nt" }),
  ).rejects.toMatchObject({ code: "table.column_type" });
});

function rowCount(answers: Answers, reader: string): number {
  const answer = answers[reader]!;
  if ("error" in answer) throw new Error(`${reader}: ${answer.error}`);
  return answer.rows.length;
}
