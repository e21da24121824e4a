import type { Session } from "../../engine/index.ts";
import { keyColumnNames } from "../standardise/standardise.ts";
import { weightOf } from "../weigh/score.ts";
import type { FieldWeights } from "./field-weights.ts";

/** Records that say too little to be linked: not even to one that says the very same. */
export interface Unlinkable {
  readonly records: number;
  readonly of: number;
  /** By the fields that they fill in, the most frequent first. */
  readonly patterns: readonly FilledPattern[];
}

export interface FilledPattern {
  readonly fields: readonly string[];
  readonly records: number;
  /** log2 odds with a record that agrees in all of these fields, apart from how rare the values are. */
  readonly bestWeight: number;
}

/** What of `identity_standard` each comparison reads. */
function filledOf(keyCount: number): Readonly<Record<string, string>> {
  const keys = keyColumnNames(keyCount);
  return {
    given_name: "given",
    surname: "family",
    middle_name: "middle",
    name_suffix: "suffix",
    gender: "gender",
    birthdate: "birth",
    email: "email",
    phone: "phone",
    national_id: "national_id",
    address: "coalesce(street, number)",
    place: "coalesce(zip, town, region)",
    company: "company",
    birthplace: "birthplace",
    occupation: "occupation",
    ...(keys.length === 0 ? {} : { customer_key: `coalesce(${keys.join(", ")})` }),
  };
}

const shownPatterns = 12;

/** Reads `identity_standard`, which has the records as they were standardised. */
export async function unlinkableRecords(
  session: Session,
  weights: FieldWeights,
  keyCount: number,
): Promise<Unlinkable> {
  const filled = Object.entries(filledOf(keyCount)).filter(([name]) =>
    weights.fields.some((field) => field.name === name),
  );
  const flags = filled.map(([, column], i) => `(${column}) IS NOT NULL AS f${i}`);
  const rows = await session.rows<Record<string, number | boolean>>(
    `SELECT ${[...flags, "count(*) AS n"].join(", ")} FROM identity_standard GROUP BY ALL ORDER BY n DESC, ${filled.map((_, i) => `f${i}`).join(", ")}`,
  );
  const patterns = rows.map((row): FilledPattern => {
    const fields = filled.flatMap(([name], i) => (row[`f${i}`] === true ? [name] : []));
    return { fields, records: Number(row["n"]), bestWeight: bestWeight(weights, fields) };
  });
  const short = patterns.filter((pattern) => pattern.bestWeight <= 0);
  const count = (some: readonly FilledPattern[]): number =>
    some.reduce((sum, { records }) => sum + records, 0);
  return { records: count(short), of: count(patterns), patterns: short.slice(0, shownPatterns) };
}

/** As pairs are weighed (weigh/score.ts), with every field at its first level, which is full agreement. */
function bestWeight(weights: FieldWeights, fields: readonly string[]): number {
  let person = weights.priorPerson;
  let household = weights.priorHousehold;
  for (const { name, levels } of weights.fields) {
    const exact = fields.includes(name) ? levels[0] : undefined;
    if (exact === undefined) continue;
    person += exact.weight;
    household += Math.log2(exact.household / exact.stranger);
  }
  return weightOf({ person, household });
}
