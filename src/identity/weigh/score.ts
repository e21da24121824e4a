import type { Session } from "../../engine/index.ts";
import { type ComparisonPlan, comparePairs } from "../compare/compare.ts";
import { numberColumn } from "../literal-column.ts";
import { estimateModel, type Model, type Patterns } from "./estimate.ts";
import { levelShares } from "./sample.ts";

/** Estimates the model from `identity_candidate(a, b)`, whose pairs it leaves compared in `identity_pair`. */
export async function trainModel(session: Session, plan: ComparisonPlan, nodes: number): Promise<Model> {
  await comparePairs(session, plan, "identity_candidate", "identity_pair");
  const shares = await levelShares(session, plan, nodes);
  return estimateModel(
    plan.comparisons,
    await readPatterns(session, plan, "identity_pair"),
    shares,
    Math.max(1, (nodes * (nodes - 1)) / 2),
    nodes,
  );
}

/**
 * Makes `output(a, b, weight, …levels)` from compared pairs. `weight` is log2 of the odds that the two nodes are one person, against
 * their being one household or strangers.
 */
export async function scorePairs(
  session: Session,
  plan: ComparisonPlan,
  model: Model,
  compared: string,
  output: string,
): Promise<void> {
  const patterns = await readPatterns(session, plan, compared);
  const person = Array.from(patterns.counts, () => model.priorPerson);
  const household = Array.from(patterns.counts, () => model.priorHousehold);
  for (const [i, { levels }] of model.comparisons.entries())
    for (let p = 0; p < person.length; p++) {
      const level = levels[patterns.levels[i]![p]! - 1];
      if (level === undefined) continue;
      person[p]! += Math.log2(level.person / level.stranger);
      household[p]! += Math.log2(level.household / level.stranger);
    }
  const codes = plan.comparisons.map((_, i) => `c${i}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_pattern AS SELECT
    ${codes.map((code, i) => `${numberColumn(patterns.levels[i]!, "TINYINT")} AS ${code}`).join(", ")},
    ${numberColumn(person, "DOUBLE")} AS person, ${numberColumn(household, "DOUBLE")} AS household`);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${output} AS
    SELECT a, b, person + rarity - log2(1 + pow(2, least(household + household_rarity, 1000))) AS weight,
      rarity, household_rarity, ${codes.join(", ")}
    FROM ${compared} JOIN identity_pattern USING (${codes.join(", ")})`);
}

async function readPatterns(session: Session, plan: ComparisonPlan, compared: string): Promise<Patterns> {
  const codes = plan.comparisons.map((_, i) => `c${i}`);
  const arrays = await session.arrays(
    `SELECT ${codes.map((code) => `CAST(${code} AS INTEGER) AS ${code}`).join(", ")}, CAST(count(*) AS DOUBLE) AS n
     FROM ${compared} GROUP BY ${codes.join(", ")} ORDER BY ${codes.join(", ")}`,
  );
  return { levels: codes.map((code) => arrays[code] as Int32Array), counts: arrays["n"] as Float64Array };
}
