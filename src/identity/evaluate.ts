import type { Session } from "../engine/index.ts";

/** How an assignment compares with a known truth; all shares are 0…1. */
export interface Evaluation {
  readonly records: number;
  readonly people: number;
  readonly profiles: number;
  /** Pairs of records that are of one person in truth, in the assignment, in both. */
  readonly truePairs: number;
  readonly foundPairs: number;
  readonly correctPairs: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** B-cubed: averaged over records, so that a large profile counts no more than its records (Bagga & Baldwin 1998). */
  readonly bCubed: { readonly precision: number; readonly recall: number; readonly f1: number };
}

/**
 * Compares `assignments(source, record_id, profile_id, …)` with `truth(source, record_id, person)`, both relations.
 * Records without a truth, or that only one of the two knows, are left out.
 */
export async function evaluate(session: Session, assignments: string, truth: string): Promise<Evaluation> {
  const [row] = await session.rows<Record<string, number>>(`
    WITH joined AS (
      SELECT profile_id, CAST(person AS VARCHAR) AS person FROM ${assignments} JOIN ${truth} USING (source, record_id)
      WHERE person IS NOT NULL),
    cell AS (SELECT profile_id, person, count(*) AS n FROM joined GROUP BY ALL),
    found AS (SELECT profile_id, sum(n) AS n FROM cell GROUP BY 1),
    really AS (SELECT person, sum(n) AS n FROM cell GROUP BY 1)
    SELECT (SELECT count(*) FROM joined) AS records,
      (SELECT count(*) FROM really) AS people, (SELECT count(*) FROM found) AS profiles,
      (SELECT CAST(coalesce(sum(n * (n - 1) / 2), 0) AS DOUBLE) FROM cell) AS correct,
      (SELECT CAST(coalesce(sum(n * (n - 1) / 2), 0) AS DOUBLE) FROM found) AS found,
      (SELECT CAST(coalesce(sum(n * (n - 1) / 2), 0) AS DOUBLE) FROM really) AS truth,
      (SELECT CAST(coalesce(sum(cell.n * cell.n / found.n), 0) AS DOUBLE) FROM cell JOIN found USING (profile_id)) AS precise,
      (SELECT CAST(coalesce(sum(cell.n * cell.n / really.n), 0) AS DOUBLE) FROM cell JOIN really USING (person)) AS recalled`);
  const { records, people, profiles, correct, found, truth: trueOnes, precise, recalled } = row!;
  return {
    records: records!,
    people: people!,
    profiles: profiles!,
    truePairs: trueOnes!,
    foundPairs: found!,
    correctPairs: correct!,
    ...rates(share(correct!, found!), share(correct!, trueOnes!)),
    bCubed: rates(share(precise!, records!), share(recalled!, records!)),
  };
}

/** F1 besides. */
export function rates(precision: number, recall: number): { precision: number; recall: number; f1: number } {
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}

/** Nothing out of nothing is perfect. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
