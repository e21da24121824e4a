/**
 * Measures accuracy and cost of resolving labelled files: `npx tsx bench/identity/measure.ts ["part of a kind's name"]`, with
 * `--size 60000` (records; default: each kind's), `--seeds 1,2,3` (1–5 are for tuning, 101–105 for reports), `--memory 2GB`,
 * `--splink 4,5` (beside us, on the same files; needs `bash scripts/bench-env.sh`), `--bands` (precision by score), `--errors` (what goes wrong,
 * by cause), `--model` (levels, blocking keys, shared values, tags), `--keep FOLDER` (the files stay there).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngine } from "../../src/engine/index.ts";
import type { Evaluation } from "../../src/identity/index.ts";
import { errors } from "./errors.ts";
import { bands, judge } from "./judge.ts";
import { kinds } from "./kinds.ts";
import { type Run, runOneCopy, runSplink } from "./run.ts";

const { values, positionals } = parseArgs({
  options: {
    size: { type: "string" },
    seeds: { type: "string", default: "1" },
    memory: { type: "string" },
    splink: { type: "string" },
    bands: { type: "boolean", default: false },
    errors: { type: "boolean", default: false },
    model: { type: "boolean", default: false },
    keep: { type: "string" },
  },
  allowPositionals: true,
});

/** Not training, scoring or clustering. */
const outerSteps: ReadonlySet<string> = new Set(["open", "read", "standardise", "assign", "write"]);

const root = values.keep ?? (await mkdtemp(join(tmpdir(), "onecopy-identity-")));
try {
  for (const [name, kind] of Object.entries(kinds)) {
    if (!name.includes(positionals[0] ?? "")) continue;
    if (!kind.available) {
      console.log(`${name}: not measured, since the folder of ONECOPY_DATA does not have it`);
      continue;
    }
    const records = values.size === undefined ? kind.size : Number(values.size);
    for (const seed of kind.size === undefined ? [1] : values.seeds.split(",").map(Number)) {
      const title = kind.size === undefined ? name : `${name}, ${records} records, seed ${seed}`;
      const folder = join(root, title.replace(/[^a-z0-9]+/gi, "-"));
      await kind.write(folder, records ?? 0, seed);
      const run = await runOneCopy(folder, values.memory);
      await measured(`${title}: OneCopy`, folder, "onecopy", run);
      for (const version of values.splink?.split(",") ?? [])
        await besideSplink(title, folder, name, version, run);
      if (values.keep === undefined) await rm(folder, { recursive: true });
    }
  }
} finally {
  if (values.keep === undefined) await rm(root, { recursive: true, force: true });
}

async function measured(
  title: string,
  folder: string,
  by: string,
  run: Run,
  profiles?: string,
): Promise<void> {
  const engine = await openEngine({ spillFolder: join(folder, "judge") });
  const session = await engine.session();
  const found = await judge(session, folder, by);
  console.log(`${title}: ${accuracy(found)}`);
  console.log(`  ${cost(run)}`);
  if (profiles !== undefined) {
    console.log(
      `  at the threshold ${String(run.notes["bestThreshold"])} that the labels say is best: ${accuracy(await judge(session, folder, by, profiles))}`,
    );
    await judge(session, folder, by);
  }
  if (values.model) for (const [note, value] of Object.entries(run.notes)) show(note, value);
  if (values.bands) show("expected and true precision by score", await bands(session));
  if (values.errors) for (const [table, rows] of Object.entries(await errors(session))) show(table, rows);
  session.close();
  await engine.close();
}

async function besideSplink(
  title: string,
  folder: string,
  kind: string,
  version: string,
  ours: Run,
): Promise<void> {
  const run = await runSplink(folder, kind, version);
  if (run === undefined) {
    console.log(`${title}: Splink has no set-up for this kind`);
    return;
  }
  await measured(
    `${title}: Splink ${String(run.notes["version"])}`,
    folder,
    `splink-${version}`,
    run,
    join("best", "profiles.csv"),
  );
  const inner = (one: Run): number =>
    one.steps.filter(({ name }) => !outerSteps.has(name)).reduce((sum, step) => sum + step.seconds, 0);
  const times = (value: number): string => `${value.toFixed(2)}×`;
  console.log(
    `  Splink to OneCopy: seconds ${times(run.seconds / ours.seconds)}, without reading, standardising and writing ${times(inner(run) / inner(ours))}, ` +
      `CPU ${times(run.cpuSeconds / ours.cpuSeconds)}, memory ${times(run.peakMemoryBytes / ours.peakMemoryBytes)}`,
  );
}

function accuracy({ f1, precision, recall, bCubed, records, profiles, people }: Evaluation): string {
  const rate = (value: number): string => value.toFixed(4);
  return (
    `F1 ${rate(f1)} precision ${rate(precision)} recall ${rate(recall)}; ` +
    `B-cubed ${rate(bCubed.f1)} (${rate(bCubed.precision)}, ${rate(bCubed.recall)}); ` +
    `${records} records, ${profiles} profiles of ${people} people`
  );
}

function cost({ seconds, cpuSeconds, peakMemoryBytes, steps, comparedPairs }: Run): string {
  const each = steps.map((step) => `${step.name} ${step.seconds.toFixed(1)}`).join(", ");
  return `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU s, ${(peakMemoryBytes / 2 ** 30).toFixed(2)} GiB at most; ${comparedPairs} pairs; ${each}`;
}

function show(title: string, value: unknown): void {
  console.log(`  ${title}`);
  if (Array.isArray(value) && value.length > 0) console.table(value);
  else console.log(JSON.stringify(value, undefined, 2));
}
