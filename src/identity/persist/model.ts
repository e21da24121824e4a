import { OneCopyError } from "../../base/index.ts";
import { literal, type Session } from "../../engine/index.ts";
import type { ComparisonPlan } from "../compare/compare.ts";
import type { ComparisonModel, Model } from "../weigh/estimate.ts";

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

interface ModelRow {
  readonly comparison: string;
  readonly level: string;
  readonly person: number;
  readonly household: number;
  readonly stranger: number;
}

/** The model of a relation as {@link writeModel} makes it. Fails with `identity.model_unknown` when it is of other comparisons. */
export async function readModel(
  session: Session,
  relation: string,
  { comparisons }: ComparisonPlan,
): Promise<Model> {
  const rows = await session.rows<ModelRow & Record<string, never>>(
    `SELECT comparison, level, person, household, stranger FROM ${relation} ORDER BY position`,
  );
  const prior = rows.find(({ comparison }) => comparison === "prior");
  const known = comparisons.map(({ name, levels }): ComparisonModel => {
    const own = rows.filter(({ comparison }) => comparison === name);
    if (own.length !== levels.length || own.some(({ level }, i) => level !== levels[i]!.name))
      throw unknownModel(name);
    return {
      name,
      levels: own.map(({ level, person, household, stranger }) => ({
        name: level,
        person,
        household,
        stranger,
      })),
    };
  });
  if (prior === undefined) throw unknownModel("prior");
  return { comparisons: known, priorPerson: prior.person, priorHousehold: prior.household };
}

function unknownModel(comparison: string): OneCopyError {
  return new OneCopyError(
    "identity.model_unknown",
    `The model does not say what ${comparison} weighs as this version of OneCopy compares it.`,
    { remedy: "Train a model anew." },
  );
}
