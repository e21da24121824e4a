import { describe, expect, test } from "vitest";
import type { OneCopyError } from "../base/index.ts";
import {
  type Rule,
  SegmentsConfig,
  compileSegment,
  countSegment,
  dependsOnDay,
  showSegment,
} from "./index.ts";
import { type Person, asOf, nobody, population, select, session } from "./people-for-test.ts";

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
