import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Table } from "../../../src/table/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { type Filter, Readers, readerNames } from "./readers.ts";

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

/** Type, and its values: as text (SQL takes it, and so does a filter), how the readers give it back, and Delta's text. */
const columns: readonly (readonly [string, readonly (readonly [string, string?, string?])[]])[] = [
  ["BOOLEAN", [["true"], ["false"]]],
  ["TINYINT", [["-128"], ["127"]]],
  ["SMALLINT", [["-32768"], ["32767"]]],
  ["INTEGER", [["-2147483648"], ["0"], ["2147483647"]]],
  ["BIGINT", [["-9223372036854775808"], ["9007199254740993"], ["9223372036854775807"]]],
  ["DECIMAL(9,2)", [["0.00"], ["0.01"], ["9999999.99"]]],
  ["DECIMAL(38,10)", [["0.0000000001"], ["9999999999999999999999999999.9999999999"]]],
  [
    "VARCHAR",
    [
      [" "],
      ["NULL"],
      ["__HIVE_DEFAULT_PARTITION__"],
      ["a b/c%2F=+?[x]*é🐎"],
      [`'"\\`],
      ["🐎x".repeat(100)],
      ["\u{10ffff}".repeat(30)],
    ],
  ],
  ["DATE", [["0001-01-01"], ["1582-10-10"], ["9999-12-31"]]],
  [
    "TIMESTAMP WITH TIME ZONE",
    [
      ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00.000000", "0001-01-01T00:00:00.000000Z"],
      ["1969-12-31T23:59:59.123456+00:00", "1969-12-31T23:59:59.123456", "1969-12-31T23:59:59.123456Z"],
      ["9999-12-31T23:59:59.999999+00:00", "9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z"],
    ],
  ],
  [
    "TIMESTAMP",
    [
      ["0001-01-01T00:00:00", "0001-01-01T00:00:00.000000 (no zone)", "0001-01-01 00:00:00.000000"],
      ["1969-12-31T23:59:59.123456", "1969-12-31T23:59:59.123456 (no zone)", "1969-12-31 23:59:59.123456"],
    ],
  ],
];

async function partitioned(folder: string, type: string): Promise<Table> {
  const made = schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "p", type },
  ]);
  const schema =
    type === "TIMESTAMP"
      ? (JSON.parse(JSON.stringify(made).replace('"timestamp"', '"timestamp_ntz"')) as typeof made)
      : made;
  await Table.create(lake.store, folder, { schema, partitionBy: ["p"] });
  return await Table.open(lake.store, folder);
}

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

describe("partitions of every type, with the null partition", () => {
  test.each(columns)("%s: each reader returns the rows, and finds each value", async (type, values) => {
    const table = await partitioned(`partitions/${type.replaceAll(/\W/g, "-")}`, type);
    const rows = [
      ...values.map(([value], i) => `SELECT ${i}::BIGINT AS id, CAST(${literal(value)} AS ${type}) AS p`),
      `SELECT ${values.length}::BIGINT AS id, CAST(NULL AS ${type}) AS p`,
    ];
    const query = rows.join(" UNION ALL ");
    expect(await table.write(lake.session, { mode: "append", query })).toMatchObject({ kind: "committed" });

    const { files } = await table.snapshot();
    const inLog = [...files].map(({ partitionValues }) => partitionValues["p"]);
    expect(new Set(inLog)).toEqual(new Set([null, ...values.map(([value, , delta]) => delta ?? value)]));
    // Polars takes folders that look like partitions for their values.
    const data = join(lake.store.locate(table.folder), "data");
    expect(readdirSync(data).every((name) => /^[^=/]+\.parquet$/.test(name))).toBe(true);

    const request = await lake.request(table);
    const answers = await readers.read(request);
    const expected = [
      ...values.map(([value, text], i) => [String(i), text ?? value]),
      [String(values.length), null],
    ];
    for (const reader of readerNames)
      expect({ reader, ...answers[reader] }).toEqual({ reader, columns: ["id", "p"], rows: expected });

    const names = readerNames.filter((name) => name !== "pandas");
    const filters = [
      ...values.map(([value]): Filter => ({ column: "p", op: "=", value, type })),
      { column: "p", op: "null", value: "", type } as const,
    ];
    for (const [i, filter] of filters.entries()) {
      // delta-rs takes the literal for nanoseconds, which go from 1677 to 2262.
      const able = names.filter(
        (name) => name !== "delta_rs" || !type.startsWith("TIMESTAMP") || !/^[09]/.test(filter.value),
      );
      const found = await readers.read({ ...request, filter, readers: able });
      for (const reader of able)
        expect({ reader, filter, ...found[reader] }).toEqual({
          reader,
          filter,
          columns: ["id", "p"],
          rows: [expected[i]],
        });
    }
  });

  test("several columns, in many files, sorted inside", async () => {
    const schema = schemaOf([
      { name: "country", type: "VARCHAR" },
      { name: "n", type: "INTEGER" },
      { name: "day", type: "DATE" },
    ]);
    await Table.create(lake.store, "partitions/several", {
      schema,
      partitionBy: ["day", "country"],
      properties: { "onecopy.sort-by": '["n"]' },
    });
    const table = await Table.open(lake.store, "partitions/several");
    await table.write(lake.session, {
      mode: "append",
      query: `SELECT CASE WHEN i % 3 > 0 THEN 'c' || i % 3 END AS country, (99 - i)::INTEGER AS n,
        DATE '2020-01-01' + (i % 5)::INTEGER AS day FROM range(100) r(i)`,
    });
    expect((await table.snapshot()).files.count).toBe(15);
    const answers = await readers.read({
      ...(await lake.request(table)),
      filter: { column: "country", op: "null", value: "", type: "VARCHAR" },
    });
    const expected = Array.from({ length: 34 }, (_, k) => [
      null,
      String(99 - 3 * k),
      `2020-01-0${((3 * k) % 5) + 1}`,
    ]);
    for (const reader of readerNames.filter((name) => name !== "pandas")) {
      const answer = answers[reader]!;
      if ("error" in answer) throw new Error(`${reader}: ${answer.error}`);
      expect({ reader, rows: new Set(answer.rows.map(String)) }).toEqual({
        reader,
        rows: new Set(expected.map(String)),
      });
    }
  });

  test("a decimal below zero: delta-rs (to_pyarrow_table) says that it cannot, all others read it", async () => {
    const table = await partitioned("partitions/negative", "DECIMAL(9,2)");
    await table.write(lake.session, { mode: "append", query: "SELECT 1 AS id, -1.50 AS p" });
    const answers = await readers.read(await lake.request(table));
    for (const reader of readerNames)
      expect({ reader, ...answers[reader] }).toEqual(
        reader === "delta_rs" || reader === "pandas"
          ? { reader, error: expect.stringContaining("is not a valid decimal128") }
          : { reader, columns: ["id", "p"], rows: [["1", "-1.50"]] },
      );
  });
});
