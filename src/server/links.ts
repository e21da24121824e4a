import { literal } from "../engine/index.ts";
import { evidenceWithValues, spanningTree } from "../identity/index.ts";
import type { ProfileRecord } from "../profile/index.ts";
import type { Workspace } from "../run/index.ts";
import { scan } from "../table/index.ts";
import type { ProfileDetail } from "./admin-data.ts";

interface Edge {
  readonly left_source: string;
  readonly left_id: string;
  readonly right_source: string;
  readonly right_id: string;
  readonly weight: number;
  readonly probability: number;
  readonly evidence: string;
}

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
  const found = await session.rows<Edge & Record<string, never>>(
    `WITH record(source, id) AS (VALUES ${names})
     SELECT e.* FROM ${await scan(session, stored)} e
     SEMI JOIN record l ON e.left_source = l.source AND e.left_id = l.id
     SEMI JOIN record r ON e.right_source = r.source AND e.right_id = r.id
     ORDER BY e.weight DESC, e.left_source, e.left_id, e.right_source, e.right_id`,
  );
  const byName = new Map(records.map((record) => [nameOf(record.source, record.recordId), record]));
  const edges = found.map((edge) => ({
    ...edge,
    left: { source: edge.left_source, recordId: edge.left_id },
    right: { source: edge.right_source, recordId: edge.right_id },
  }));
  return spanningTree(edges).map((edge) => ({
    left: edge.left,
    right: edge.right,
    probability: edge.probability,
    weight: edge.weight,
    evidence: evidenceWithValues(
      edge.evidence,
      textsOf(byName.get(nameOf(edge.left_source, edge.left_id))),
      textsOf(byName.get(nameOf(edge.right_source, edge.right_id))),
    ),
  }));
}

function nameOf(source: string, recordId: string): string {
  return JSON.stringify([source, recordId]);
}

function textsOf(record: ProfileRecord | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(record?.values ?? {}).map(([tag, value]) => [tag, String(value)]));
}
