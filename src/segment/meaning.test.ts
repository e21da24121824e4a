import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Rule, SegmentsConfig } from "./index.ts";
import { type Name, type Person, asOf, select } from "./people-for-test.ts";

/** What a rule means, in plain JavaScript; written down from the documentation, not from the SQL. */
function meets(rule: Rule, person: Person): boolean {
  if ("all" in rule) return rule.all.every((part) => meets(part, person));
  if ("any" in rule) return rule.any.some((part) => meets(part, person));
  if ("none" in rule) return !rule.none.some((part) => meets(part, person));
  const raw = person[rule.attribute as Name];
  const present = raw !== null && !Number.isNaN(raw);
  const { op, value } = rule;
  if (op === "is_null") return !present;
  if (op === "is_not_null") return present;
  if (op === "!=") return !present || !meets({ ...rule, op: "=" }, person);
  if (op === "not_in") return !present || !meets({ ...rule, op: "in" }, person);
  if (!present) return false;
  if (op === "in")
    return (value as string[]).some((each) => meets({ ...rule, op: "=", value: each }, person));
  if (op === "contains") return String(raw).includes(String(value));
  if (op === "starts_with") return String(raw).startsWith(String(value));
  if (op === "within_days" || op === "before_days") {
    const daysAgo = (Date.parse(asOf) - Date.parse(String(raw).slice(0, 10))) / 86_400_000;
    return op === "within_days" ? daysAgo >= 0 && daysAgo < Number(value) : daysAgo >= Number(value);
  }
  const order = compare(rule.attribute as Name, raw!, value as string | number | boolean);
  switch (op) {
    case "=":
      return order === 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function compare(name: Name, raw: string | number | boolean, value: string | number | boolean): number {
  if (name === "joined") return String(raw) < String(value) ? -1 : raw === value ? 0 : 1;
  if (name === "last_order_time") {
    const isDay = String(value).length === 10;
    const [a, b] = isDay
      ? [String(raw).slice(0, 10), String(value)]
      : [Date.parse(String(raw)), Date.parse(String(value))];
    return a < b ? -1 : a === b ? 0 : 1;
  }
  if (name === "city" || name === "member") return raw === value ? 0 : 1;
  return Number(raw) - Number(value);
}

const city = fc.constantFrom("Bonn", "Köln", "bonn", "Bonn-Süd", "", "O'Hare", "北京", "%", "_", "\\");
const day = fc.constantFrom(
  "2026-11-22",
  "2026-11-21",
  "2026-10-24",
  "2026-10-23",
  "2025-12-31",
  "2026-11-23",
  "2024-02-29",
);
const clock = fc.constantFrom("00:00:00", "23:59:59", "12:30:15");
const instant = fc.tuple(day, clock).map(([d, c]) => `${d}T${c}Z`);
const cents = fc.integer({ min: -300, max: 300 }).map((n) => n / 100);
const small = fc.integer({ min: -3, max: 3 });

const person: fc.Arbitrary<Person> = fc.record({
  profile_id: fc.constant(""),
  orders_365d: fc.option(small),
  revenue_365d: fc.option(cents.map((n) => n.toFixed(2))),
  score: fc.option(fc.oneof(cents, fc.constantFrom(Number.NaN, Infinity, -Infinity))),
  city: fc.option(city),
  member: fc.option(fc.boolean()),
  joined: fc.option(day),
  last_order_time: fc.option(instant),
  email: fc.option(fc.constant("a@x.org")),
});

const comparison = fc.constantFrom("=", "!=", "<", "<=", ">", ">=") as fc.Arbitrary<"=">;
const listing = fc.constantFrom("in", "not_in") as fc.Arbitrary<"in">;
const presence = fc.constantFrom("is_null", "is_not_null") as fc.Arbitrary<"is_null">;
const span = fc.constantFrom("within_days", "before_days") as fc.Arbitrary<"within_days">;
const valuesOf: Readonly<Record<string, fc.Arbitrary<string | number | boolean>>> = {
  orders_365d: fc.oneof(small, cents),
  revenue_365d: cents,
  score: cents,
  city,
  member: fc.boolean(),
  joined: day,
  last_order_time: fc.oneof(day, instant),
};

const condition: fc.Arbitrary<Rule> = fc
  .constantFrom(...Object.keys(valuesOf), "email")
  .chain((attribute) => {
    const value = valuesOf[attribute];
    const asked: fc.Arbitrary<Rule>[] = [presence.map((op) => ({ attribute, op }))];
    if (value === undefined) return asked[0]!;
    const isOrdered = attribute !== "city" && attribute !== "member";
    const op = isOrdered ? comparison : (fc.constantFrom("=", "!=") as typeof comparison);
    asked.push(fc.record({ attribute: fc.constant(attribute), op, value }));
    if (attribute !== "member")
      asked.push(
        fc.record({
          attribute: fc.constant(attribute),
          op: listing,
          value: fc.array(value, { minLength: 1, maxLength: 4 }),
        }),
      );
    if (attribute === "city")
      asked.push(
        fc.record({
          attribute: fc.constant(attribute),
          op: fc.constantFrom("contains" as const, "starts_with" as const),
          value,
        }),
      );
    if (attribute === "joined" || attribute === "last_order_time")
      asked.push(
        fc.record({ attribute: fc.constant(attribute), op: span, value: fc.constantFrom(1, 2, 30, 31, 400) }),
      );
    return fc.oneof(...asked);
  });

const { rule: anyRule } = fc.letrec<{ rule: Rule }>((tie) => {
  const parts = fc.array(tie("rule"), { minLength: 1, maxLength: 3 });
  return {
    rule: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      condition,
      parts.map((all) => ({ all })),
      parts.map((any) => ({ any })),
      parts.map((none) => ({ none })),
    ),
  };
});

test("the query selects exactly whom the rule means, nulls and NaN included", async () => {
  await fc.assert(
    fc.asyncProperty(anyRule, fc.array(person, { minLength: 1, maxLength: 12 }), async (rule, drawn) => {
      const parsed = SegmentsConfig.parse({ s: { rule } })["s"]!.rule;
      const people = drawn.map((each, i) => ({ ...each, profile_id: `p${String(i).padStart(2, "0")}` }));
      const expected = people.filter((each) => meets(rule, each)).map((each) => each.profile_id);
      expect(await select(parsed, people)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
