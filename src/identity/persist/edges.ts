import { literal, type Session } from "../../engine/index.ts";
import type { ComparisonPlan } from "../compare/compare.ts";
import type { Model } from "../weigh/estimate.ts";

/** What it weighs (log2 odds) that two records say the very same. */
export const sameValues = { comparison: "record", level: "the very same values", weight: 40 } as const;

/**
 * Makes `identity_edges(left_source, left_id, right_source, right_id, weight, probability, evidence)`: the pairs that hold profiles
 * together, and those that agree but were kept apart because more speaks against them. A record that says
 * the very same as another has one edge, to the first of them. `evidence` is JSON without any value of a record:
 * `[{"comparison", "level", "weight"}]`, whose weights (log2) add up to the edge's.
 */
export async function writeEdges(session: Session, plan: ComparisonPlan, model: Model): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_edges AS
    WITH first_record AS (SELECT node, min(r) AS r FROM identity_member GROUP BY node),
    edge AS (
      SELECT x.r AS lr, y.r AS rr, w.weight, ${evidenceOf(plan, model)} AS evidence
      FROM identity_weight w JOIN identity_cluster p ON p.node = a JOIN identity_cluster q ON q.node = b
      JOIN first_record x ON x.node = a JOIN first_record y ON y.node = b
      WHERE w.weight > 0 OR p.cluster = q.cluster
      UNION ALL
      SELECT f.r, m.r, ${sameValues.weight}, ${literal(JSON.stringify([sameValues]))}
      FROM identity_member m JOIN first_record f USING (node) WHERE m.r <> f.r)
    SELECT l.source AS left_source, l.record_id AS left_id, n.source AS right_source, n.record_id AS right_id,
      CAST(weight AS DOUBLE) AS weight, 1 / (1 + pow(2, -greatest(weight, -1000))) AS probability, evidence
    FROM edge JOIN identity_raw l ON l.r = lr JOIN identity_raw n ON n.r = rr ORDER BY lr, rr`);
}

/** The evidence of a scored pair `w` as JSON; comparisons that lack a value are left out. */
export function evidenceOf(plan: ComparisonPlan, model: Model): string {
  const items = plan.comparisons.map((comparison, i) => {
    const levels = model.comparisons[i]!.levels.map(
      ({ name, person, stranger }, l) =>
        `WHEN ${l + 1} THEN ${literal(JSON.stringify({ comparison: comparison.name, level: name, weight: rounded(Math.log2(person / stranger)) }))}`,
    );
    return `CASE c${i} ${levels.join(" ")} END`;
  });
  const agreement = plan.comparisons.map((_, i) => weightOf(model, i)).join(" + ");
  const prior = { comparison: "prior", level: "any two records", weight: rounded(model.priorPerson) };
  return `'[' || concat_ws(',', ${[
    literal(JSON.stringify(prior)),
    ...items,
    measured("rarity", "how rare the values are that agree", "w.rarity"),
    measured(
      "household",
      "could be two people of one household",
      `(w.weight - w.rarity - (${[model.priorPerson, ...(agreement === "" ? [] : [agreement])].join(" + ")}))`,
    ),
  ].join(", ")}) || ']'`;
}

function weightOf(model: Model, comparison: number): string {
  const cases = model.comparisons[comparison]!.levels.map(
    ({ person, stranger }, l) => `WHEN ${l + 1} THEN ${Math.log2(person / stranger)}`,
  );
  return `CASE c${comparison} ${cases.join(" ")} ELSE 0 END`;
}

function measured(comparison: string, level: string, weight: string): string {
  return `CASE WHEN abs(${weight}) >= 0.0005
    THEN '{"comparison":"${comparison}","level":"${level}","weight":' || printf('%.3f', ${weight}) || '}' END`;
}

function rounded(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}
