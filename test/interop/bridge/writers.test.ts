import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { propertyIdentifying, scan } from "../../../src/table/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";

const PYTHON = new URL("../../../.venv/bin/python", import.meta.url).pathname;

interface Step {
  readonly step: string;
  readonly version?: number;
  readonly rows?: number;
  /** Whether the engine and delta-rs read the same rows right after the step. */
  readonly same?: boolean;
  readonly why?: string;
}

let served: ServedProject;
let token: string;

beforeAll(async () => {
  served = await servedProject({ lake: "./lake" });
  token = await served.token("owner", "admin");
});
afterAll(() => served.close());

async function steps(script: string, ...args: string[]): Promise<Step[]> {
  const file = new URL(script, import.meta.url).pathname;
  const uri = `${served.server.url}/iceberg`;
  const { stdout } = await promisify(execFile)(PYTHON, ["-W", "ignore", file, uri, token, ...args]);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Step);
}

async function count(name: string): Promise<number> {
  const snapshot = await served.catalog.snapshot(name);
  const relation = await scan(served.session, snapshot!);
  const [row] = await served.session.rows<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${relation}`);
  return row!.n;
}

describe.each(["none", "identity"])("PyIceberg, partitions: %s", (partitioned) => {
  test("each of its commits is one of Delta, and what Delta cannot hold is refused", async () => {
    const seen = await steps("write_pyiceberg.py", `py_${partitioned}`, partitioned);
    expect(
      seen.filter(({ same }) => same !== undefined).map(({ step, rows, same }) => [step, rows, same]),
    ).toEqual([
      ["created", 0, true],
      ["appended", 5, true],
      ["appended again", 9, true],
      ["a row deleted, its file written again", 8, true],
      ["overwritten", 7, true],
      ["a column added", 7, true],
      ["appended with it", 9, true],
      ["a column dropped", 9, true],
      ["several changes in one commit", 11, true],
      ["a column renamed", 11, true],
      ["columns widened", 11, true],
      ["appended under the new names", 13, true],
      ["a dropped name comes back with another type", 13, true],
      ["appended with it again", 15, true],
      ["as before", 15, true],
    ]);
    const why = Object.fromEntries(
      seen.flatMap((one) => (one.why === undefined ? [] : [[one.step, one.why]])),
    );
    expect(why).toEqual({
      "a rename and rows at once": expect.stringMatching(
        /town is renamed to place.*Commit the change of columns by itself/,
      ),
      "rows that were written before a rename": expect.stringMatching(
        /the column place was called town.*Run the statement again/,
      ),
      ...(partitioned === "identity"
        ? { "a partition column's rename": expect.stringMatching(/partitioned by region/) }
        : {}),
      "rows on a branch are refused": expect.stringMatching(/not on the branch main/),
    });

    // OneCopy reads and goes on with it, and both sides see that.
    const name = `py_${partitioned}.py_${partitioned}`;
    expect(await count(name)).toBe(15);
    const table = await served.catalog.find(name);
    await table!.write(served.session, { mode: "append", query: "SELECT 7777 AS id, 'ours' AS region" });
    await table!.delete(served.session, { where: "region = 'north'" });
    expect(await count(name)).toBe(14);
    expect(await steps("read_catalog.py", name)).toHaveLength(14);
    expect(await table!.compact(served.session)).toMatchObject({ isDone: true });
    await table!.vacuum();
    expect(await count(name)).toBe(14);
    expect(await steps("read_catalog.py", name)).toHaveLength(14);
  });
});

test("DuckDB creates, appends, deletes, updates, merges and adds a column, without deletion vectors", async () => {
  const lake = served.project.lake.locate("x").slice(0, -2);
  const seen = await steps("write_duckdb.py", "by_duckdb", lake);
  expect(seen.map(({ step, version, rows, same }) => [step, version, rows, same])).toEqual([
    ["created", 0, 0, true],
    ["appended", 1, 10, true],
    ["appended again", 2, 11, true],
    ["rows deleted", 3, 9, true],
    ["deleted from the same file", 4, 8, true],
    ["updated", 5, 8, true],
    ["merged", 6, 9, true],
    ["a column added", 7, 9, true],
  ]);
  const name = "by_duckdb.duck";
  expect(await count(name)).toBe(9);
  const table = await served.catalog.find(name);
  await table!.write(served.session, { mode: "append", query: "SELECT 7777 AS id, 'ours' AS name" });
  await table!.delete(served.session, { where: "id < 5" });
  expect(await count(name)).toBe(7);
  expect(await steps("read_catalog.py", name)).toHaveLength(7);
  expect([...(await table!.snapshot()).files].every((file) => file.deletionVector === undefined)).toBe(true);
});

describe.each([
  { vectors: "true", partitionBy: [] },
  { vectors: "true", partitionBy: ["side"] },
  { vectors: "false", partitionBy: ["side"] },
])(
  "DuckDB on a table of OneCopy's, deletion vectors: $vectors, partitions: $partitionBy",
  ({ vectors, partitionBy }) => {
    test("its deletes and updates are Delta's at once, and OneCopy goes on with them", async () => {
      const name = `marked.by_${vectors}_${partitionBy.length}`;
      const table = await served.catalog.create(name, {
        schema: schemaOf([
          { name: "id", type: "BIGINT" },
          { name: "name", type: "VARCHAR" },
          { name: "side", type: "VARCHAR" },
        ]),
        partitionBy,
        properties: { "delta.enableDeletionVectors": vectors },
      });
      const lake = served.project.lake.locate("x").slice(0, -2);
      const seen = await steps("delete_duckdb.py", name, lake);
      expect(seen.map(({ step, rows, same, why }) => [step, rows ?? why, same])).toEqual([
        ["inserted", 100, true],
        ["inserted again", 200, true],
        ["deleted in both files", 180, true],
        ["deleted again in the same files", 160, true],
        ["updated", 160, true],
        ["a whole file deleted", 80, true],
        ["several changes in one commit", 81, true],
        ["lost a race: refused", expect.stringMatching(/has changed|conflict/i), undefined],
        ["lost a race", 80, true],
        ["tried again", 79, true],
      ]);
      expect(await count(name)).toBe(79);
      await table.delete(served.session, { where: "id BETWEEN 10 AND 20" });
      expect(await count(name)).toBe(70);
      expect(await steps("read_catalog.py", name)).toHaveLength(70);
      expect(await table.compact(served.session)).toMatchObject({ isDone: true });
      await table.vacuum();
      expect(await count(name)).toBe(70);
      expect(await steps("read_catalog.py", name)).toHaveLength(70);
    });
  },
);

test("an identifying column: PyIceberg leaves its values out of manifests, as the table says", async () => {
  const table = await served.catalog.create("named.people", {
    schema: schemaOf([
      { name: "id", type: "BIGINT" },
      { name: "email", type: "VARCHAR" },
    ]),
    properties: { [propertyIdentifying]: '["email"]' },
  });
  expect(await steps("append_catalog.py", "named.people")).toEqual([
    { step: "appended", rows: 2, same: true },
  ]);
  const { version, files } = await table.snapshot();
  expect([version, [...files].map(({ stats }) => stats).join()]).toEqual([
    1,
    expect.not.stringContaining("@"),
  ]);
});
