import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import { fileMatcher, matchingFiles, scan } from "../scan/index.ts";
import type { CommitOutcome } from "../snapshot.ts";
import type { WriteRequest } from "./request.ts";
import { changeRows } from "./rows.ts";
import { touchedFiles } from "./touched.ts";

/**
 * Puts a query's rows in place of those for which a condition is true. Fails with `table.overwrite_outside` when a new
 * row does not meet the condition: a second run would not replace it.
 */
export async function overwriteWhere(
  table: TableAccess,
  session: Session,
  request: WriteRequest,
  where: string,
): Promise<CommitOutcome> {
  return await changeRows(table, session, request, async ({ snapshot, meta, byVectors }) => {
    await refuseOutside(session, table.folder, request.query, where);
    const matching = (relation: string): string => `(SELECT * FROM ${relation} WHERE (${where}\n))`;
    const candidates = await matchingFiles(session, snapshot, where);
    const touched = await touchedFiles(session, snapshot, candidates, matching);
    const partly = byVectors ? [] : touched.filter(({ whole }) => !whole).map(({ file }) => file);
    const kept =
      partly.length === 0
        ? ""
        : ` UNION ALL BY NAME SELECT * FROM ${await scan(session, snapshot, { files: partly })} WHERE (${where}\n) IS NOT TRUE`;
    return {
      operation: "WRITE",
      parameters: { mode: "Overwrite", predicate: where },
      touched,
      matching,
      query: `SELECT * FROM (\n${request.query}\n)${kept}`,
      reads: await fileMatcher(session, where, meta.schema, meta.partitionColumns),
      fileTags: request.fileTags,
    };
  });
}

async function refuseOutside(session: Session, folder: string, query: string, where: string): Promise<void> {
  const [row] = await session.rows<{ n: number }>(
    `SELECT count(*) AS n FROM (\n${query}\n) AS q WHERE (${where}\n) IS NOT TRUE`,
  );
  if (row!.n > 0)
    throw new OneCopyError(
      "table.overwrite_outside",
      `${row!.n} new rows for ${folder} are outside of what is replaced (${where}); nothing was written.`,
      { remedy: "Leave them out of the query, or append them by another write." },
    );
}
