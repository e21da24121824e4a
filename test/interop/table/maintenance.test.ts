import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { Table, scan } from "../../../src/table/index.ts";
import { found } from "./healed.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { deltaRs, expireByPyIceberg } from "./python.ts";
import { type Rows, Readers, readerNames, sorted } from "./readers.ts";

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

const rowsOf = (...ids: number[]): string =>
  `SELECT i::BIGINT AS id, 'p' || i % 2 AS part, 'n' || i AS name FROM (SELECT unnest([${ids.join(",")}]) AS i)`;

/** A table with a past: files that came and went in every way that there is. */
interface Subject {
  readonly name: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly partitionBy?: readonly string[];
  /** Who can read it at all (docs/interop.md). */
  readonly names: readonly string[];
  readonly steps: readonly ((table: Table) => Promise<unknown>)[];
}

const append =
  (...ids: number[]) =>
  async (table: Table) =>
    await table.write(lake.session, { mode: "append", query: rowsOf(...ids) });
const overwrite =
  (...ids: number[]) =>
  async (table: Table) =>
    await table.write(lake.session, { mode: "overwrite", query: rowsOf(...ids) });
const changed: Subject["steps"] = [
  append(1, 2, 3, 4),
  append(5, 6, 7, 8),
  async (table) => await table.delete(lake.session, { where: "id IN (2, 6)" }),
  async (table) => await table.update(lake.session, { where: "id = 3", set: { name: "'changed'" } }),
  async (table) => await table.merge(lake.session, { query: `${rowsOf(4, 9)} `, on: ["id"] }),
  async (table) =>
    await table.compact(lake.session).then(({ versions }) => ({ versions, kind: "committed" })),
  append(10, 11),
  async (table) => await table.delete(lake.session, { where: "id = 10" }),
];
const subjects: readonly Subject[] = [
  { name: "plain", names: readerNames, steps: [...changed, overwrite(20, 21), append(22)] },
  {
    name: "vectors",
    properties: { "delta.enableDeletionVectors": "true" },
    names: ["duckdb_delta", "polars_delta", "pyiceberg", "duckdb_iceberg", "polars_iceberg"],
    steps: changed,
  },
  {
    name: "partitioned",
    partitionBy: ["part"],
    names: readerNames,
    steps: [
      ...changed,
      async (table) =>
        await table.write(lake.session, {
          mode: "overwrite",
          query: rowsOf(30, 32),
          replace: { where: "part = 'p0'" },
        }),
    ],
  },
  {
    name: "restored",
    names: readerNames,
    steps: [append(1, 2), overwrite(3, 4), append(5), async (table) => await table.restore({ version: 1 })],
  },
];

async function make(subject: Subject, folder: string): Promise<Table> {
  const { properties = {}, partitionBy = [] } = subject;
  const schema = schemaOf(await lake.session.describe(rowsOf(1)));
  await Table.create(lake.store, folder, { schema, properties, partitionBy });
  const table = await Table.open(lake.store, folder);
  for (const [i, step] of subject.steps.entries())
    expect({ step: i, ...((await step(table)) as object) }).toMatchObject({ step: i, kind: "committed" });
  return table;
}

async function own(table: Table, version?: number): Promise<Rows> {
  const relation = await scan(lake.session, await table.snapshot(version));
  const rows = await lake.session.rows(`SELECT id::VARCHAR AS id, part, name FROM ${relation}`);
  return sorted(rows.map((row) => Object.values(row) as (string | null)[]));
}

/** What every version holds. */
async function past(table: Table): Promise<Rows[]> {
  const { version } = await table.snapshot();
  const rows: Rows[] = [];
  for (let i = 0; i <= version; i++) rows.push(await own(table, i));
  return rows;
}

/** A version is these rows for all: OneCopy, and other readers of both formats. */
async function expectRows(
  table: Table,
  version: number,
  rows: Rows,
  names: readonly string[],
): Promise<void> {
  const answers = await readers.read({ ...(await lake.request(table, version)), readers: names });
  const all: Record<string, unknown> = { onecopy: await own(table, version) };
  for (const name of names) all[name] = found(answers[name]).rows;
  const expected = Object.fromEntries(Object.keys(all).map((name) => [name, rows]));
  expect({ version, ...all }).toEqual({ version, ...expected });
}

/** Every file looks as if it was written long ago, so that what a log does not name is too old for nobody's write to need it. */
function age(folder: string, days: number): void {
  const then = Date.now() / 1000 - days * 86_400;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (!name.startsWith("_delta_log")) utimesSync(join(folder, name), then, then);
}

const location = (table: Table): string => lake.store.locate(table.folder);

test.each(subjects)(
  "$name: what delta-rs vacuums and PyIceberg expires leaves every version that the table keeps, in both formats",
  async (subject) => {
    const table = await make(subject, `kept/${subject.name}`);
    const before = await past(table);
    const folder = location(table);
    await expireByPyIceberg((await lake.request(table)).metadata);
    age(folder, 60);
    await deltaRs(folder, "vacuum-kept-lite", "vacuum-kept");
    expect(await table.heal()).toMatchObject({ blocked: undefined });
    for (const [version, rows] of before.entries()) await expectRows(table, version, rows, subject.names);
    await append(100)(table);
    const { version } = await table.snapshot();
    await expectRows(table, version, sorted([...before.at(-1)!, ["100", "p0", "n100"]]), subject.names);
  },
);

test.each(subjects)(
  "$name: a vacuum that keeps only the newest version leaves it in both formats, and older ones say that they are gone",
  async (subject) => {
    const table = await make(subject, `newest/${subject.name}`);
    const before = await past(table);
    await deltaRs(location(table), "vacuum-lite", "vacuum");
    await table.heal();
    await expectRows(table, before.length - 1, before.at(-1)!, subject.names);
    let gone = 0;
    for (const [version, rows] of before.entries()) {
      const request = await lake.request(table, version);
      const answers = await readers.read({ ...request, readers: ["duckdb_delta", "duckdb_iceberg"] });
      for (const answer of Object.values(answers))
        if ("error" in answer) gone++;
        else expect({ version, rows: sorted(answer.rows) }).toEqual({ version, rows });
    }
    expect(gone).toBeGreaterThan(0);
    const { expiredSnapshots } = await table.vacuum({ graceMs: 0 });
    expect(expiredSnapshots).toBeGreaterThan(0);
    await append(100)(table);
    const { version } = await table.snapshot();
    await expectRows(table, version, sorted([...before.at(-1)!, ["100", "p0", "n100"]]), subject.names);
  },
);
