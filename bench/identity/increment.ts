/**
 * Measures what a run takes for 10,000 new records among a million: `npx tsx bench/identity/increment.ts [--size 1000000] [--more 10000] [--seed 101]
 * [--keep FOLDER]`. A retailer's five sources become a project; all records but the last ones are loaded and resolved, then the others. Printed are the steps
 * of both runs and what there is inside the step `people`, with the processor's time of the whole process: on a machine that others use too, seconds say little. A folder that is kept is gone on with: its second run adds records again.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/base/index.ts";
import { type Project, applyRevision, openProject } from "../../src/project/index.ts";
import { runProject } from "../../src/run/index.ts";
import { retailColumns, writeRetail } from "./retail.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1000000" },
    more: { type: "string", default: "10000" },
    seed: { type: "string", default: "101" },
    keep: { type: "string" },
  },
});
const [size, more] = [Number(values.size), Number(values.more)];
const sources = Object.keys(retailColumns);
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), "onecopy-increment-")));
try {
  await mkdir(join(folder, "all"), { recursive: true });
  await writeRetail(join(folder, "all"), size + more, Number(values.seed));
  const lines = new Map<string, string[]>();
  for (const source of sources)
    lines.set(source, (await readFile(join(folder, "all", `${source}.csv`), "utf8")).trimEnd().split("\n"));
  for (const [source, [head, ...rows]] of lines) {
    const late = Math.round((rows.length * more) / (size + more));
    await mkdir(join(folder, "in", source), { recursive: true });
    await writeFile(join(folder, "in", source, "first.csv"), [head, ...rows.slice(0, -late), ""].join("\n"));
    await writeFile(join(folder, "all", `${source}-late.csv`), [head, ...rows.slice(-late), ""].join("\n"));
  }
  const config = sources.map((source) => `  ${source}: { files: ./in/${source}/*.csv }`).join("\n");
  await writeFile(join(folder, "onecopy.yaml"), `name: increment\nlake: ./lake\nsources:\n${config}\n`);
  const project = await openProject(folder);
  await applyRevision(project.state, project.config, { author: "bench", message: "", clock: systemClock });
  await measured("first", project);
  for (const source of sources)
    await copyFile(join(folder, "all", `${source}-late.csv`), join(folder, "in", source, "late.csv"));
  await measured("more", project);
} finally {
  if (values.keep === undefined) await rm(folder, { recursive: true });
}

/** What a process took, from one moment to the next. */
interface Lap {
  readonly note: string;
  readonly ms: number;
  readonly cpu: number;
}

async function measured(name: string, project: Project): Promise<void> {
  const laps: Lap[] = [];
  const lap = (note: string): void => {
    const { user, system } = process.cpuUsage();
    laps.push({ note, ms: performance.now(), cpu: user + system });
  };
  lap("");
  const { steps } = await runProject(project, {
    report: (event) => {
      if (event.kind === "progress" && event.target === "people") lap(event.note);
      if (event.kind === "finished" && event.step.target === "people") lap("");
    },
  });
  lap("");
  console.log(`${name}: ${between(laps[0]!, laps.at(-1)!)}`);
  for (const step of steps)
    if (step.kind !== "upkeep" && step.action !== "unchanged")
      console.log(
        `  ${step.target}: ${step.seconds.toFixed(2)} s, ${step.why}${step.touched === undefined ? "" : `; ${JSON.stringify(step.touched)}`}`,
      );
  for (const [i, { note }] of laps.entries())
    if (note !== "") console.log(`    people, ${note}: ${between(laps[i]!, laps[i + 1]!)}`);
}

function between(from: Lap, to: Lap): string {
  return `${((to.ms - from.ms) / 1000).toFixed(1)} s, ${((to.cpu - from.cpu) / 1e6).toFixed(1)} CPU s`;
}
