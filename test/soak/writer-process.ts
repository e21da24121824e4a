import { createInterface } from "node:readline";
import { Catalog } from "../../src/catalog/index.ts";
import { openEngine } from "../../src/engine/index.ts";
import { openProject } from "../../src/project/index.ts";
import { runProject } from "../../src/run/index.ts";
import type { CommitOutcome } from "../../src/table/index.ts";
import { batchQuery } from "./truth.ts";

/*
Usage: writer-process.ts PROJECT TABLE SPILL. Does what each line on stdin says, and answers with a line: {"done"} or {"error"}.
*/

type Request =
  | { readonly do: "append" | "touch"; readonly batch: number }
  | { readonly do: "remove"; readonly batches: readonly number[] }
  | { readonly do: "compact" | "vacuum" | "run" };

const [folder, name, spillFolder] = process.argv.slice(2) as [string, string, string];
const project = await openProject(folder);
const engine = await openEngine({ spillFolder, threads: 1, memoryLimit: "256MB" });
const session = await engine.session();
const table = (await (await Catalog.open(project.lake)).find(name))!;

async function untilCommitted(write: () => Promise<CommitOutcome>): Promise<number> {
  for (let lost = 0; lost < 100; lost++) {
    const outcome = await write();
    if (outcome.kind === "committed") return lost;
    if (outcome.kind !== "conflict") throw new Error(JSON.stringify(outcome));
  }
  throw new Error("a hundred conflicts");
}

async function answer(request: Request): Promise<unknown> {
  switch (request.do) {
    case "append":
      return await untilCommitted(() =>
        table.write(session, { mode: "append", query: batchQuery(request.batch) }),
      );
    case "touch":
      return await untilCommitted(() =>
        table.merge(session, {
          query: `SELECT * REPLACE (epoch_ms(now()) AS touched) FROM (${batchQuery(request.batch)})`,
          on: ["batch", "k"],
        }),
      );
    case "remove":
      return await untilCommitted(() =>
        table.delete(session, { where: `batch IN (${request.batches.join(", ")})` }),
      );
    case "compact":
      return (await table.compact(session)) as unknown;
    case "vacuum":
      return await table.vacuum();
    case "run": {
      const { failed, steps } = await runProject(project);
      if (failed) throw new Error(JSON.stringify(steps));
      return steps.length;
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line) as Request).then(
    (done) => ({ done: done ?? null }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  process.stdout.write(
    `${JSON.stringify(said, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))}\n`,
  );
}
session.close();
await engine.close();
