import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Session } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { scan } from "../../src/table/index.ts";
import { Readers } from "../interop/table/readers.ts";
import { bundleProcess } from "../process.ts";
import { large, report } from "../proof.ts";
import { runWriter } from "./killed-writer.ts";
import { createByFolder } from "./lake.ts";
import { type Operation, operations } from "./operation.ts";
import { expectNoOrphans } from "./orphan.ts";
import { agreedRows, digest } from "./state.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/** The small size kills at every other step, and at moments between them only where the engine works long. */
const everyStep = large ? 1 : 2;
/** Kills at moments between the steps, for each operation; `timed` ones get three times as many. */
const moments = large ? 25 : 0;

let base: string;
let program: string;
let bench: Workbench;
let session: Session;
let readers: Readers;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-crash-");
  ({ base, session } = bench);
  program = await bundleProcess("test/crash/writer-process.ts");
  readers = new Readers();
});
afterAll(async () => {
  await readers.close();
  await bench.close();
});

interface Tally {
  readonly name: string;
  readonly steps: number;
  kills: number;
  old: number;
  now: number;
}
const tallies: Tally[] = [];

describe("a writer killed at any moment leaves the old version or the new one, in both formats, and the next one goes on", () => {
  test.concurrent.each(operations)("$name", killAll, 3_600_000);
});

test("that was enough kills, at enough different points", async () => {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, one) => total + of(one), 0);
  const lines = tallies.map(
    ({ name, steps, kills, old, now }) => `| ${name} | ${steps} | ${kills} | ${old} | ${now} |`,
  );
  await report(
    "crash",
    "A writer killed at any moment",
    `${sum(({ kills }) => kills)} kills (SIGKILL) at ${sum(({ steps }) => steps)} steps of ${tallies.length} operations, and at random moments between them.
After each, OneCopy, delta-rs (where it reads the table), DuckDB's delta and PyIceberg saw the same rows, those before or
those after. The next append worked, and a vacuum without a time of grace then left nothing that no kept version names: the
log was read line by line for that. OneCopy saw the appended row afterwards, and after the kills at steps so did the others.
A reader that saw anything else would have failed the run.

| operation | steps | kills | left the old rows | left the new rows |
| --- | --- | --- | --- | --- |
${lines.join("\n")}`,
  );
  expect(tallies.map(({ name }) => name).sort()).toEqual(operations.map(({ name }) => name).sort());
  expect(sum(({ steps }) => steps)).toBeGreaterThanOrEqual(30);
  expect(sum(({ kills }) => kills)).toBeGreaterThanOrEqual(large ? 1000 : 100);
});

async function killAll(operation: Operation): Promise<void> {
  const home = join(base, operation.name.replaceAll(/\W+/g, "-"));
  // Iceberg's metadata holds absolute paths: each try has the table in the same place.
  const [lake, pristine] = [join(home, "lake"), join(home, "pristine")];
  await mkdir(lake, { recursive: true });
  const store = openStore(lake);
  await operation.prepare?.({ store, session });
  await cp(lake, pristine, { recursive: true });
  const see = (version?: number) =>
    agreedRows(session, readers, store, "ns/t", {
      foreign: operation.foreign,
      ...(version === undefined ? {} : { version }),
    });
  const old = (await see())?.rows;
  const { keeps } = operation;
  const keptRows = keeps === undefined ? undefined : (await see(keeps))!.rows;

  const whole = await runWriter(program, lake, operation.name, {});
  const wanted = operation.after === undefined ? old : await digest(session, `(${operation.after})`);
  expect((await see())?.rows).toEqual(wanted);

  if (operation.changesNothing === true) expect(whole.steps).toBe(0);
  const count = operation.timed === true ? Math.max(3 * moments, 2) : moments;
  // From the last step on, which decides.
  const steps = Array.from(
    { length: Math.ceil(whole.steps / everyStep) },
    (_, i) => whole.steps - i * everyStep,
  );
  const tally: Tally = { name: operation.name, steps: steps.length, kills: 0, old: 0, now: 0 };
  const deaths = [
    ...steps.map((step) => ({ step })),
    ...Array.from({ length: count }, (_, i) => ({ afterMs: ((i + 0.5) / count) * whole.durationMs })),
  ];
  for (const death of deaths) {
    await rm(lake, { recursive: true });
    await cp(pristine, lake, { recursive: true });
    const { killed } = await runWriter(program, lake, operation.name, death);
    if ("step" in death) expect({ death, killed }).toEqual({ death, killed: true });
    const after = await see();
    if (killed) tally.kills++;
    if (after?.rows === old && wanted !== old) tally.old++;
    else {
      expect({ death, rows: after?.rows }).toEqual({ death, rows: wanted });
      tally.now++;
    }
    if (!killed && wanted !== old) expect({ death, rows: after?.rows }).toEqual({ death, rows: wanted });
    if (keeps !== undefined) expect((await see(keeps))!.rows).toEqual(keptRows);
    await operation.check?.({ store, session });
    await goOn(after, "step" in death);
    await operation.check?.({ store, session });
  }
  tallies.push(tally);

  /** The next writer: makes the table where there is none, and appends a row. `byOthers`: independent readers see it. */
  async function goOn(there: Awaited<ReturnType<typeof see>>, byOthers: boolean): Promise<void> {
    const table = there?.table ?? (await (operation.create ?? createByFolder)({ store, session }));
    expect(await table.write(session, { mode: "append", query: "SELECT 3000 AS id" })).toMatchObject({
      kind: "committed",
    });
    await table.settled();
    const rows = await digest(session, await scan(session, await table.snapshot()));
    expect(rows).not.toEqual(there?.rows);
    await expectNoOrphans(table, session);
    if (byOthers)
      expect((await agreedRows(session, readers, openStore(lake), table.folder))!.rows).toEqual(rows);
    else expect(await digest(session, await scan(session, await table.snapshot()))).toEqual(rows);
  }
}
