import type { Session } from "../../engine/index.ts";
import { type RecordName, recordKey } from "./read-record.ts";

/** An edge as `identity.edges` has it. */
export interface StoredEdge {
  readonly left: RecordName;
  readonly right: RecordName;
  /** log2 of the odds. */
  readonly weight: number;
  readonly probability: number;
  /** See `evidenceWithValues`. */
  readonly evidence: string;
}

/** The edges of a relation as `identity.edges` has it between records of `members(source, record_id)`, the strongest first. */
export async function edgesAmong(session: Session, edges: string, members: string): Promise<StoredEdge[]> {
  const stored = await session.rows<
    Omit<StoredEdge, "left" | "right"> & {
      readonly left_source: string;
      readonly left_id: string;
      readonly right_source: string;
      readonly right_id: string;
    }
  >(`
    WITH member AS (${members})
    SELECT e.* FROM ${edges} e SEMI JOIN member l ON e.left_source = l.source AND e.left_id = l.record_id
    SEMI JOIN member r ON e.right_source = r.source AND e.right_id = r.record_id
    ORDER BY e.weight DESC, e.left_source, e.left_id, e.right_source, e.right_id`);
  return stored.map(({ left_source, left_id, right_source, right_id, weight, probability, evidence }) => ({
    left: { source: left_source, recordId: left_id },
    right: { source: right_source, recordId: right_id },
    weight,
    probability,
    evidence,
  }));
}

/** Kruskal's algorithm; the edges come strongest first, and those of the tree go the same way. */
export function spanningTree<E extends { readonly left: RecordName; readonly right: RecordName }>(
  edges: readonly E[],
): E[] {
  const parent = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    for (let up = parent.get(at); up !== undefined; up = parent.get(at)) at = up;
    return at;
  };
  return edges.filter(({ left, right }) => {
    const [from, into] = [root(recordKey(right)), root(recordKey(left))];
    if (from === into) return false;
    parent.set(from, into);
    return true;
  });
}
