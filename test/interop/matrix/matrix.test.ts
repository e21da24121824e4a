import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { Table, scan } from "../../../src/table/index.ts";
import { Spark } from "../spark/spark.ts";
import { type TestLake, openTestLake } from "../table/lake.ts";
import { type Answer, Readers } from "../table/readers.ts";
import { type Found, compare } from "./cell.ts";
import { type MatrixColumn, columns, rowsQuery, zoneless } from "./column.ts";
import { isKnown, known, shows } from "./known.ts";
import { type Bench, type MatrixOperation, operations } from "./operation.ts";
import { type Row, interopPage, rowLine } from "./page.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const python = [
  "delta_rs",
  "duckdb_delta",
  "polars_delta",
  "pyiceberg",
  "duckdb_iceberg",
  "polars_iceberg",
  "pandas",
];

let lake: TestLake;
let readers: Readers;
let spark: Spark;
let bench: Bench;
beforeAll(async () => {
  [lake, spark] = await Promise.all([openTestLake(), Spark.open()]);
  readers = new Readers();
  const deltaRs = async (folder: string, ...changes: string[]): Promise<void> => {
    await promisify(execFile)(`${root}.venv/bin/python`, [
      `${root}test/interop/matrix/delta_rs.py`,
      folder,
      ...changes,
    ]);
  };
  bench = { lake, session: lake.session, spark, deltaRs };
}, 300_000);
afterAll(async () => {
  await readers.close();
  await spark.close();
  await lake.remove();
});

/** The page is made anew; otherwise a part of its rows is run, and compared with it. */
const whole = process.env["ONECOPY_INTEROP"] === "write";
const page: Row[] = [];
let tables = 0;

const withZoneless: MatrixOperation = {
  name: "append, with timestamps without a zone",
  run: async () => undefined,
};
const run = whole ? operations : operations.filter(({ brief }) => brief);

describe("what each reader makes of the table after an operation", { timeout: 600_000 }, () => {
  test.each(run.map((operation) => [operation.name, operation] as const))("%s", async (_, operation) =>
    expectKnown(operation, columns),
  );

  test.runIf(whole)("timestamps without a zone", () => expectKnown(withZoneless, [columns[0]!, zoneless]));
});

test("the page is what this run found", async () => {
  const file = join(root, "docs/interop.md");
  if (whole) {
    expect(page.length).toBe(operations.length + 1);
    await writeFile(file, interopPage(page, known));
    await promisify(execFile)(`${root}node_modules/.bin/oxfmt`, ["--write", file]);
    const unused = known.filter(
      (one) =>
        !page.some(({ name, found }) =>
          Object.entries(found).some(([reader, cell]) => shows(one, name, reader, cell)),
        ),
    );
    expect(unused).toEqual([]);
  }
  // The formatter pads the cells.
  const lines = (await readFile(file, "utf8")).replaceAll(/ +/g, " ").split("\n");
  const missing = page.map((row) => rowLine(row)).filter((line) => !lines.includes(line));
  expect(missing, "docs/interop.md is out of date: npm run test:interop -- --write").toEqual([]);
  for (const { name } of [...operations, withZoneless])
    expect(
      lines.some((line) => line.startsWith(`| ${name} |`)),
      `docs/interop.md lacks ${name}`,
    ).toBe(true);
});

async function expectKnown(operation: MatrixOperation, of: readonly MatrixColumn[]): Promise<void> {
  const folder = `matrix/${tables++}`;
  const table = await makeTable(folder, operation, of);
  const other = await operation.run(bench, table, lake.store.locate(folder));
  const read = other instanceof Table ? other : table;
  expect(await read.heal()).toMatchObject({ blocked: undefined });

  const all = rowsQuery(of, 0, 1, 2, 3);
  const stored = of.map(({ name, engineType }) =>
    ["UUID", "TIME"].includes(engineType)
      ? `"${name}"::VARCHAR AS "${name}"`
      : engineType === "UBIGINT"
        ? `"${name}"::DECIMAL(20,0) AS "${name}"`
        : `"${name}"`,
  );
  const expected = await readers.evaluate(
    `WITH t AS (SELECT ${stored.join(", ")} FROM (${all})) ${operation.expected ?? "SELECT * FROM t"}`,
  );
  const found: Record<string, Found> = {};
  for (const [reader, answer] of Object.entries(await readAll(read, operation.version)))
    found[reader] = compare(expected, answer);
  page.push({
    name: operation.name,
    types: Object.fromEntries(of.map(({ name, type }) => [name, type])),
    found,
  });
  expect(found["onecopy"]).toEqual({ kind: "read", wrong: [] });
  const surprises = Object.entries(found).filter(([reader, cell]) => !isKnown(operation.name, reader, cell));
  expect(surprises.map((one) => JSON.stringify(one)).join("\n")).toBe("");
}

async function makeTable(
  folder: string,
  operation: MatrixOperation,
  of: readonly MatrixColumn[],
): Promise<Table> {
  const schema = schemaOf(await lake.session.describe(rowsQuery(of, 0)));
  const fields = schema.fields.map((field, i) => ({ ...field, type: of[i]!.logicalType ?? field.type }));
  const { partitionBy = [], properties = {} } = operation;
  const definition = { schema: { ...schema, fields }, partitionBy, properties };
  expect(await Table.create(lake.store, folder, definition)).toMatchObject({ kind: "committed" });
  const table = await Table.open(lake.store, folder);
  for (const rows of [
    [0, 1],
    [2, 3],
  ])
    expect(await table.write(lake.session, { mode: "append", query: rowsQuery(of, ...rows) })).toMatchObject({
      kind: "committed",
    });
  return table;
}

async function readAll(table: Table, version?: number): Promise<Record<string, Answer>> {
  const request = await lake.request(table, version);
  const own = join(lake.path, "own.parquet");
  const relation = await scan(lake.session, await table.snapshot(version));
  await lake.session.run(`COPY (SELECT * FROM ${relation}) TO '${own}' (FORMAT parquet)`);
  const [found, sparkDelta, sparkIceberg] = await Promise.all([
    readers.read({ ...request, readers: python }),
    spark.readDelta(request.delta, request.version),
    spark.readIceberg(request.metadata),
  ]);
  return {
    ...found,
    spark_delta: sparkDelta,
    spark_iceberg: sparkIceberg,
    onecopy: await readers.evaluate(`SELECT * FROM read_parquet('${own}')`),
  };
}
