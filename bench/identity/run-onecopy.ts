/**
 * Resolves the files of a folder as `onecopy resolve` does, and prints what it took as one line of JSON ({@link Run}). A process of its own, so that
 * the memory is of nothing else: `node --import tsx bench/identity/run-onecopy.ts FOLDER [--memory 2GB]` leaves `profiles.csv`, `nodes.parquet` and `scored.parquet` in FOLDER/onecopy.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { literal, openEngine, type Session } from "../../src/engine/index.ts";
import { type Resolution, resolveFiles } from "../../src/identity/index.ts";
import { isSource, type Run, type Step } from "./run.ts";

const { values, positionals } = parseArgs({
  options: { memory: { type: "string" } },
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
      tags: tags.map(({ column, tag }) => `${column}=${tag}`).join(" "),
    })),
    blocks: found.resolution.blocks.filter(({ pairs }) => pairs > 0),
    sharedValues: found.resolution.sharedValues,
    model: await session.rows(`SELECT * FROM ${found.resolution.tables.model}`),
  },
};
await writeScores(session, found.resolution, folder, out);
session.close();
await engine.close();
console.log(JSON.stringify(run));

/**
 * `nodes.parquet(source, id, node)`: records that say the very same are one node. `scored.parquet(a, b, probability, met)` by node: the edges, and
 * what the true pairs that are no edges would have scored.
 */
async function writeScores(
  on: Session,
  { tables, scorer }: Resolution,
  folderOfTruth: string,
  folderOfScores: string,
): Promise<void> {
  const to = (file: string): string => `${literal(join(folderOfScores, file))} (FORMAT parquet)`;
  await on.run(`
    CREATE OR REPLACE TEMP TABLE bench_node AS SELECT source, record_id AS id, node FROM identity_raw JOIN identity_member USING (r);
    COPY bench_node TO ${to("nodes.parquet")};
    CREATE OR REPLACE TEMP TABLE bench_edge AS
    SELECT DISTINCT least(x.node, y.node) AS a, greatest(x.node, y.node) AS b, probability FROM ${tables.edges}
    JOIN bench_node x ON x.source = left_source AND x.id = left_id JOIN bench_node y ON y.source = right_source AND y.id = right_id
    WHERE x.node <> y.node;
    CREATE OR REPLACE TEMP TABLE bench_true AS
    SELECT DISTINCT node, person FROM read_csv(${literal(join(folderOfTruth, "truth.csv"))}, all_varchar = true) JOIN bench_node USING (source, id)`);
  const missing = await on.arrays(`
    SELECT DISTINCT x.node AS a, y.node AS b FROM bench_true x JOIN bench_true y ON x.person = y.person AND x.node < y.node
    ANTI JOIN bench_edge e ON e.a = x.node AND e.b = y.node`);
  const scored = scorer.compare({ a: missing["a"] as Int32Array, b: missing["b"] as Int32Array });
  await on.load("bench_scored", { a: scored.a, b: scored.b, weight: scored.weight });
  await on.run(`COPY (
    SELECT a, b, probability, true AS met FROM bench_edge
    UNION ALL SELECT a, b, 1 / (1 + pow(2, -greatest(weight, -1000))), false FROM bench_scored) TO ${to("scored.parquet")}`);
}
