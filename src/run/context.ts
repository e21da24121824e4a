import { type Clock, OneCopyError, messageOf } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import type { Project, Revision } from "../project/index.ts";
import type { Step, StepEvent } from "./step.ts";

/** What every step of a run works with. */
export interface RunContext {
  readonly project: Project;
  readonly revision: Revision;
  /** Sources that the configuration does not name; see `foundSources`. */
  readonly found: ReadonlySet<string>;
  readonly catalog: Catalog;
  readonly session: Session;
  readonly clock: Clock;
  /** The day that rules which depend on time are computed for, `YYYY-MM-DD` in UTC. */
  readonly asOf: string;
  /** Whether people may move as much as they will: somebody was asked. */
  readonly acceptsIdentityChanges: boolean;
  readonly report: (event: StepEvent) => void;
  readonly signal?: AbortSignal;
}

export type StepResult = Omit<Step, "kind" | "target" | "seconds">;

/**
 * Runs one step and reports it. An error stops this branch only: it becomes a failed step, and what depends on
 * it goes on from the last good version. Cancelling stops the run.
 */
export async function step(
  context: RunContext,
  kind: Step["kind"],
  target: string,
  work: () => Promise<StepResult>,
): Promise<Step> {
  const startedMs = performance.now();
  context.report({ kind: "started", target });
  const finish = (result: StepResult): Step => {
    const finished = { kind, target, ...result, seconds: (performance.now() - startedMs) / 1000 };
    context.report({ kind: "finished", step: finished });
    return finished;
  };
  try {
    if (context.signal?.aborted === true) {
      throw new OneCopyError("run.cancelled", "The run was cancelled; the next one goes on from here.");
    }
    return finish(await work());
  } catch (error) {
    if (context.signal?.aborted) throw error;
    const remedy = error instanceof OneCopyError && error.remedy !== undefined ? ` ${error.remedy}` : "";
    const code = error instanceof OneCopyError ? { code: error.code } : {};
    return finish({ action: "failed", why: `${messageOf(error)}${remedy}`, ...code });
  }
}
