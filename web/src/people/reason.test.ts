import { expect, test } from "vitest";
import { likelihoodOf, waterfallOf } from "./reason.ts";

const evidenceOf = (comparison: string, level: string, left: unknown, right: unknown, weight: number) => {
  return { comparison, level, left, right, weight };
};

const link = {
  left: { source: "shop", recordId: "1" },
  right: { source: "desk", recordId: "2" },
  probability: 0.99985,
  weight: 8,
  evidence: [
    evidenceOf("place", "different", "Rome", "Oslo", -2),
    evidenceOf("email", "exact", "a@example.org", "a@example.org", 13),
    evidenceOf("given_name", "nickname or middle name", "margaret", "maggie", 4),
    evidenceOf("phone", "exact, of several people", null, null, 3),
    evidenceOf("prior", "any two records", null, null, -11.5),
    evidenceOf("rarity", "how rare the values are that agree", null, null, 2),
    evidenceOf("household", "could be two people of one household", null, null, -0.5),
  ],
};

test("the waterfall starts where any two records start, goes from the best evidence to the worst, and ends at the weight", () => {
  const steps = waterfallOf(link);
  expect(steps.map((step) => [step.kind, step.from, step.to])).toEqual([
    ["start", 0, -11.5],
    ["evidence", -11.5, 1.5],
    ["evidence", 1.5, 5.5],
    ["evidence", 5.5, 8.5],
    ["evidence", 8.5, 10.5],
    ["evidence", 10.5, 10],
    ["evidence", 10, 8],
    ["sum", 0, 8],
  ]);
});

test("each step says in words what was compared and what came out", () => {
  expect(waterfallOf(link).map((step) => [step.text, step.detail])).toEqual([
    ["Any two records", "one pair in 2,900 is one person"],
    ["Same e-mail", "a@example.org"],
    ["Given name: nickname or middle name", "margaret / maggie"],
    ["Same phone, of several people", undefined],
    ["The values that agree are rare", undefined],
    ["Could be two people of one household", undefined],
    ["Different town and postal code", "Rome / Oslo"],
    ["Together", "one person with 99.98 %"],
  ]);
});

test("a link whose weight is its comparisons alone has no start", () => {
  const steps = waterfallOf({ ...link, weight: 19.5 });
  expect(steps[0]?.kind).toBe("evidence");
  expect(steps[0]?.from).toBe(0);
});

test("no probability is rounded to certainty", () => {
  const last = (probability: number) => waterfallOf({ ...link, probability }).at(-1)?.detail;
  expect(last(1)).toBe("one person with more than 99.99 %");
  expect(last(0.99989)).toBe("one person with 99.98 %");
  expect(last(0.5)).toBe("one person with 50.0 %");
  expect(last(0)).toBe("one person with less than 0.01 %");
});

test("a weight of +1 is twice as likely, −1 half as likely", () => {
  expect(likelihoodOf(1)).toBe("2× likelier");
  expect(likelihoodOf(-1)).toBe("2× less likely");
  expect(likelihoodOf(12)).toBe("4,100× likelier");
  expect(likelihoodOf(23.5)).toBe("12 million× likelier");
  expect(likelihoodOf(0)).toBe("says nothing");
});
