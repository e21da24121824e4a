import { type Clock, OneCopyError, newId, systemClock } from "../base/index.ts";
import { recordText } from "../identity/index.ts";
import { type Project, enterProcess } from "../project/index.ts";
import { pendingAccesses } from "./access-log-pending.ts";
import { foldAccesses } from "./access-log.ts";
import { type RunContext, type StepResult, step } from "./context.ts";
import { type Derivation, bringUpToDate } from "./derive.ts";
import { deliverSync } from "./deliver-sync.ts";
import { bringExtractsUpToDate } from "./extracts.ts";
import { keepUp } from "./keep-up.ts";
import { logRun } from "./log.ts";
import type { PreparedSource } from "./prepared-source.ts";
import { prepareSources } from "./prepare-sources.ts";
import { profileDerivations } from "./profile-tables.ts";
import type { FoundPeople } from "./people-work.ts";
import { resolvePeople } from "./resolve-people.ts";
import type { RunReport, Step, StepEvent } from "./step.ts";
import { openWorkspace } from "./workspace.ts";

export interface RunOptions {
  /** `YYYY-MM-DD`; default: today in UTC. */
  readonly asOf?: string;
  /** Moves as many records to another profile as the resolution says; default: no more than `identity.most_moved`. */
  readonly acceptsIdentityChanges?: boolean;
  readonly clock?: Clock;
  readonly report?: (event: StepEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings everything that is out of date up to date: sources, people, tables, syncs; then what is due of the tables'
 * upkeep. What is not out of date is not touched; what fails stops its own branch only. A run that is killed at any point is finished by the next one.
 */
export async function runProject(project: Project, options: RunOptions = {}): Promise<RunReport> {
  const { clock = systemClock, report = () => undefined, signal } = options;
  const asOf = options.asOf ?? today(clock);
  requireDay(asOf);
  const startedMs = performance.now();
  const workspace = await openWorkspace(project, { confined: false });
  try {
    const leave = await enterProcess(project.state, "run");
    try {
      const context: RunContext = {
        project,
        revision: workspace.revision,
        found: workspace.found,
        catalog: workspace.catalog,
        session: workspace.session,
        clock,
        asOf,
        acceptsIdentityChanges: options.acceptsIdentityChanges ?? false,
        report,
        ...(signal === undefined ? {} : { signal }),
      };
      const steps = await reconcile(context);
      const result = reportOf(workspace.revision.number, asOf, steps, startedMs);
      const log = await step(context, "table", "_system.runs", () =>
        logRun(workspace.catalog, workspace.session, result, clock.now()),
      );
      // Everything else is done all the same, so the report must not be lost.
      return log.action === "failed" ? { ...result, steps: [...steps, log], failed: true } : result;
    } finally {
      await leave();
    }
  } finally {
    await workspace.close();
  }
}

function reportOf(revision: number, asOf: string, steps: readonly Step[], startedMs: number): RunReport {
  return {
    runId: newId(),
    revision,
    asOf,
    steps,
    changed: steps.some(({ action }) => action === "done"),
    failed: steps.some(({ action }) => action === "failed"),
    asks: steps.some(({ code }) => code === "run.identity_would_move"),
    seconds: (performance.now() - startedMs) / 1000,
  };
}

async function reconcile(context: RunContext): Promise<Step[]> {
  const steps = await bringAllUpToDate(context);
  steps.push(...(await bringExtractsUpToDate(context)));
  const pending = await pendingAccesses(context.project.lake);
  if (pending.parts.size + pending.files.length > 0)
    steps.push(await step(context, "table", "_system.access", () => foldAccesses(context, pending)));
  return [...steps, ...(await keepUp(context, steps))];
}

async function bringAllUpToDate(context: RunContext): Promise<Step[]> {
  const { steps, sources, newcomers } = await prepareSources(context);
  const failed = steps.filter(({ action }) => action === "failed").map(({ target }) => target);
  const broken = failed.filter((name) => !newcomers.has(name));
  // Without a source there is nobody; tables that were made before stay as they are.
  if (sources.length === 0) return steps;

  if (broken.length > 0) {
    steps.push(await step(context, "identity", "people", () => Promise.reject(withoutSources(broken))));
  } else {
    const models: Step[] = [];
    const people = await step(context, "identity", "people", () => peopleStep(context, sources, models));
    steps.push(...models, people);
    if (people.code === "run.identity_would_move") return steps;
    for (const { name, of } of profileDerivations(context, sources)) {
      steps.push(await step(context, "table", name, async () => tableStep(context, await of())));
    }
  }
  for (const name of Object.keys(context.revision.config.syncs)) {
    steps.push(await step(context, "sync", name, () => deliverSync(context, name)));
  }
  return steps;
}

/** The model's own step goes to `models`: what is trained is written with the people, and reported before them. */
async function peopleStep(
  context: RunContext,
  sources: readonly PreparedSource[],
  models: Step[],
): Promise<StepResult> {
  const { assignments, model, found, movement } = await resolvePeople(context, sources);
  if (model !== undefined)
    models.push(
      await step(context, "identity", "model", async () => ({
        action: model.kind === "trained" ? "done" : "unchanged",
        why: model.kind === "trained" ? `trained: ${model.why}` : `kept: ${model.why}`,
        version: model.version,
      })),
    );
  const { version, why } = assignments;
  if (found === undefined) return { action: "unchanged", why, version };
  const alerts = alertsOf(found);
  return {
    action: "done",
    why,
    version,
    rows: found.profiles,
    ...(movement === undefined ? {} : { movement }),
    ...(found.touched === undefined ? {} : { touched: found.touched }),
    ...(alerts.length > 0 ? { alerts } : {}),
  };
}

function alertsOf({ sharedValues, contradictedLinks }: FoundPeople): string[] {
  return [
    ...(sharedValues > 0
      ? [`${sharedValues} values are shared by too many people to identify anybody; they took no part`]
      : []),
    ...contradictedLinks.map(
      ({ kind, left, right }) =>
        `identity.links: the ${kind} of ${recordText(left)} and ${recordText(right)} took no part, since newer ones contradict it`,
    ),
  ];
}

async function tableStep(context: RunContext, derivation: Derivation): Promise<StepResult> {
  const made = await bringUpToDate(context.catalog, context.session, derivation);
  if (made.kind === "written")
    return { action: "done", why: made.why, version: made.version, rows: made.rows };
  return {
    action: "unchanged",
    why: "up to date",
    ...(made.kind === "unchanged" ? { version: made.version } : {}),
  };
}

/** People must not lose records, and ids must not be retired, because a source can't be read for a day. */
function withoutSources(broken: readonly string[]): OneCopyError {
  return new OneCopyError(
    "run.source_failed",
    `People stay as they are, since ${broken.join(", ")} failed.`,
    {
      remedy: "Mend the source, or take it out of the configuration, and run again.",
    },
  );
}

/** `YYYY-MM-DD` in UTC. */
export function today(clock: Clock = systemClock): string {
  return clock.now().toISOString().slice(0, 10);
}

function requireDay(text: string): void {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true)
    return;
  throw new OneCopyError("run.bad_day", `The as-of day must be a day as YYYY-MM-DD, found ${text}.`);
}
