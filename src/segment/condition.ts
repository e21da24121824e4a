import { OneCopyError } from "../base/index.ts";
import { ident, literal } from "../engine/index.ts";
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

/**
 * SQL that is true or false for every row, never null: a person without a value is met by `!=`, `not_in` and
 * `is_null`, and by nothing else. `asOf`: `YYYY-MM-DD`.
 * Fails with `segment.operator_not_allowed`, `segment.wrong_type`.
 */
export function conditionSql(condition: Condition, attribute: Attribute, asOf: string): string {
  const { op, value } = condition;
  const column = attribute.canBeNaN
    ? `(CASE WHEN isnan(${ident(attribute.name)}) THEN NULL ELSE ${ident(attribute.name)} END)`
    : ident(attribute.name);
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
    const day = dayOf(attribute, column);
    // The last N days end with the as-of day: N = 1 is that day alone.
    const first = `(DATE ${literal(asOf)} - ${value - 1})`;
    return op === "before_days"
      ? `coalesce(${day} < ${first}, false)`
      : `coalesce(${day} >= ${first} AND ${day} <= DATE ${literal(asOf)}, false)`;
  }

  const one = (single: RuleValue): Operand => {
    const operand = operandOf(single, attribute, column);
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
      return `coalesce(contains(${left}, ${right}), false)`;
    case "starts_with":
      return `coalesce(starts_with(${left}, ${right}), false)`;
    default:
      return `coalesce(${left} ${op} ${right}, false)`;
  }
}

/** The two sides of a comparison. */
interface Operand {
  readonly left: string;
  readonly right: string;
}

function operandOf(value: RuleValue, attribute: Attribute, column: string): Operand | undefined {
  switch (attribute.kind) {
    case "text":
      return typeof value === "string" ? { left: column, right: literal(value) } : undefined;
    case "boolean":
      return typeof value === "boolean" ? { left: column, right: literal(value) } : undefined;
    case "number": {
      // An integer that a double rounds was something else when it was written down.
      const exact =
        typeof value === "number" &&
        Number.isFinite(value) &&
        (!Number.isInteger(value) || Number.isSafeInteger(value));
      return exact ? { left: column, right: literal(value) } : undefined;
    }
    case "date":
    case "timestamp": {
      const moment = typeof value === "string" ? momentOf(value) : undefined;
      return moment === undefined ? undefined : momentOperand(moment, attribute, column);
    }
  }
}

function momentOperand(moment: Moment, attribute: Attribute, column: string): Operand | undefined {
  if (moment.kind === "day") return { left: dayOf(attribute, column), right: `DATE ${literal(moment.text)}` };
  if (attribute.kind === "date") return undefined;
  return { left: `CAST(${column} AS TIMESTAMPTZ)`, right: `TIMESTAMPTZ ${literal(moment.text)}` };
}

/** The day of a column, in UTC whatever the session's zone: a day as value means the whole day. */
function dayOf(attribute: Attribute, column: string): string {
  return attribute.kind === "date" ? column : `CAST(timezone('UTC', CAST(${column} AS TIMESTAMPTZ)) AS DATE)`;
}

function shown(value: RuleValue | readonly RuleValue[]): string {
  return Array.isArray(value) ? "a list" : JSON.stringify(value);
}
