/**
 * Small appends: one dual commit of ours beside one commit of delta-rs plus one of PyIceberg, on the same machine and
 * rows; then whether ours stays flat as the table has more files and more commits.
 *
 * `npx tsx bench/table/append.ts [--appends 60] [--files 100000] [--commits 5000]` (0 leaves a part out)
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { type Session, openEngine } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table } from "../../src/table/index.ts";
import { addMadeUpFiles } from "./made-up.ts";

const { values } = parseArgs({
  options: {
    appends: { type: "string", default: "60" },
    files: { type: "string", default: "100000" },
    commits: { type: "string", default: "5000" },
  },
});
const appends = Number(values.appends);
const rows = 10;
const query = `SELECT range AS id, 'name ' || range AS name, range / 4 AS amount FROM range(${rows})`;
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "onecopy-append-"));
const engine = await openEngine({ spillFolder: join(folder, "spill") });
const session = await engine.session();
try {
  await beside();
  if (Number(values.files) > 0) await byFiles(Number(values.files));
  if (Number(values.commits) > 0) await byCommits(Number(values.commits));
} finally {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}

/** Ours, theirs, ours: what else the machine does falls on both. */
async function beside(): Promise<void> {
  const table = await make("beside");
  await timed(table, 5);
  const first = await timed(table, appends);
  const { stdout } = await promisify(execFile)(join(root, ".venv/bin/python"), [
    join(root, "bench/table/append.py"),
    folder,
    String(appends),
    String(rows),
  ]);
  const second = await timed(table, appends);
  const peers = JSON.parse(stdout) as Record<string, number[]>;
  const ours = median([...first, ...second]);
  const theirs = Object.entries(peers).map(([name, times]) => ({ name, ms: median(times) }));
  const sum = theirs.reduce((total, { ms }) => total + ms, 0);
  for (const { name, ms } of theirs)
    console.log(`${name}: ${ms.toFixed(1)} ms an append (median of ${appends})`);
  console.log(
    `OneCopy, both formats: ${ours.toFixed(1)} ms; ${(ours / sum).toFixed(2)} times delta-rs plus PyIceberg (${sum.toFixed(1)} ms)`,
  );
}

async function byFiles(count: number): Promise<void> {
  const [few, many] = [await make("few"), await make("many")];
  await addMadeUpFiles(few, 10);
  await addMadeUpFiles(many, count);
  await timed(few, 5);
  await timed(many, 5);
  const a: number[] = [];
  const b: number[] = [];
  for (let i = 0; i < appends; i++) {
    a.push(...(await timed(few, 1)));
    b.push(...(await timed(many, 1)));
  }
  report("10 files", a, `${count} files`, b);
}

async function byCommits(count: number): Promise<void> {
  const table = await make("commits");
  await timed(table, 10);
  const early = await timed(table, 100);
  await timed(table, Math.max(0, count - 210));
  const late = await timed(table, 100);
  report("10 commits", early, `${count} commits`, late);
  const cold = await Table.open(openStore(join(folder, "commits")), "t");
  const [first] = await timed(cold, 1);
  console.log(`first append of a process that has just opened the table: ${first!.toFixed(1)} ms`);
  await Promise.all([table.settled(), cold.settled()]);
}

function report(small: string, few: readonly number[], large: string, many: readonly number[]): void {
  const [a, b] = [median(few), median(many)];
  console.log(
    `OneCopy at ${small}: ${a.toFixed(1)} ms; at ${large}: ${b.toFixed(1)} ms; ratio ${(b / a).toFixed(2)} (means ${mean(few).toFixed(1)} and ${mean(many).toFixed(1)} ms)`,
  );
}

async function make(name: string): Promise<Table> {
  const store = openStore(join(folder, name));
  await Table.create(store, "t", { schema: schemaOf(await (session as Session).describe(query)) });
  return await Table.open(store, "t");
}

async function timed(table: Table, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const outcome = await table.write(session, { mode: "append", query });
    times.push(performance.now() - began);
    if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
  }
  return times;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

function mean(times: readonly number[]): number {
  return times.reduce((sum, one) => sum + one, 0) / times.length;
}
