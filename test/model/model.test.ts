import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, literal, openEngine } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { type CommitOutcome, Table, scan } from "../../src/table/index.ts";
import { type Model, type Operation, type Row, apply, operation } from "./model.ts";
import { icebergRows } from "./iceberg-rows.ts";

/** Sequences a kind of table; `MODEL_RUNS` for more. */
const runs = Number(process.env["MODEL_RUNS"] ?? 12);

let base: string;
let engine: Engine;
let session: Session;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-model-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});

const schema = schemaOf([
  { name: "id", type: "BIGINT" },
  { name: "part", type: "VARCHAR" },
  { name: "n", type: "INTEGER" },
  { name: "tags", type: "VARCHAR[]" },
]);

/** Kinds of tables; each failing seed that was found stays in its list, and is replayed first. */
const kinds = [
  { name: "copy-on-write", properties: {}, partitionBy: [] },
  {
    name: "copy-on-write, partitioned and sorted",
    properties: { "onecopy.sort-by": '["n"]' },
    partitionBy: ["part"],
  },
  { name: "deletion vectors", properties: { "delta.enableDeletionVectors": "true" }, partitionBy: [] },
  {
    name: "deletion vectors, partitioned",
    properties: { "delta.enableDeletionVectors": "true" },
    partitionBy: ["part"],
  },
] as const;

describe("random operations leave the rows that an array of rows has, in both formats", () => {
  test.each(kinds)(
    "$name",
    async ({ name, properties, partitionBy }) => {
      const seeds = JSON.parse(await readFile(new URL("seeds.json", import.meta.url), "utf8")) as Record<
        string,
        { seed: number; path: string }[]
      >;
      let count = 0;
      const property = fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 10 }), async (ops) => {
        const lake = join(base, `${name.replaceAll(/\W+/g, "-")}-${count++}`);
        await play(lake, properties, partitionBy, ops);
        await rm(lake, { recursive: true });
      });
      for (const known of seeds[name] ?? []) await fc.assert(property, { ...known, endOnFailure: true });
      await fc.assert(property, {
        numRuns: runs,
        interruptAfterTimeLimit: 100_000,
        markInterruptAsFailure: false,
      });
    },
    400_000,
  );
});

async function play(
  lake: string,
  properties: Readonly<Record<string, string>>,
  partitionBy: readonly string[],
  ops: readonly Operation[],
): Promise<void> {
  const store = openStore(lake);
  await Table.create(store, "ns/t", { schema, properties, partitionBy });
  let table = await Table.open(store, "ns/t");
  let model: Model = [];
  const history: Model[] = [model];
  for (const op of ops) {
    if (op.kind === "overwritePartitions" && partitionBy.length === 0) continue;
    if (op.kind === "reopen") {
      table = await Table.open(store, "ns/t");
      continue;
    }
    const before = history.length - 1;
    const outcome = await perform(table, op);
    expect(outcome, op.kind).toMatchObject({ kind: "committed", version: history.length });
    model = apply(model, op);
    history.push(model);
    const snapshot = await table.snapshot();
    expect(await rowsOf(await scan(session, snapshot)), `Delta after ${op.kind}`).toEqual(texts(model));
    expect(await icebergRows(session, snapshot, rowsOf), `Iceberg after ${op.kind}`).toEqual(texts(model));
    await expectChanges(table, before, history[before]!, model);
  }
  for (const [version, then] of history.entries())
    expect(await rowsOf(await scan(session, await table.snapshot(version))), `version ${version}`).toEqual(
      texts(then),
    );
}

async function perform(table: Table, op: Exclude<Operation, { kind: "reopen" }>): Promise<CommitOutcome> {
  switch (op.kind) {
    case "append":
    case "overwrite":
      return await table.write(session, { mode: op.kind, query: values(op.rows) });
    case "overwriteWhere":
      return await table.write(session, {
        mode: "overwrite",
        query: values(op.rows),
        replace: { where: `id < ${op.below}` },
      });
    case "overwritePartitions":
      return await table.write(session, { mode: "overwrite", query: values(op.rows), replace: "partitions" });
    case "delete":
      return await table.delete(session, { where: op.condition.sql });
    case "update":
      return await table.update(session, { where: op.condition.sql, set: { n: String(op.n) } });
    case "merge": {
      const gone = op.rows.flatMap(({ id }, i) => (op.deleted[i] === true ? [id] : []));
      return await table.merge(session, {
        query: `SELECT *, list_contains([${gone.join(", ")}]::BIGINT[], id) AS gone FROM (${values(op.rows)})`,
        on: ["id"],
        deleteColumn: "gone",
      });
    }
  }
}

/** Deletes and inserts, taken from the rows before, give the rows after. */
async function expectChanges(table: Table, from: number, before: Model, after: Model): Promise<void> {
  const found = await session.rows<{ type: string; row: string }>(
    `SELECT _change_type AS type, ${text("c")} AS row FROM ${await table.changes(session, { from })} AS c`,
  );
  const rows = [...texts(before)];
  for (const { type, row } of found) {
    if (type !== "delete" && type !== "update_preimage") continue;
    const at = rows.indexOf(row);
    expect(at, `a change that took away ${row}`).toBeGreaterThanOrEqual(0);
    rows.splice(at, 1);
  }
  rows.push(...found.filter(({ type }) => /insert|postimage/.test(type)).map(({ row }) => row));
  expect(rows.sort()).toEqual(texts(after));
  const pairs = (type: string): number => found.filter((one) => one.type === type).length;
  expect(pairs("update_preimage")).toBe(pairs("update_postimage"));
}

const text = (alias: string): string =>
  `CAST(to_json({${["id", "part", "n", "tags"].map((name) => `${name}: ${alias}.${name}`).join(", ")}}) AS VARCHAR)`;

async function rowsOf(relation: string): Promise<string[]> {
  const rows = await session.rows<{ row: string }>(`SELECT ${text("t")} AS row FROM ${relation} AS t`);
  return rows.map(({ row }) => row).sort();
}

function texts(model: Model): string[] {
  return model.map(({ id, part, n, tags }) => JSON.stringify({ id, part, n, tags })).sort();
}

function values(rows: readonly Row[]): string {
  const types = "id::BIGINT AS id, part::VARCHAR AS part, n::INTEGER AS n, tags::VARCHAR[] AS tags";
  if (rows.length === 0)
    return `SELECT ${types} FROM (SELECT 0 AS id, NULL AS part, NULL AS n, NULL AS tags) WHERE false`;
  const list = rows.map(({ id, part, n, tags }) => {
    const words = tags === null ? "NULL" : `[${tags.map(literal).join(", ")}]::VARCHAR[]`;
    return `(${id}, ${literal(part)}, ${literal(n)}, ${words})`;
  });
  return `SELECT ${types} FROM (VALUES ${list.join(", ")}) AS v(id, part, n, tags)`;
}
