import { tmpdir } from "node:os";
import { join } from "node:path";
import { Catalog } from "../../src/catalog/index.ts";
import { openEngine } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table } from "../../src/table/index.ts";
import { killingStore } from "./killing-store.ts";
import { definition } from "./table.ts";

/* Usage: writer-process.ts LAKE STEP OPERATION [COUNT]. Prints a dot for each step, and the outcomes. */

const [lake, step, operation, count = "1"] = process.argv.slice(2) as [string, string, string, string?];
const store = killingStore(openStore(lake), Number(step), () => process.stdout.write("."));
const engine = await openEngine({ spillFolder: join(tmpdir(), "onecopy-crash-spill"), threads: 1 });
const session = await engine.session();

async function run(): Promise<unknown> {
  if (operation === "create") return await Table.create(store, "ns/t", definition);
  if (operation === "catalog-create")
    return (await (await Catalog.open(store)).create("ns.t", definition)).folder;
  const table = await Table.open(store, "ns/t");
  const query = "SELECT 1000 AS id, 'new' AS name";
  switch (operation) {
    case "append":
      return await table.write(session, { mode: "append", query });
    case "overwrite":
      return await table.write(session, { mode: "overwrite", query });
    case "add-column":
      return await table.evolve(session, [{ kind: "add", path: ["later"], type: "string" }]);
    case "appends": {
      for (let i = 0; i < Number(count); i++) {
        const outcome = await table.write(session, {
          mode: "append",
          query: `SELECT ${process.pid} AS id, '${i}' AS name`,
        });
        if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
      }
      return process.pid;
    }
    default:
      throw new Error(`unknown operation ${operation}`);
  }
}

const outcome = await run();
process.stdout.write(`\n${JSON.stringify(outcome)}\n`);
await engine.close();
