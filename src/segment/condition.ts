import { OneCopyError } from "../base/index.ts";
import type { Dialect, Operands } from "../engine/index.ts";
import type { Attribute, Kind } from "./attribute.ts";
import { type Moment, momentOf } from "./moment.ts";
import type { Condition, Operator, RuleValue } from "./rule.ts";

const comparable: readonly Operator[] = ["=", "!=", "<", "<=", ">", ">=", "in", "not_in"];
const operatorsOf: Readonly<Record<Kind, readonly Operator[]>> = {
  text: ["=", "!=", "in", "not_in", "contains", "starts_with"],
  number: comparable,
  boolean: ["=", "!="],
  date: [...comparable, "within_days", "before_days"],
  timestamp: [...comparable, "within_days", "before_days"],
};

const expected: Readonly<Record<Kind, string>> = {
  text: "a text",
  number: "a number",
  boolean: "true or false",
  date: 'a day such as "2026-01-31"',
  timestamp: 'a day such as "2026-01-31" or a moment such as "2026-01-31T12:00:00Z"',
};

/** The day that a rule is about: `YYYY-MM-DD`, or the one on which the query runs. */
export type AsOf = string | typeof today;

export const today = Symbol("today");

/**
 * SQL that is true or false for every row, never null: a person without a value is met by `!=`, `not_in` and
 * `is_null`, and by nothing else; NaN is no value, as null is.
 * Fails with `segment.operator_not_allowed`, `segment.wrong_type`.
 */
export function conditionSql(
  condition: Condition,
  attribute: Attribute,
  asOf: AsOf,
  dialect: Dialect,
): string {
  const { op, value } = condition;
  const column = columnOf(attribute, dialect);
  const wrong = (wanted: string): OneCopyError =>
    new OneCopyError(
      "segment.wrong_type",
      `${attribute.name} ${op} takes ${wanted}, found ${value === undefined ? "nothing" : shown(value)}.`,
      { remedy: "Correct the value of this condition." },
    );

  if (op === "is_null" || op === "is_not_null") {
    if (value !== undefined) throw wrong("no value");
    return `(${column} IS ${op === "is_null" ? "" : "NOT "}NULL)`;
  }
  const allowed = operatorsOf[attribute.kind];
  if (!allowed.includes(op))
    throw new OneCopyError(
      "segment.operator_not_allowed",
      `${attribute.name} is a ${attribute.kind}, which ${op} cannot be asked of.`,
      { remedy: `Use one of ${[...allowed, "is_null", "is_not_null"].join(", ")}.` },
    );

  if (op === "within_days" || op === "before_days") {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 100_000)
      throw wrong("a whole number of days from 1 to 100000");
    const day = dayOf(attribute, column, dialect);
    const last = asOf === today ? dialect.today : dayLiteral(asOf, dialect);
    // The last N days end with the as-of day: N = 1 is that day alone.
    const first = dialect.daysBefore(last, value - 1);
    return op === "before_days"
      ? `coalesce(${day} < ${first}, false)`
      : `coalesce(${day} >= ${first} AND ${day} <= ${last}, false)`;
  }

  const one = (single: RuleValue): Operands => {
    const operand = operandOf(single, attribute, column, dialect);
    if (operand === undefined)
      throw wrong(`${expected[attribute.kind]}${op.endsWith("in") ? ", or a list of such" : ""}`);
    return operand;
  };
  if (op === "in" || op === "not_in") {
    if (!Array.isArray(value)) throw wrong(`a list of values, each ${expected[attribute.kind]}`);
    const equal = (value as readonly RuleValue[]).map(one);
    const groups = [...new Set(equal.map(({ left }) => left))].map(
      (left) =>
        `${left} IN (${equal
          .filter((operand) => operand.left === left)
          .map(({ right }) => right)
          .join(", ")})`,
    );
    const found = `coalesce(${groups.join(" OR ")}, false)`;
    return op === "in" ? found : `(NOT ${found})`;
  }
  if (value === undefined || typeof value === "object") throw wrong(expected[attribute.kind]);
  const { left, right } = one(value);
  switch (op) {
    case "!=":
      return `(${left} IS DISTINCT FROM ${right})`;
    case "contains":
      return `coalesce(${dialect.contains(left, right)}, false)`;
    case "starts_with":
      return `coalesce(${dialect.startsWith(left, right)}, false)`;
    default:
      return `coalesce(${left} ${op} ${right}, false)`;
  }
}

function operandOf(
  value: RuleValue,
  attribute: Attribute,
  column: string,
  dialect: Dialect,
): Operands | undefined {
  switch (attribute.kind) {
    case "text":
      return typeof value === "string" ? { left: column, right: dialect.text(value) } : undefined;
    case "boolean":
      return typeof value === "boolean" ? { left: column, right: String(value) } : undefined;
    case "number": {
      // An integer that a double rounds was something else when it was written down.
      const exact =
        typeof value === "number" &&
        Number.isFinite(value) &&
        (!Number.isInteger(value) || Number.isSafeInteger(value));
      return exact ? dialect.compareNumber(column, attribute.type, value) : undefined;
    }
    case "date":
    case "timestamp": {
      const moment = typeof value === "string" ? momentOf(value) : undefined;
      return moment === undefined ? undefined : momentOperand(moment, attribute, column, dialect);
    }
  }
}

function momentOperand(
  moment: Moment,
  attribute: Attribute,
  column: string,
  dialect: Dialect,
): Operands | undefined {
  if (moment.kind === "day")
    return { left: dayOf(attribute, column, dialect), right: dayLiteral(moment.text, dialect) };
  if (attribute.kind === "date") return undefined;
  return dialect.compareMoment(column, isZoned(attribute), moment.text);
}

/** The day of a column, in UTC whatever the session's zone: a day as value means the whole day. */
function dayOf(attribute: Attribute, column: string, dialect: Dialect): string {
  return attribute.kind === "date" ? column : dialect.dayOf(column, isZoned(attribute));
}

function dayLiteral(day: string, dialect: Dialect): string {
  return `DATE ${dialect.text(day)}`;
}

function isZoned({ type }: Attribute): boolean {
  return type === "TIMESTAMP WITH TIME ZONE";
}

function columnOf({ name, type }: Attribute, dialect: Dialect): string {
  const column = dialect.ident(name);
  const canBeNaN = type === "FLOAT" || type === "DOUBLE";
  return canBeNaN ? `(CASE WHEN ${dialect.isNaN(column)} THEN NULL ELSE ${column} END)` : column;
}

function shown(value: RuleValue | readonly RuleValue[]): string {
  return Array.isArray(value) ? "a list" : JSON.stringify(value);
}
