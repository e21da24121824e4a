import { resolve } from "node:path";
import type { Command } from "commander";
import { OneCopyError, stringifyLossless, systemClock } from "../../base/index.ts";
import {
  DEFAULT_PEOPLE,
  DEFAULT_SEED,
  generateDemo,
  measureDemo,
  readDemoMemory,
  writeDemoMemory,
} from "../../demo/index.ts";
import { type Project, applyRevision, openProject } from "../../project/index.ts";
import { type RunReport, type Step, openWorkspace, runProject } from "../../run/index.ts";
import { scan } from "../../table/index.ts";
import { commandName } from "../command-name.ts";
import { EXIT, counted, print } from "../output.ts";
import { globalsOf } from "../program.ts";
import { progressLine } from "../progress.ts";
import { summary } from "./run.ts";
import { DEFAULT_PORT, portOf, startServing, stopSignal, whatToOpen } from "./serve.ts";

interface DemoCommandOptions {
  readonly folder: string;
  readonly people?: string;
  readonly seed?: string;
  readonly serve: boolean;
  readonly port: string;
}

export function demo(program: Command): void {
  program
    .command("demo")
    .description(
      "make the example retailer's five source systems, resolve them into people, and measure how well",
    )
    .option(
      "--folder <folder>",
      "where the demo project goes; one that is there already is brought up to date",
      "demo",
    )
    .option("--people <number>", `how many people the retailer has (default: ${DEFAULT_PEOPLE})`)
    .option("--seed <number>", `another seed makes other people (default: ${DEFAULT_SEED})`)
    .option("--serve", "serve it afterwards, until Ctrl-C", false)
    .option("--port <number>", "port to serve on; 0 takes a free one", String(DEFAULT_PORT))
    .addHelpText(
      "after",
      "\nWith --json the last line is one JSON document; --serve prints its addresses after it.\n\nExample:\n  $ onecopy demo --people 5000 --folder small-demo",
    )
    .action(async (options: DemoCommandOptions, command: Command) => {
      const { json } = globalsOf(command);
      const port = portOf(options.port);
      const folder = resolve(options.folder);
      const made = await makeProject(folder, options);
      const project = await openProject(folder);
      await applyRevision(project.state, project.config, {
        author: "onecopy demo",
        message: "The example retailer",
        clock: systemClock,
      });

      const progress = progressLine("text");
      const report = await runProject(project, { report: progress.event });
      progress.end();
      print(summary(report));
      const result = await measure(project, folder, made, report);
      if (json) print(stringifyLossless(result));
      else print(figures(result, options.folder));
      if (report.failed) process.exitCode = EXIT.partial;
      if (options.serve) await serveDemo(project, port, options.folder);
    });
}

interface Made {
  readonly people: number;
  readonly seed: number;
  readonly seconds: number;
}

async function makeProject(folder: string, options: DemoCommandOptions): Promise<Made> {
  const people = numberOf("--people", options.people);
  const seed = numberOf("--seed", options.seed);
  const there = await readDemoMemory(folder);
  if (there !== undefined) {
    if ((people ?? there.people) === there.people && (seed ?? there.seed) === there.seed) {
      print(
        `${options.folder} holds the demo already; it is brought up to date. Delete the folder to begin anew.`,
      );
      return { ...there, seconds: 0 };
    }
    throw new OneCopyError(
      "cli.other_demo",
      `${options.folder} holds a demo of ${counted(there.people, "person", "people")} with seed ${there.seed}.`,
      {
        remedy: "Delete the folder, or name another one with --folder.",
      },
    );
  }
  const startedMs = performance.now();
  const wanted = { people: people ?? DEFAULT_PEOPLE, seed: seed ?? DEFAULT_SEED };
  const generated = await generateDemo({ folder, ...wanted });
  const seconds = (performance.now() - startedMs) / 1000;
  print(
    `Made ${counted(generated.records, "record")} of ${counted(wanted.people, "person", "people")} in ${options.folder}, in ${seconds.toFixed(1)} s.`,
  );
  return { ...wanted, seconds };
}

interface DemoResult {
  readonly people: number;
  readonly records: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly baseline_f1: number;
  readonly tables: number;
  readonly seconds: Readonly<Record<string, number>>;
}

async function measure(project: Project, folder: string, made: Made, report: RunReport): Promise<DemoResult> {
  const startedMs = performance.now();
  const workspace = await openWorkspace(project, { confined: false });
  try {
    const table = await workspace.catalog.find("identity.assignments");
    if (table === undefined)
      throw new OneCopyError(
        "cli.demo_not_resolved",
        "The people of the demo were not resolved; see the failures above.",
      );
    const quality = await measureDemo(
      workspace.session,
      folder,
      await scan(workspace.session, await table.snapshot()),
    );
    const tables = (await workspace.catalog.list()).length;
    const { people, records, precision, recall, f1, baseline_f1 } = quality;
    await writeDemoMemory(folder, { people: made.people, seed: made.seed, f1, baselineF1: baseline_f1 });
    const seconds = {
      generate: made.seconds,
      ...secondsByKind(report),
      measure: (performance.now() - startedMs) / 1000,
    };
    return { people, records, precision, recall, f1, baseline_f1, tables, seconds: rounded(seconds) };
  } finally {
    await workspace.close();
  }
}

function secondsByKind(report: RunReport): Record<string, number> {
  const sum = (kind: Step["kind"]): number =>
    report.steps.filter((step) => step.kind === kind).reduce((total, step) => total + step.seconds, 0);
  return {
    sources: sum("source"),
    people: sum("identity"),
    tables: sum("table"),
    syncs: sum("sync"),
    run: report.seconds,
  };
}

function rounded(seconds: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(seconds).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  );
}

function figures(result: DemoResult, folder: string): string {
  const percent = (share: number): string => share.toFixed(3);
  return `
${counted(result.records, "record")} of ${counted(result.people, "person", "people")}, in ${counted(result.tables, "table")}.
Pairs of records, against the known truth:
  OneCopy                        F1 ${percent(result.f1)}  (precision ${percent(result.precision)}, recall ${percent(result.recall)})
  the same e-mail or phone       F1 ${percent(result.baseline_f1)}

Look around:
  ${commandName()} --project ${folder} audit
  ${commandName()} --project ${folder} query "select * from unified.customer_360 limit 5"
  ${commandName()} --project ${folder} segment count big_spenders
  ${commandName()} --project ${folder} serve`;
}

async function serveDemo(project: Project, port: number, folder: string): Promise<void> {
  const served = await startServing(project, { port });
  print(`\n${whatToOpen(served, folder)}`);
  await stopSignal();
  await served.stop();
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new OneCopyError("cli.bad_number", `${option} must be a whole number, found ${text}.`);
}
