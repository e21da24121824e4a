import { openEngine } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table } from "../../src/table/index.ts";
import { writers } from "./writer.ts";

/*
Usage: writer-process.ts LAKE FOLDER SPILL KIND FIRST-ID COUNT. Commits COUNT times to the table in FOLDER, each time with one
new id; prints {"id", "ms", "lost"} for each one that was acknowledged: its time, and how often the caller had to begin again.
*/

const [lake, folder, spillFolder, kind, first, count] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const engine = await openEngine({ spillFolder, threads: 1, memoryLimit: "256MB" });
const session = await engine.session();
const table = await Table.open(openStore(lake), folder);
const write = writers[kind as keyof typeof writers];
for (let id = Number(first); id < Number(first) + Number(count); id++) {
  const startedMs = performance.now();
  let lost = 0;
  for (;;) {
    const outcome = await write(table, session, id);
    if (outcome.kind === "committed") break;
    if (outcome.kind !== "conflict" || ++lost > 100) throw new Error(JSON.stringify(outcome));
  }
  process.stdout.write(`${JSON.stringify({ id, ms: Math.round(performance.now() - startedMs), lost })}\n`);
}
session.close();
await engine.close();
