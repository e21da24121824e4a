import type { Command } from "commander";
import { currentRevision, isUnapplied, openProject } from "../../project/index.ts";
import { type RunReport, type Step, runProject } from "../../run/index.ts";
import { movementText } from "../movement.ts";
import { EXIT, counted, print, printJson } from "../output.ts";
import { globalsOf } from "../program.ts";
import { progressLine } from "../progress.ts";
import { unappliedText } from "./status.ts";

export function run(program: Command): void {
  program
    .command("run")
    .description("bring everything that is out of date up to date; a second run right after does nothing")
    .option("--as-of <day>", "the day for rules that depend on time, YYYY-MM-DD (default: today in UTC)")
    .option(
      "--accept-identity-changes",
      "move as many records to another profile as need be; without it, a run that would move more than identity.most_moved stops and asks (exit code 4)",
    )
    .addHelpText("after", "\nExample:\n  $ onecopy apply && onecopy run")
    .action(async (options: { asOf?: string; acceptIdentityChanges?: boolean }, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const project = await openProject(at);
      const revision = await currentRevision(project);
      if (isUnapplied(project, revision)) process.stderr.write(`${unappliedText(revision.number)}\n`);
      const progress = progressLine(json ? "none" : "text");
      const report = await runProject(project, {
        ...(options.asOf === undefined ? {} : { asOf: options.asOf }),
        acceptsIdentityChanges: options.acceptIdentityChanges ?? false,
        signal: interruptSignal(),
        report: progress.event,
      });
      progress.end();
      if (json) printJson(report);
      else print(summary(report));
      if (report.failed) process.exitCode = report.asks ? EXIT.asks : EXIT.partial;
    });
}

/** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process as usual. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    process.off("SIGINT", abort).off("SIGTERM", abort);
    controller.abort();
  };
  process.on("SIGINT", abort).on("SIGTERM", abort);
  return controller.signal;
}

export function summary(report: RunReport): string {
  const count = (action: Step["action"]): number =>
    report.steps.filter((step) => step.action === action).length;
  const alerts = report.steps.flatMap((step) =>
    (step.alerts ?? []).map((alert) => `  ! ${step.target}: ${alert}`),
  );
  const failures = report.steps
    .filter((step) => step.action === "failed")
    .map((step) => `  ✗ ${step.target}: ${step.why}`);
  const movements = report.steps.flatMap(({ target, movement }) =>
    movement === undefined ? [] : [`  ${target}: ${movementText(movement)}`],
  );
  const resolved = report.steps.flatMap(({ kind, target, action, why, touched }) => {
    if (kind !== "identity" || action !== "done") return [];
    if (target === "model") return [`  model: ${why}`];
    if (touched === undefined) return [];
    const { changed, records, components } = touched;
    return [
      `  people: ${counted(changed, "record")} changed; ${counted(records, "record")} in ${counted(components, "group")} resolved again, by the same model`,
    ];
  });
  const head = report.changed
    ? `${count("done")} brought up to date, ${count("unchanged")} were already, in ${report.seconds.toFixed(1)} s.`
    : report.failed
      ? `Nothing was brought up to date; ${count("unchanged")} were already, with revision ${report.revision} as of ${report.asOf}.`
      : `Nothing to do: all ${count("unchanged")} are up to date with revision ${report.revision} as of ${report.asOf}.`;
  const failed =
    failures.length === 0
      ? []
      : [`${failures.length} failed; what depends on them stays at its last good version:`, ...failures];
  return [head, ...resolved, ...movements, ...alerts, ...failed].join("\n");
}
