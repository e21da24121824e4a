import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import { fileMatcher, matchingFiles, scan } from "../scan/index.ts";
import type { CommitOutcome } from "../snapshot.ts";
import type { DeleteRequest } from "./request.ts";
import { changeRows } from "./rows.ts";
import { touchedFiles } from "./touched.ts";

/** Deletes the rows for which a condition is true (not those for which it is null). */
export async function deleteRows(
  table: TableAccess,
  session: Session,
  request: DeleteRequest,
): Promise<CommitOutcome> {
  const { where } = request;
  return await changeRows(table, session, request, async ({ snapshot, meta, byVectors }) => {
    const matching = (relation: string): string => `(SELECT * FROM ${relation} WHERE (${where}\n))`;
    const candidates = await matchingFiles(session, snapshot, where);
    const touched = await touchedFiles(session, snapshot, candidates, matching);
    const partly = touched.filter(({ whole }) => !whole).map(({ file }) => file);
    const rest =
      byVectors || partly.length === 0 ? undefined : await scan(session, snapshot, { files: partly });
    return {
      operation: "DELETE",
      parameters: { predicate: JSON.stringify([where]) },
      touched,
      matching,
      query: rest === undefined ? undefined : `SELECT * FROM ${rest} WHERE (${where}\n) IS NOT TRUE`,
      reads: await fileMatcher(session, where, meta.schema, meta.partitionColumns),
    };
  });
}
