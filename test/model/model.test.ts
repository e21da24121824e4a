import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Session } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import { icebergRows } from "./iceberg-rows.ts";
import { type Model, type Operation, apply, operation } from "./model.ts";
import { inOwnLake, patience } from "./own-lake.ts";
import { kinds, perform, rowsOf, schema, text, texts } from "./play.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/** Sequences a kind of table; `MODEL_RUNS` for more. */
const runs = Number(process.env["MODEL_RUNS"] ?? 12);

let base: string;
let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-model-");
  ({ base, session } = bench);
});
afterAll(async () => {
  await bench.close();
});

describe("random operations leave the rows that an array of rows has, in both formats", () => {
  test.each(kinds)(
    "$name",
    async ({ name, properties, partitionBy }) => {
      const seeds = JSON.parse(await readFile(new URL("seeds.json", import.meta.url), "utf8")) as Record<
        string,
        { seed: number; path: string }[]
      >;
      const property = inOwnLake(
        base,
        name,
        fc.array(operation, { minLength: 1, maxLength: 10 }),
        async (lake, ops) => await play(lake, properties, partitionBy, ops),
      );
      for (const known of seeds[name] ?? []) await fc.assert(property, { ...known, endOnFailure: true });
      await fc.assert(property, { numRuns: runs, ...patience });
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
    const outcome = await perform(session, table, op);
    expect(outcome, op.kind).toMatchObject({ kind: "committed", version: history.length });
    model = apply(model, op);
    history.push(model);
    const snapshot = await table.snapshot();
    expect(await rowsOf(session, await scan(session, snapshot)), `Delta after ${op.kind}`).toEqual(
      texts(model),
    );
    expect(await icebergRows(session, snapshot), `Iceberg after ${op.kind}`).toEqual(texts(model));
    await expectChanges(table, before, history[before]!, model);
  }
  for (const [version, then] of history.entries())
    expect(
      await rowsOf(session, await scan(session, await table.snapshot(version))),
      `version ${version}`,
    ).toEqual(texts(then));
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
