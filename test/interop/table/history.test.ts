import { afterAll, beforeAll, expect, test } from "vitest";
import { scan } from "../../../src/table/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { Readers, readerNames, sorted } from "./readers.ts";

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

test("each version is the same for every reader, from the empty table on, whatever came later", async () => {
  const table = await lake.make("history/t", "SELECT 1::BIGINT AS id, 'x' AS name");
  const append = (query: string) => table.write(lake.session, { mode: "append", query });
  const steps: [() => Promise<unknown>, string[], (string | null)[][]][] = [
    [async () => ({ kind: "committed", version: 0 }), ["id", "name"], []],
    [() => append("SELECT 1::BIGINT AS id, 'a' AS name"), ["id", "name"], [["1", "a"]]],
    [() => append("SELECT 2::BIGINT AS id, NULL::VARCHAR AS name WHERE false"), ["id", "name"], [["1", "a"]]],
    [
      () => append("SELECT 2::BIGINT AS id"),
      ["id", "name"],
      [
        ["1", "a"],
        ["2", null],
      ],
    ],
    [
      () => table.evolve(lake.session, [{ kind: "add", path: ["Later"], type: "double" }]),
      ["id", "name", "Later"],
      [
        ["1", "a", null],
        ["2", null, null],
      ],
    ],
    [
      () => append("SELECT 0.5::DOUBLE AS later, 3 AS id"),
      ["id", "name", "Later"],
      [
        ["1", "a", null],
        ["2", null, null],
        ["3", null, "0.5"],
      ],
    ],
    [
      () =>
        table.write(lake.session, {
          mode: "append",
          query: "SELECT 9 AS id",
          removeFiles: (file) => file.path === first,
        }),
      ["id", "name", "Later"],
      [
        ["2", null, null],
        ["3", null, "0.5"],
        ["9", null, null],
      ],
    ],
    [
      () => table.write(lake.session, { mode: "overwrite", query: "SELECT 4 AS id, 'b' AS name" }),
      ["id", "name", "Later"],
      [["4", "b", null]],
    ],
    [
      () => table.write(lake.session, { mode: "overwrite", query: "SELECT 4 AS id WHERE false" }),
      ["id", "name", "Later"],
      [],
    ],
    [() => append("SELECT 5 AS id"), ["id", "name", "Later"], [["5", null, null]]],
  ];
  let first = "";
  for (const [version, [step]] of steps.entries()) {
    const outcome = await step();
    expect(outcome).toMatchObject({ kind: "committed", version });
    if (version === 1) first = [...(await table.snapshot()).files][0]!.path;
  }
  for (const [version, [, columns, rows]] of steps.entries()) {
    const answers = await readers.read(await lake.request(table, version));
    for (const reader of readerNames)
      expect({ version, reader, ...answers[reader] }).toEqual({ version, reader, columns, rows });
    const own = await lake.session.rows(
      `SELECT * FROM ${await scan(lake.session, await table.snapshot(version))} ORDER BY id`,
    );
    expect(
      own.map((row) => Object.values(row).map((value) => (value === null ? null : String(value)))),
    ).toEqual(rows);
  }
});

test("a filter on a column that older files lack", async () => {
  const table = await lake.make("history/added", "SELECT 1::BIGINT AS id");
  await table.write(lake.session, { mode: "append", query: "SELECT 1 AS id" });
  await table.evolve(lake.session, [{ kind: "add", path: ["late"], type: "string" }]);
  await table.write(lake.session, { mode: "append", query: "SELECT 2 AS id, 'x' AS late" });
  const request = await lake.request(table);
  const names = readerNames.filter((name) => name !== "pandas");
  for (const [op, id] of [
    ["=", "2"],
    ["null", "1"],
  ] as const) {
    const answers = await readers.read({
      ...request,
      readers: names,
      filter: { column: "late", op, value: "x", type: "VARCHAR" },
    });
    for (const reader of names)
      expect({ reader, op, ...answers[reader] }).toMatchObject({
        reader,
        op,
        rows: [[id, op === "=" ? "x" : null]],
      });
  }
});

test("more manifests than are kept apart are merged, and nothing is lost", async () => {
  const table = await lake.make("history/many", "SELECT 1::BIGINT AS id");
  for (let i = 0; i < 105; i++)
    await table.write(lake.session, { mode: "append", query: `SELECT ${i} AS id` });
  const answers = await readers.read(await lake.request(table));
  const expected = Array.from({ length: 105 }, (_, i) => [String(i)]);
  for (const reader of readerNames)
    expect({ reader, ...answers[reader] }).toEqual({ reader, columns: ["id"], rows: sorted(expected) });
});

test("a result larger than a file is split into several", async () => {
  const query = "SELECT i::BIGINT AS id, hash(i)::VARCHAR AS h FROM range(500000) r(i)";
  const table = await lake.make("history/large", query, { "delta.targetFileSize": "2000000" });
  expect(await table.write(lake.session, { mode: "append", query })).toEqual({
    kind: "committed",
    version: 1,
    rows: 500_000,
  });
  const snapshot = await table.snapshot();
  expect(snapshot.files.count).toBeGreaterThan(2);
  const request = await lake.request(table);
  const names = readerNames.filter((name) => name !== "pandas");
  const answers = await readers.read({
    ...request,
    readers: names,
    filter: { column: "id", op: ">", value: "499997", type: "BIGINT" },
  });
  for (const reader of names)
    expect({ reader, ...answers[reader] }).toMatchObject({
      reader,
      rows: [
        ["499998", expect.anything()],
        ["499999", expect.anything()],
      ],
    });
});
