import { join } from "node:path";
import { literal, type Session } from "../../src/engine/index.ts";
import { type Evaluation, evaluate } from "../../src/identity/index.ts";

/**
 * Reads what a resolver left in FOLDER/`by` beside the truth in FOLDER, and makes the temporary tables that the rest of the judging reads:
 * `judged(r, source, id, profile, node, person, household, role, name, traits)` and `scored(a, b, probability, met)` by node, of which a few records
 * may be one; a pair that was not `met` has the score that it would have got.
 */
export async function judge(
  session: Session,
  folder: string,
  by: string,
  profiles = "profiles.csv",
): Promise<Evaluation> {
  const csv = (...path: string[]): string =>
    `read_csv(${literal(join(folder, ...path))}, all_varchar = true, header = true)`;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE judged AS
    SELECT CAST(row_number() OVER () AS INTEGER) AS r, p.source, p.id, p.profile_id AS profile, n.node, t.person, w.household, w.role, w.name,
      list_filter(string_split(coalesce(w.traits, ''), '|'), x -> x <> '') AS traits
    FROM ${csv(by, profiles)} p JOIN ${csv("truth.csv")} t USING (source, id) JOIN ${csv("why.csv")} w USING (source, id)
    JOIN read_parquet(${literal(join(folder, by, "nodes.parquet"))}) n USING (source, id);
    CREATE OR REPLACE TEMP TABLE scored AS
    SELECT a, b, probability, met FROM read_parquet(${literal(join(folder, by, "scored.parquet"))})`);
  return await evaluate(
    session,
    "(SELECT source, id AS record_id, profile AS profile_id FROM judged)",
    "(SELECT source, id AS record_id, person FROM judged)",
  );
}

export interface Band {
  readonly probability: string;
  readonly pairs: number;
  /** What the model says that the share of true pairs is, and what it is. */
  readonly expected: number;
  readonly true: number;
}

/** Of the pairs of nodes that were scored, whatever the clustering made of them; those that speak against are not kept by all resolvers. */
export async function bands(session: Session): Promise<Band[]> {
  const limits = [0.7, 0.9, 0.95, 0.99, 0.999, 0.9999];
  const name = limits.map(
    (limit, i) => `WHEN s.probability < ${limit} THEN '${limits[i - 1] ?? 0.5}–${limit}'`,
  );
  return await session.rows<Band & Record<string, number | string>>(`
    WITH one AS (SELECT node, any_value(person) AS person FROM judged GROUP BY node)
    SELECT CASE ${name.join(" ")} ELSE '${limits.at(-1)}–1' END AS probability, CAST(count(*) AS DOUBLE) AS pairs,
      round(avg(s.probability), 4) AS expected, round(avg(CAST(x.person = y.person AS INTEGER)), 4) AS true
    FROM scored s JOIN one x ON x.node = a JOIN one y ON y.node = b WHERE met AND s.probability >= 0.5
    GROUP BY 1 ORDER BY min(s.probability)`);
}
