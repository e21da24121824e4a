import type { Session } from "../../engine/index.ts";

/** How much people moved from one resolution to the next. */
export interface Movement {
  /** Records that were there before and are in another profile now. */
  readonly moved: number;
  /** Records that were there before and still are. */
  readonly of: number;
  /** `moved / of`, 0…1; 0 where there was nothing before. It is the jitter of a run. */
  readonly jitter: number;
}

export function movementOf(moved: number, of: number): Movement {
  return { moved, of, jitter: of === 0 ? 0 : moved / of };
}

/** Compares two relations as `identity.assignments` has them. Records that came or went are no movement. */
export async function measureMovement(session: Session, before: string, after: string): Promise<Movement> {
  const [counted] = await session.rows<{ moved: number; kept: number }>(`
    SELECT count(*) FILTER (b.profile_id <> a.profile_id) AS moved, count(*) AS kept
    FROM ${before} b JOIN ${after} a USING (source, record_id)`);
  return movementOf(Number(counted!.moved), Number(counted!.kept));
}
