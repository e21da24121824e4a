import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Session } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import { icebergRows } from "../model/iceberg-rows.ts";
import type { Model } from "../model/model.ts";
import { inOwnLake, patience } from "../model/own-lake.ts";
import { kinds, rowsOf, schema, texts } from "../model/play.ts";
import { type Played, type Step, append, interval, step, take, values } from "./history.ts";
import { holding } from "./holding.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/** Histories a kind of table; `MODEL_RUNS` for more. */
const runs = Number(process.env["MODEL_RUNS"] ?? 3);

let base: string;
let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-purge-");
  ({ base, session } = bench);
});
afterAll(async () => {
  await bench.close();
});

describe("after any history, a purge leaves no byte of the values, and the other rows in both formats", () => {
  test.each(kinds)(
    "$name",
    async ({ name, properties, partitionBy }) => {
      const property = inOwnLake(
        base,
        name,
        fc.tuple(
          // A table that never had rows has nothing to purge.
          fc
            .tuple(append, fc.array(step, { minLength: 1, maxLength: 8 }))
            .map(([first, others]) => [first, ...others]),
          fc.subarray([...values], { minLength: 1, maxLength: 2 }),
        ),
        async (lake, [steps, purged]) => await play(lake, properties, partitionBy, steps, purged),
      );
      await fc.assert(property, { numRuns: runs, ...patience });
    },
    400_000,
  );
});

async function play(
  lake: string,
  properties: Readonly<Record<string, string>>,
  partitionBy: readonly string[],
  steps: readonly Step[],
  purged: readonly string[],
): Promise<void> {
  const store = openStore(lake);
  await Table.create(store, "ns/t", { schema, properties: { ...properties, ...interval }, partitionBy });
  const table = await Table.open(store, "ns/t");
  const played: Played = { table, model: [], clones: [], count: 0 };
  for (const one of steps) await take(session, played, one);
  const newest = (await table.snapshot()).version;

  const outcome = await table.purge(session, { columns: ["part"], values: purged });
  expect(await holding(session, store, purged)).toEqual([]);
  expect(outcome.remaining).toEqual({ columns: [], metadata: false, filesOutside: 0 });
  const without = (model: Model): Model => model.filter(({ part }) => !purged.includes(part ?? ""));
  expect(outcome.rowsRemoved).toBe(played.model.length - without(played.model).length);
  for (const { folder, model } of [{ folder: "ns/t", model: played.model }, ...played.clones]) {
    // As another process finds it, and as one that had it open.
    const opened = [await Table.open(store, folder), ...(folder === "ns/t" ? [table] : [])];
    for (const one of opened) {
      const snapshot = await one.snapshot();
      expect(await rowsOf(session, await scan(session, snapshot)), folder).toEqual(texts(without(model)));
      expect(await icebergRows(session, snapshot), folder).toEqual(texts(without(model)));
    }
  }
  expect(outcome.unreadable.versions).toMatchObject({ to: outcome.version - 1 });
  expect(played.clones.map(({ folder }) => folder)).toEqual(
    expect.arrayContaining(outcome.unreadable.clones.map(({ folder }) => folder)),
  );
  for (let version = 0; version <= newest; version++)
    await expect(table.snapshot(version)).rejects.toMatchObject({ code: "table.version_not_found" });

  expect(await table.purge(session, { columns: ["part"], values: purged })).toMatchObject({
    version: outcome.version,
    objectsDeleted: 0,
    unreadable: { versions: undefined },
  });
  // The table goes on, and its history with it.
  await table.write(session, { mode: "append", query: "SELECT 99 AS id, 'after' AS part" });
  expect(await rowsOf(session, await scan(session, await table.snapshot(outcome.version)))).toEqual(
    texts(without(played.model)),
  );
  const later: Model = [...without(played.model), { id: 99, part: "after", n: null, tags: null }];
  expect(await icebergRows(session, await table.snapshot())).toEqual(texts(later));
}
