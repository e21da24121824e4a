import { literal } from "../engine/index.ts";
import { edgesAmong, evidenceWithValues, recordKey, spanningTree } from "../identity/index.ts";
import type { ProfileRecord } from "../profile/index.ts";
import type { Workspace } from "../run/index.ts";
import { scan } from "../table/index.ts";
import type { ProfileDetail } from "./admin-data.ts";

/**
 * Why the records of a profile are one person: the strongest links that hold all of them together, one fewer than
 * there are records (a maximum spanning tree), the strongest first.
 */
export async function linksOf(
  { catalog, session }: Workspace,
  records: readonly ProfileRecord[],
): Promise<ProfileDetail["links"]> {
  const stored = await catalog.snapshot("identity.edges");
  if (stored === undefined || records.length < 2) return [];
  const names = records
    .map(({ source, recordId }) => `(${literal(source)}, ${literal(recordId)})`)
    .join(", ");
  const edges = await edgesAmong(
    session,
    await scan(session, stored),
    `SELECT * FROM (VALUES ${names}) r(source, record_id)`,
  );
  const byName = new Map(records.map((record) => [recordKey(record), record]));
  return spanningTree(edges).map((edge) => ({
    ...edge,
    evidence: evidenceWithValues(
      edge.evidence,
      textsOf(byName.get(recordKey(edge.left))),
      textsOf(byName.get(recordKey(edge.right))),
    ),
  }));
}

function textsOf(record: ProfileRecord | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(record?.values ?? {}).map(([tag, value]) => [tag, String(value)]));
}
