/**
 * How long a delete of one row takes in a table of many files, by copy-on-write and by deletion vectors, and how that
 * compares with a table of 10 files: `npx tsx bench/table/delete.ts [FILES] [DELETES]`, such as `100000 8`.
 * The files are only in the logs but for the one that the rows are in. The fastest delete counts, by the clock and by
 * the processor's time, which other work on the machine does not make longer.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table } from "../../src/table/index.ts";
import { addMadeUpFiles } from "./made-up.ts";

const [files = 100_000, deletes = 8] = process.argv.slice(2).map(Number);
const query = `SELECT -1 - range AS id, 'name ' || range AS name, range / 4 AS amount FROM range(${deletes * 2})`;
const folder = await mkdtemp(join(tmpdir(), "onecopy-delete-"));
const engine = await openEngine({ spillFolder: join(folder, "spill") });
const session = await engine.session();
try {
  for (const byVectors of [false, true]) {
    const [few, many] = [await make("few", 10, byVectors), await make("many", files, byVectors)];
    const [a, b]: Took[][] = [[], []];
    for (let i = 1; i <= deletes; i++) {
      a!.push(await timed(few, i));
      b!.push(await timed(many, i));
    }
    console.log(
      `${byVectors ? "deletion vectors" : "copy-on-write"}: ${best(a!)} at 10 files, ${best(b!)} at ${files}`,
    );
  }
} finally {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}

async function make(name: string, count: number, byVectors: boolean): Promise<Table> {
  const store = openStore(join(folder, `${name}-${byVectors}`));
  await Table.create(store, "t", {
    schema: schemaOf(await session.describe(query)),
    properties: byVectors ? { "delta.enableDeletionVectors": "true" } : {},
  });
  const table = await Table.open(store, "t");
  await table.write(session, { mode: "append", query });
  await addMadeUpFiles(table, count);
  return table;
}

interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

function best(times: readonly Took[]): string {
  const least = (of: (one: Took) => number): string => Math.min(...times.map(of)).toFixed(0);
  return `${least(({ ms }) => ms)} ms (${least(({ cpuMs }) => cpuMs)} ms of processor time)`;
}

async function timed(table: Table, i: number): Promise<Took> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const outcome = await table.delete(session, { where: `id = ${-i}` });
  if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}
