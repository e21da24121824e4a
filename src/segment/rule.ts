import { z } from "zod";
import { type Tag, isIdentifying } from "../source/index.ts";

const operators = [
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "in",
  "not_in",
  "contains",
  "starts_with",
  "is_null",
  "is_not_null",
  "within_days",
  "before_days",
] as const;
export type Operator = (typeof operators)[number];

export type RuleValue = string | number | boolean;

/** `value` is missing for is_null and is_not_null, a list for in and not_in. */
export interface Condition {
  readonly attribute: string;
  readonly op: Operator;
  readonly value?: RuleValue | readonly RuleValue[] | undefined;
}

export type Rule =
  | Condition
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }
  | { readonly none: readonly Rule[] };

/** What keeps a rule readable, and its query one that an engine plans at once. */
const LIMITS = { depth: 12, conditions: 300, listed: 1000, textLength: 1000 } as const;

const RuleValue = z.union([z.string().max(LIMITS.textLength), z.number(), z.boolean()]);

const Condition = z.strictObject({
  attribute: z.string().min(1).describe("A column of unified.customer_360, such as orders_365d."),
  op: z
    .enum(operators)
    .describe(
      "How the attribute is compared. contains and starts_with: texts, capitals count. within_days: the day lies in the last N days, today " +
        "included; before_days: it lies before them. A person without a value is met by !=, not_in and is_null only.",
    ),
  value: z
    .union([RuleValue, z.array(RuleValue).min(1).max(LIMITS.listed)])
    .optional()
    .describe(
      "What it is compared with: a number, text, true or false, a day (2026-01-31) or moment (2026-01-31T12:00:00Z); a list for in and " +
        "not_in; a number of days for within_days and before_days; nothing for is_null and is_not_null.",
    ),
});

const AnyRule: z.ZodType<Rule> = z
  .lazy(() => z.union([Condition, All, Any, None]))
  .meta({ id: "SegmentRule" });
const parts = z.array(AnyRule).min(1);
const All = z.strictObject({ all: parts.describe("Everyone whom all of these rules select.") });
const Any = z.strictObject({ any: parts.describe("Everyone whom at least one of these rules selects.") });
const None = z.strictObject({ none: parts.describe("Everyone whom none of these rules selects.") });

export const BoundedRule: z.ZodType<Rule> = z
  .preprocess((raw, context) => {
    const problem = tooLarge(raw);
    if (problem === undefined) return raw;
    context.addIssue({ code: "custom", message: problem });
    return z.NEVER;
  }, AnyRule)
  .superRefine((rule, context) => {
    for (const { path, condition } of conditionsOf(rule))
      if (holdsValue(condition) && isIdentifying(condition.attribute as Tag))
        context.addIssue({
          code: "custom",
          path: [...path, "value"],
          message: identifyingProblem(condition.attribute),
        });
  })
  .describe("Conditions on attributes, nested with all, any and none.");

export const segmentName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "must be lower-case letters, digits and _, and begin with a letter");

/** The section `segments` of the configuration: rules by name. */
export const SegmentsConfig = z
  .record(
    segmentName,
    z.strictObject({
      description: z.string().max(2000).optional().describe("Whom the segment is meant to hold."),
      rule: BoundedRule,
    }),
  )
  .describe("Rules that select people, by name.");

export type SegmentsConfig = z.infer<typeof SegmentsConfig>;
export type Segment = SegmentsConfig[string];

/** Whether a condition holds a value of its attribute, and does not only ask whether there is one. */
export function holdsValue({ op }: Condition): boolean {
  return op !== "is_null" && op !== "is_not_null";
}

export function identifyingProblem(attribute: string): string {
  return (
    `${attribute} points at one person, and rules are kept outside of the lake, so a rule may not hold a value of it; ` +
    "ask whether it is there (is_null, is_not_null), or select by another attribute"
  );
}

interface PlacedCondition {
  readonly path: readonly PropertyKey[];
  readonly condition: Condition;
}

function conditionsOf(rule: Rule, path: readonly PropertyKey[] = []): PlacedCondition[] {
  if ("attribute" in rule) return [{ path, condition: rule }];
  return Object.entries(rule as Record<string, readonly Rule[]>).flatMap(([group, parts]) =>
    parts.flatMap((part, i) => conditionsOf(part, [...path, group, i])),
  );
}

/** Looked at without recursion, before anything else walks through the rule. */
function tooLarge(raw: unknown): string | undefined {
  let level: unknown[] = [raw];
  let conditions = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > LIMITS.depth) return `must not be nested more than ${LIMITS.depth} deep`;
    conditions += level.filter((part) => isObject(part) && "attribute" in part).length;
    if (conditions > LIMITS.conditions) return `must not have more than ${LIMITS.conditions} conditions`;
    level = level.flatMap((part) =>
      isObject(part)
        ? [part["all"], part["any"], part["none"]].filter((inner) => Array.isArray(inner)).flat()
        : [],
    );
    if (level.length > 10 * LIMITS.conditions)
      return `must not have more than ${LIMITS.conditions} conditions`;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
