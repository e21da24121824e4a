import { literal, type Session } from "../../engine/index.ts";
import type { Model } from "../weigh/estimate.ts";

/**
 * Makes `identity_model(comparison, level, position, person, household, stranger)`: how often a pair of each class
 * stands at each level (shares of 1). The row `prior` has the odds of the classes against strangers, in log2.
 */
export async function writeModel(session: Session, model: Model): Promise<void> {
  const rows = model.comparisons.flatMap(({ name, levels }) =>
    levels.map(
      (level, i) =>
        `(${literal(name)}, ${literal(level.name)}, ${i + 1}, ${double(level.person)}, ${double(level.household)}, ${double(level.stranger)})`,
    ),
  );
  rows.unshift(
    `('prior', 'log2 odds', 0, ${double(model.priorPerson)}, ${double(model.priorHousehold)}, ${double(0)})`,
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_model AS
    SELECT * FROM (VALUES ${rows.join(", ")}) m(comparison, level, position, person, household, stranger)`);
}

function double(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}
