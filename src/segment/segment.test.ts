import { tmpdir } from "node:os";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OneCopyError } from "../base/index.ts";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import {
  type Population,
  type Rule,
  SegmentsConfig,
  compileSegment,
  countSegment,
  dependsOnDay,
  showSegment,
} from "./index.ts";

const columns = [
  { name: "profile_id", type: "VARCHAR" },
  { name: "orders_365d", type: "BIGINT" },
  { name: "revenue_365d", type: "DECIMAL(38,2)" },
  { name: "score", type: "DOUBLE" },
  { name: "city", type: "VARCHAR" },
  { name: "member", type: "BOOLEAN" },
  { name: "joined", type: "DATE" },
  { name: "last_order_time", type: "TIMESTAMP WITH TIME ZONE" },
  { name: "email", type: "VARCHAR" },
] as const;
type Name = (typeof columns)[number]["name"];

/** A row in plain JavaScript; decimals, dates and instants as text. */
type Person = Readonly<Record<Name, string | number | boolean | null>>;

const asOf = "2026-11-22";
let engine: Engine;
let session: Session;

beforeAll(async () => {
  engine = await openEngine({ spillFolder: tmpdir(), memoryLimit: "300MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
});

function population(people: readonly Person[]): Population {
  const rows = people.map(
    (person) =>
      `SELECT ${columns.map(({ name, type }) => `CAST(${literal(person[name])} AS ${type}) AS ${name}`).join(", ")}`,
  );
  const none = `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${name}`).join(", ")} WHERE false`;
  return { relation: `(${[none, ...rows].join(" UNION ALL ")})`, columns, identifying: ["email"] };
}

async function select(rule: Rule, people: readonly Person[]): Promise<string[]> {
  const rows = await session.rows<{ profile_id: string }>(
    `${compileSegment(rule, population(people), asOf)} ORDER BY 1`,
  );
  return rows.map((row) => row.profile_id);
}

const nobody: Person = {
  profile_id: "p",
  orders_365d: null,
  revenue_365d: null,
  score: null,
  city: null,
  member: null,
  joined: null,
  last_order_time: null,
  email: null,
};

describe("as a marketer expects", () => {
  const people: Person[] = [
    { ...nobody, profile_id: "none" },
    {
      ...nobody,
      profile_id: "bonn",
      city: "Bonn",
      orders_365d: 3,
      last_order_time: "2026-11-22 23:59:59+00",
    },
    {
      ...nobody,
      profile_id: "paris",
      city: "Paris",
      orders_365d: 0,
      last_order_time: "2026-10-23 23:59:59+00",
    },
  ];

  test("a person without a value is not equal to anything, and is counted in by !=, not_in and none", async () => {
    expect(await select({ attribute: "city", op: "!=", value: "Bonn" }, people)).toEqual(["none", "paris"]);
    expect(await select({ attribute: "city", op: "not_in", value: ["Bonn"] }, people)).toEqual([
      "none",
      "paris",
    ]);
    expect(await select({ none: [{ attribute: "city", op: "=", value: "Bonn" }] }, people)).toEqual([
      "none",
      "paris",
    ]);
    expect(await select({ none: [{ attribute: "orders_365d", op: ">", value: 0 }] }, people)).toEqual([
      "none",
      "paris",
    ]);
    expect(await select({ attribute: "orders_365d", op: "<", value: 3 }, people)).toEqual(["paris"]);
    expect(await select({ attribute: "city", op: "is_null" }, people)).toEqual(["none"]);
  });

  test("the last 30 days end with today; before_days is what lies before them", async () => {
    expect(await select({ attribute: "last_order_time", op: "within_days", value: 30 }, people)).toEqual([
      "bonn",
    ]);
    expect(await select({ attribute: "last_order_time", op: "within_days", value: 31 }, people)).toEqual([
      "bonn",
      "paris",
    ]);
    expect(await select({ attribute: "last_order_time", op: "before_days", value: 30 }, people)).toEqual([
      "paris",
    ]);
    expect(await select({ attribute: "last_order_time", op: "within_days", value: 1 }, people)).toEqual([
      "bonn",
    ]);
  });

  test("a day as value means the whole day", async () => {
    expect(await select({ attribute: "last_order_time", op: "=", value: "2026-10-23" }, people)).toEqual([
      "paris",
    ]);
    expect(await select({ attribute: "last_order_time", op: "<=", value: "2026-10-23" }, people)).toEqual([
      "paris",
    ]);
    expect(
      await select({ attribute: "last_order_time", op: ">", value: "2026-10-23T23:59:58Z" }, people),
    ).toEqual(["bonn", "paris"]);
    expect(
      await select({ attribute: "last_order_time", op: ">", value: "2026-10-24T01:59:59+02:00" }, people),
    ).toEqual(["bonn"]);
  });

  test("the day is one of UTC, whatever zone the session has", async () => {
    await session.run("SET TimeZone = 'Pacific/Auckland'");
    try {
      expect(await select({ attribute: "last_order_time", op: "=", value: "2026-10-23" }, people)).toEqual([
        "paris",
      ]);
    } finally {
      await session.run("SET TimeZone = 'UTC'");
    }
  });

  test("count and show", async () => {
    const rule: Rule = { attribute: "city", op: "is_not_null" };
    expect(await countSegment(session, rule, population(people), asOf)).toBe(2);
    const shown = await showSegment(session, rule, population(people), asOf, 1);
    expect(shown).toMatchObject([{ profile_id: "bonn", city: "Bonn", orders_365d: 3 }]);
    await expect(showSegment(session, rule, population(people), asOf, 0)).rejects.toThrow(/limit must be/);
  });
});

describe("refused", () => {
  const refusal = (rule: Rule): OneCopyError => {
    try {
      compileSegment(rule, population([]), asOf);
    } catch (error) {
      return error as OneCopyError;
    }
    throw new Error("was not refused");
  };

  test("an unknown attribute, with the nearest and all known ones", () => {
    const error = refusal({ any: [{ attribute: "orders_356d", op: "=", value: 1 }] });
    expect(error).toMatchObject({
      code: "segment.unknown_attribute",
      message: expect.stringContaining("did you mean orders_365d?"),
    });
    expect(error.remedy).toContain("city, member");
    expect(refusal({ attribute: "__proto__", op: "=", value: 1 }).code).toBe("segment.unknown_attribute");
  });

  test("a value of an identifying column, which would be kept outside of the lake", () => {
    expect(refusal({ none: [{ attribute: "email", op: "=", value: "ann@x.org" }] }).code).toBe(
      "segment.identifying_value",
    );
    expect(compileSegment({ attribute: "email", op: "is_not_null" }, population([]), asOf)).toContain(
      "email",
    );
    const parsed = SegmentsConfig.safeParse({
      vip: { rule: { any: [{ attribute: "surname", op: "in", value: ["Lee"] }] } },
    });
    expect(parsed.error?.issues[0]).toMatchObject({
      path: ["vip", "rule", "any", 0, "value"],
      message: expect.stringContaining("points at one person"),
    });
  });

  test.each([
    [{ attribute: "orders_365d", op: "=", value: "3" }, 'orders_365d = takes a number, found "3".'],
    [{ attribute: "orders_365d", op: "=", value: 2 ** 60 }, "takes a number"],
    [{ attribute: "city", op: "=", value: 3 }, "takes a text, found 3"],
    [{ attribute: "city", op: "=" }, "takes a text, found nothing"],
    [{ attribute: "city", op: "in", value: "Bonn" }, "takes a list of values"],
    [{ attribute: "city", op: "=", value: ["Bonn"] }, "takes a text, found a list"],
    [{ attribute: "city", op: "is_null", value: "x" }, "takes no value"],
    [{ attribute: "member", op: "=", value: "yes" }, "takes true or false"],
    [{ attribute: "joined", op: "=", value: "2026-02-30" }, "takes a day"],
    [{ attribute: "joined", op: ">", value: "2026-02-01T10:00:00Z" }, "takes a day"],
    [{ attribute: "last_order_time", op: ">", value: "2026-02-01 10:00" }, "takes a day such as"],
    [{ attribute: "joined", op: "within_days", value: 1.5 }, "whole number of days"],
    [{ attribute: "joined", op: "within_days", value: 0 }, "whole number of days"],
  ] as const)("a value of the wrong type: %j", (rule, message) => {
    expect(refusal(rule)).toMatchObject({
      code: "segment.wrong_type",
      message: expect.stringContaining(message),
    });
  });

  test("an operator that the type does not have, with those that it has", () => {
    const error = refusal({ attribute: "city", op: "<", value: "M" });
    expect(error).toMatchObject({
      code: "segment.operator_not_allowed",
      remedy: expect.stringContaining("starts_with"),
    });
    expect(refusal({ attribute: "member", op: "contains", value: "x" }).code).toBe(
      "segment.operator_not_allowed",
    );
  });

  test("rules that are too deep or too long, without walking through them by recursion", () => {
    let deep: unknown = { attribute: "city", op: "is_null" };
    for (let i = 0; i < 100_000; i++) deep = { all: [deep] };
    const problem = (rule: unknown): string | undefined =>
      SegmentsConfig.safeParse({ s: { rule } }).error?.issues[0]?.message;
    expect(problem(deep)).toMatch(/nested more than 12 deep/);
    expect(
      problem({ any: Array.from({ length: 301 }, () => ({ attribute: "city", op: "is_null" })) }),
    ).toMatch(/more than 300 conditions/);
    expect(problem({ all: [] })).toBeDefined();
    expect(problem({ all: [{ attribute: "city", op: "is_null" }], any: [] })).toBeDefined();
  });

  test("a text that would end the literal stays a text", async () => {
    const person = { ...nobody, city: "x' OR 1=1 --" };
    expect(
      await select({ attribute: "city", op: "=", value: "x' OR 1=1 --" }, [
        person,
        { ...nobody, profile_id: "q" },
      ]),
    ).toEqual(["p"]);
    expect(await select({ attribute: "city", op: "contains", value: "%" }, [person])).toEqual([]);
  });
});

test("whether a rule depends on the day", () => {
  expect(dependsOnDay({ none: [{ any: [{ attribute: "joined", op: "within_days", value: 3 }] }] })).toBe(
    true,
  );
  expect(dependsOnDay({ all: [{ attribute: "joined", op: "<", value: "2026-01-01" }] })).toBe(false);
});

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
}, 60_000);
