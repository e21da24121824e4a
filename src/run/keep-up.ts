import { type RunContext, type StepResult, step } from "./context.ts";
import type { Step } from "./step.ts";
import { blockedText } from "./table-status.ts";

/**
 * The upkeep of every table of the lake, as far as it is due. After a step that failed nothing is deleted: what it left
 * undone may need a version that would go.
 */
export async function keepUp(context: RunContext, before: readonly Step[]): Promise<Step[]> {
  const mayDelete = before.every(({ action }) => action !== "failed");
  const steps: Step[] = [];
  for (const { namespace, name } of await context.catalog.list()) {
    const table = `${namespace}.${name}`;
    steps.push(await step(context, "upkeep", table, () => upkeepOf(context, table, mayDelete)));
  }
  return steps;
}

async function upkeepOf(context: RunContext, name: string, mayDelete: boolean): Promise<StepResult> {
  const { catalog, session, signal } = context;
  const table = await catalog.find(name);
  if (table === undefined) return { action: "unchanged", why: "is being made" };
  const { version, done, blocked, alerts } = await table.maintain(session, { mayDelete, signal });
  const all = [...(blocked === undefined ? [] : [blockedText(blocked)]), ...alerts];
  return {
    action: done.length > 0 ? "done" : "unchanged",
    why: done.length > 0 ? done.join("; ") : "nothing is due",
    version,
    ...(all.length > 0 ? { alerts: all } : {}),
  };
}
