import { identityReport } from "../identity/index.ts";
import { currentRevision } from "../project/index.ts";
import { foundSources, lastMovement, modelStatus, peopleRelations, type Workspace } from "../run/index.ts";
import type { PeopleReport } from "./admin-data.ts";
import { shared } from "./shared.ts";

/**
 * How the people came about. The report standardises all records again, so it is made once for each resolution, in a session of its
 * own: the others go on meanwhile.
 */
export function peopleReports(opened: Workspace): () => Promise<PeopleReport> {
  let newest: { readonly of: string; readonly report: PeopleReport } | undefined;
  return shared(async () => {
    const { catalog, engine, project } = opened;
    const assignments = await catalog.snapshot("identity.assignments");
    if (assignments === undefined) return { state: "nothing_yet" };
    const changes = await catalog.snapshot("identity.changes");
    const of = `${assignments.tableId} ${assignments.rowsVersion} ${changes?.rowsVersion}`;
    if (newest?.of === of) return newest.report;
    const session = await engine.session();
    try {
      const context = { catalog, project, session };
      const workspace = { ...context, ...(await foundSources(context, await currentRevision(project))) };
      const people = await peopleRelations(workspace);
      if (people === undefined) return { state: "out_of_date" };
      const report: PeopleReport = {
        state: "made",
        resolvedAt: new Date(assignments.timestampMs).toISOString(),
        model: (await modelStatus(catalog)) ?? null,
        report: await identityReport(session, people, await lastMovement(workspace)),
      };
      newest = { of, report };
      return report;
    } finally {
      session.close();
    }
  });
}
