import { createInterface } from "node:readline";
import { openProject } from "../../src/project/index.ts";
import { nameTables, openWorkspace } from "../../src/run/index.ts";
import { type SeenBatch, SUMMED } from "./truth.ts";

/*
Usage: mount-process.ts PROJECT. For each line on stdin, {"mount"}: opens the project anew, sums up what is in the mount, and answers
with a line: {"seen"} or {"error"}. A process that lives long, as `onecopy serve` does.
*/

const [folder] = process.argv.slice(2) as [string];
const project = await openProject(folder);

async function seen(mount: string): Promise<SeenBatch[]> {
  const workspace = await openWorkspace(project, { confined: true });
  try {
    const sql = `${SUMMED} FROM ${mount} GROUP BY batch`;
    await nameTables(workspace, sql);
    const rows = await workspace.session.rows<Record<"batch" | "n" | "s" | "a" | "b", number | bigint>>(sql);
    return rows.map(({ batch, n, s, a, b }) => [batch, n, s, a, b].map(Number) as unknown as SeenBatch);
  } finally {
    await workspace.close();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await seen((JSON.parse(line) as { mount: string }).mount).then(
    (found) => ({ seen: found }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
