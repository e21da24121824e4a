/**
 * One of several processes at work on one store; started by store-processes.test.ts with a task, a folder and a
 * number. It says `ready` and waits for a line on standard input, so that all start at once.
 */
import { once } from "node:events";
import { openStore } from "../../src/storage/index.ts";
import { increment } from "./store-use.ts";

const [task, folder, argument] = process.argv.slice(2) as [string, string, string];
const store = openStore(folder);
const count = Number(argument);
process.stdout.write("ready\n");
await once(process.stdin, "data");

switch (task) {
  case "put-if-absent": {
    const bodies = Array.from({ length: count }, (_, i) => `${process.pid}-${i}`);
    const outcomes = await Promise.all(bodies.map((body) => store.put("race", body, { ifAbsent: true })));
    outcomes.forEach(({ kind }, i) => process.stdout.write(`${kind} ${bodies[i]}\n`));
    break;
  }
  case "increment":
    await increment(store, "counter", count);
    break;
  case "put-for-ever":
    for (let i = 0; ; i++) {
      const body = Buffer.alloc(count, i % 251);
      await store.put("replaced", body);
      await store.put(`new/${process.pid}-${i}`, body, { ifAbsent: true });
      process.stdout.write(`${i}\n`);
    }
  default:
    throw new Error(`no such task: ${task}`);
}
process.stdin.destroy();
