import { openEngine } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { killingStore } from "./killing-store.ts";
import { operations } from "./operation.ts";

/* Usage: writer-process.ts LAKE SPILL STEP OPERATION. Prints "begin", a dot for each step, and the outcome. */

const [lake, spillFolder, step, name] = process.argv.slice(2) as [string, string, string, string];
const operation = operations.find((one) => one.name === name);
if (operation === undefined) throw new Error(`unknown operation ${name}`);
const store = killingStore(openStore(lake), Number(step), () => process.stdout.write("."));
const engine = await openEngine({ spillFolder, threads: 1 });
const session = await engine.session();
process.stdout.write("begin\n");
const outcome = await operation.run({ store, session });
process.stdout.write(`\n${JSON.stringify(outcome ?? null)}\n`);
await engine.close();
