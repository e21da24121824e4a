/**
 * Resolves the files of a folder as `onecopy resolve` does, and prints what it took as one line of JSON ({@link Run}). A process of its own, so that
 * the memory is of nothing else: `node --import tsx bench/identity/run-onecopy.ts FOLDER [--memory 2GB] [--tag COLUMN=TAG]` leaves `profiles.csv` and `scored.parquet` in FOLDER/onecopy.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { literal, openEngine, type Session } from "../../src/engine/index.ts";
import { resolveFiles } from "../../src/identity/index.ts";
import type { Tag } from "../../src/source/index.ts";
import { isSource, type Run, type Step } from "./run.ts";

const { values, positionals } = parseArgs({
  options: { memory: { type: "string" }, tag: { type: "string", multiple: true, default: [] } },
  allowPositionals: true,
});
const folder = positionals[0]!;
const out = join(folder, "onecopy");
await mkdir(out, { recursive: true });
const files = (await readdir(folder))
  .filter(isSource)
  .sort()
  .map((file) => join(folder, file));
const began = performance.now();
const engine = await openEngine({
  spillFolder: join(out, "spill"),
  ...(values.memory === undefined ? {} : { memoryLimit: values.memory }),
});
const session = await engine.session();
const steps: Step[] = [];
let stepBegan = began;
let stepName = "open";
const endStep = (): void => {
  const now = performance.now();
  steps.push({ name: stepName, seconds: (now - stepBegan) / 1000 });
  stepBegan = now;
};
const found = await resolveFiles(session, {
  files,
  out: join(out, "profiles.csv"),
  tags: values.tag.map((text) => {
    const [column, tag] = text.split("=") as [string, Tag];
    return { column, tag };
  }),
  onProgress(step) {
    endStep();
    stepName = step;
  },
});
endStep();
const { user, system } = process.cpuUsage();
const run: Run = {
  seconds: (performance.now() - began) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  steps,
  comparedPairs: found.resolution.comparedPairs,
  notes: {
    tags: found.files.map(({ source, idColumn, tags }) => ({
      source,
      idColumn,
      tags: Object.fromEntries(tags.map(({ column, tag }) => [column, tag])),
    })),
    blocks: found.resolution.blocks.filter(({ pairs }) => pairs > 0),
    sharedValues: found.resolution.sharedValues,
    model: await session.rows(`SELECT * FROM ${found.resolution.tables.model}`),
  },
};
await writeScored(session, found.resolution.tables.edges, join(out, "scored.parquet"));
session.close();
await engine.close();
console.log(JSON.stringify(run));

/** (left_source, left_id, right_source, right_id, probability): of the first records of two nodes each, all that were compared. */
async function writeScored(on: Session, edges: string, path: string): Promise<void> {
  const tables = await on.rows<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_name IN ('identity_weight', 'identity_member', 'identity_raw')",
  );
  const query =
    tables.length < 3
      ? `SELECT left_source, left_id, right_source, right_id, probability FROM ${edges}`
      : `WITH first_record AS (SELECT node, min(r) AS r FROM identity_member GROUP BY node)
         SELECT l.source AS left_source, l.record_id AS left_id, n.source AS right_source, n.record_id AS right_id,
           1 / (1 + pow(2, -greatest(weight, -1000))) AS probability
         FROM identity_weight JOIN first_record x ON x.node = a JOIN first_record y ON y.node = b
         JOIN identity_raw l ON l.r = x.r JOIN identity_raw n ON n.r = y.r`;
  await on.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet)`);
}
