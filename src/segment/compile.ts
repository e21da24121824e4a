import { OneCopyError } from "../base/index.ts";
import { type Column, type Dialect, duckdb } from "../engine/index.ts";
import { attributeOf } from "./attribute.ts";
import { type AsOf, conditionSql } from "./condition.ts";
import { type Condition, type Rule, holdsValue, identifyingProblem } from "./rule.ts";

/** What a rule selects from. */
export interface Population {
  /** One row a person, with `profile_id`: SQL text that can stand after FROM. */
  readonly relation: string;
  readonly columns: readonly Column[];
  /** Columns that point at one person. A rule is kept in the state, so it may not hold values of them. */
  readonly identifying: readonly string[];
}

/**
 * `SELECT profile_id …` of the people whom the rule selects, as of a day (`YYYY-MM-DD`, UTC).
 *
 * Every condition is true or false, never unknown: a person without a value is met by `!=`, `not_in` and `is_null`
 * only, so `none` is exactly everyone whom `any` of the same rules leaves out.
 *
 * Fails with `segment.unknown_attribute`, `segment.identifying_value`, `segment.operator_not_allowed`,
 * `segment.wrong_type`, `segment.attribute_type_unsupported`, `segment.bad_day`.
 */
export function compileSegment(rule: Rule, population: Population, asOf: string): string {
  requireDay(asOf);
  return `SELECT profile_id FROM ${population.relation} WHERE ${predicate(rule, population, asOf)}`;
}

/** Whether the people whom a rule selects can change from one day to the next while their data don't. */
export function dependsOnDay(rule: Rule): boolean {
  if ("all" in rule) return rule.all.some(dependsOnDay);
  if ("any" in rule) return rule.any.some(dependsOnDay);
  if ("none" in rule) return rule.none.some(dependsOnDay);
  return rule.op === "within_days" || rule.op === "before_days";
}

export function requireDay(asOf: string): void {
  if (/^\d{4}-\d{2}-\d{2}$/.test(asOf)) return;
  throw new OneCopyError(
    "segment.bad_day",
    `The as-of day must be YYYY-MM-DD, found ${JSON.stringify(asOf)}.`,
  );
}

/** A rule as a condition that can stand after WHERE. */
export function predicate(
  rule: Rule,
  population: Pick<Population, "columns" | "identifying">,
  asOf: AsOf,
  dialect: Dialect = duckdb,
): string {
  const each = (rules: readonly Rule[]): string[] =>
    rules.map((part) => predicate(part, population, asOf, dialect));
  if ("all" in rule) return `(${each(rule.all).join(" AND ")})`;
  if ("any" in rule) return `(${each(rule.any).join(" OR ")})`;
  if ("none" in rule) return `(NOT (${each(rule.none).join(" OR ")}))`;
  const attribute = attributeOf(rule.attribute, population.columns);
  refuseIdentifyingValue(rule, population.identifying);
  return conditionSql(rule, attribute, asOf, dialect);
}

function refuseIdentifyingValue(condition: Condition, identifying: readonly string[]): void {
  if (!holdsValue(condition) || !identifying.includes(condition.attribute)) return;
  throw new OneCopyError("segment.identifying_value", `${identifyingProblem(condition.attribute)}.`);
}
