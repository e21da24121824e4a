import { OneCopyError } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { type Session, literal } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import type { StepResult } from "./context.ts";
import type { RunReport } from "./step.ts";

const TABLE = "_system.runs";

const COLUMNS = [
  { name: "run_id", type: "VARCHAR" },
  { name: "finished_at", type: "TIMESTAMP WITH TIME ZONE" },
  { name: "revision", type: "BIGINT" },
  { name: "kind", type: "VARCHAR" },
  { name: "target", type: "VARCHAR" },
  { name: "action", type: "VARCHAR" },
  { name: "why", type: "VARCHAR" },
  { name: "version", type: "BIGINT" },
  { name: "rows", type: "BIGINT" },
  { name: "seconds", type: "DOUBLE" },
];

/** Appends what a run did to the lake's log of runs; a run that had nothing to do leaves no trace. */
export async function logRun(
  catalog: Catalog,
  session: Session,
  report: RunReport,
  finishedAt: Date,
): Promise<StepResult> {
  const done = report.steps.filter((step) => step.action !== "unchanged");
  if (done.length === 0) return { action: "unchanged", why: "there is nothing to log" };
  const table = (await catalog.find(TABLE)) ?? (await catalog.create(TABLE, { schema: schemaOf(COLUMNS) }));
  const rows = done.map((step) => {
    const values = [
      report.runId,
      finishedAt.toISOString(),
      report.revision,
      step.kind,
      step.target,
      step.action,
      step.why,
      step.version ?? null,
      step.rows ?? null,
      step.seconds,
    ];
    return `(${values.map((value, i) => `CAST(${literal(value)} AS ${COLUMNS[i]!.type})`).join(", ")})`;
  });
  const outcome = await table.write(session, {
    mode: "append",
    query: `SELECT * FROM (VALUES ${rows.join(", ")}) AS step(${COLUMNS.map((column) => column.name).join(", ")})`,
    transactions: [{ appId: `run:${report.runId}`, version: 1 }],
  });
  if (outcome.kind === "conflict") {
    throw new OneCopyError("run.not_logged", `The run could not be logged in ${TABLE}: ${outcome.reason}.`, {
      remedy: "What the run did is done. See who else writes that table.",
    });
  }
  return { action: "unchanged", why: "the log is no step of its own", version: outcome.version };
}
