import { type DefinitionAt, type Delivery, deliver } from "../activation/index.ts";
import { OneCopyError } from "../base/index.ts";
import { type Project, type Revision, currentRevision, readRevision } from "../project/index.ts";
import type { RunContext, StepResult } from "./context.ts";

/** Sends what changed in the segment of a sync since it was sent last. */
export async function deliverSync(context: RunContext, name: string): Promise<StepResult> {
  const { asOf, catalog, clock, project, revision, session } = context;
  const newest = await currentRevision(project);
  if (newest.number !== revision.number) {
    throw new OneCopyError(
      "run.superseded",
      `Revision ${newest.number} was applied since this run began with ${revision.number}.`,
      {
        remedy: "Run again: nothing is delivered by a rule that is no longer in force.",
      },
    );
  }
  const deliveries = await deliver({
    session,
    catalog,
    clock,
    sync: name,
    revision: revision.number,
    definitionAt: definitionsOf(project, revision, name),
    asOf,
    baseFolder: project.folder,
  });
  const last = deliveries.at(-1);
  if (last === undefined) return { action: "unchanged", why: "nobody came, changed or left" };
  const total = (count: (delivery: Delivery) => number): number =>
    deliveries.reduce((sum, d) => sum + count(d), 0);
  const [added, changed, removed] = [total((d) => d.added), total((d) => d.changed), total((d) => d.removed)];
  const alerts = deliveries.flatMap((d) =>
    d.why === undefined ? [] : [`sent everyone again to ${d.file}: ${d.why}`],
  );
  return {
    action: "done",
    why: `${added} added, ${changed} changed, ${removed} removed → ${last.file}`,
    rows: added + changed + removed,
    ...(alerts.length > 0 ? { alerts } : {}),
  };
}

/** The sync as any revision defined it; what was sent is computed again by the rule of then. */
export function definitionsOf(project: Project, newest: Revision, name: string): DefinitionAt {
  return async (number) => {
    const revision = number === newest.number ? newest : await earlier(project, number);
    const sync = revision?.config.syncs[name];
    const segment = sync === undefined ? undefined : revision?.config.segments[sync.segment];
    if (sync === undefined || segment === undefined) return undefined;
    return { rule: segment.rule, columns: sync.columns, destination: sync.destination };
  };
}

async function earlier(project: Project, number: number): Promise<Revision | undefined> {
  try {
    return await readRevision(project.state, number);
  } catch (error) {
    if (error instanceof OneCopyError && error.code.startsWith("project.revision_")) return undefined;
    throw error;
  }
}
