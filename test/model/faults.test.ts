import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Session } from "../../src/engine/index.ts";
import { FaultyStore, openStore, seeded } from "../../src/storage/index.ts";
import { type CommitOutcome, Table, scan } from "../../src/table/index.ts";
import { icebergRows } from "./iceberg-rows.ts";
import { type Model, type Operation, apply, operation } from "./model.ts";
import { inOwnLake, patience } from "./own-lake.ts";
import { kinds, perform, rowsOf, schema, texts } from "./play.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/** Sequences a kind of table; `MODEL_RUNS` for more. */
const runs = Number(process.env["MODEL_RUNS"] ?? 6);
/** Of the store's calls. */
const faultRate = 0.08;

let base: string;
let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-faults-");
  ({ base, session } = bench);
});
afterAll(async () => {
  await bench.close();
});

test.each(kinds)(
  "a store that fails at random: each operation happened whole or not at all, and what is said of it is true ($name)",
  async ({ name, properties, partitionBy }) => {
    const property = inOwnLake(
      base,
      name,
      fc.tuple(fc.array(operation, { minLength: 1, maxLength: 6 }), fc.integer()),
      async (lake, [ops, seed]) => await play(lake, properties, partitionBy, ops, seed),
    );
    await fc.assert(property, { numRuns: runs, ...patience });
  },
  400_000,
);

async function play(
  lake: string,
  properties: Readonly<Record<string, string>>,
  partitionBy: readonly string[],
  ops: readonly Operation[],
  seed: number,
): Promise<void> {
  const store = openStore(lake);
  await Table.create(store, "ns/t", { schema, properties, partitionBy });
  const faulty = new FaultyStore(store, seeded(seed, faultRate));
  const watched = await Table.open(store, "ns/t");
  let table: Table | undefined;
  let model: Model = [];
  for (const op of ops) {
    if (op.kind === "reopen") table = undefined;
    if (op.kind === "reopen" || (op.kind === "overwritePartitions" && partitionBy.length === 0)) continue;
    const before = (await watched.snapshot()).version;
    let outcome: CommitOutcome | undefined;
    try {
      table ??= await Table.open(faulty, "ns/t");
      outcome = await perform(session, table, op);
    } catch (error) {
      // What the store refuses is an error; a fault of ours would be another one.
      expect(error).toMatchObject({ code: expect.stringMatching(/^(storage|table|engine)\./) });
    }
    await faulty.settled();
    const after = await watched.snapshot();
    expect(after.version - before).toBeLessThanOrEqual(1);
    if (outcome !== undefined) expect(outcome).toMatchObject({ kind: "committed", version: after.version });
    if (after.version > before) model = apply(model, op);
    else expect(outcome).toBeUndefined();
    expect(await rowsOf(session, await scan(session, after)), `Delta after ${op.kind}`).toEqual(texts(model));
    expect(await icebergRows(session, after), `Iceberg after ${op.kind}`).toEqual(texts(model));
  }
}
