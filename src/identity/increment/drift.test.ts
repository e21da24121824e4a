import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import type { ComparisonPlan } from "../compare/compare.ts";
import type { Comparison } from "../compare/comparison.ts";
import { Facts } from "../model/facts.ts";
import { Scorer, type WeightedPairs } from "../weigh/score.ts";
import { findDrift, learnForDrift } from "./drift.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-drift-");
});
afterAll(async () => {
  await bench.close();
});
beforeEach(async () => {
  await bench.session.run(`CREATE OR REPLACE TEMP TABLE records AS SELECT range AS no FROM range(5000);
    CREATE OR REPLACE TEMP TABLE identity_came (no BIGINT);
    CREATE OR REPLACE TEMP TABLE identity_left (no BIGINT)`);
});

const levels = (names: readonly string[]): Comparison["levels"] =>
  names.map((name) => ({ name, prior: 1 / names.length }));

/** The second node of a pair says how the two agree: in tens the name, in ones the e-mail. */
const comparisons: readonly Comparison[] = [
  {
    name: "name",
    levels: levels(["same", "different"]),
    level: (_, b) => Math.floor(b / 10),
    ofHousehold: false,
    ofOnePerson: true,
  },
  {
    name: "email",
    levels: levels(["same", "near", "different"]),
    level: (_, b) => b % 10,
    ofHousehold: false,
    ofOnePerson: false,
  },
];
const plan: ComparisonPlan = {
  comparisons,
  rareIn: () => ({ all: [], ofHousehold: [] }),
  data: undefined as never,
};
const alike = { person: 0.3, household: 0.3, stranger: 0.3 };
/** The name alone decides: weight 4 where it is the same, −16 where it is not. */
const scorer = new Scorer(plan, {
  priorPerson: -6,
  priorHousehold: -1000,
  comparisons: [
    {
      name: "name",
      levels: [
        { name: "same", person: 1, household: 1, stranger: 2 ** -10 },
        { name: "different", person: 2 ** -10, household: 1, stranger: 1 },
      ],
    },
    { name: "email", levels: ["same", "near", "different"].map((name) => ({ name, ...alike })) },
  ],
});

/** At each level of the e-mail: the same, near, different. */
type Counts = readonly [number, number, number];

/** So many pairs of one person. */
function pairs(counts: Counts, others: readonly number[] = []): WeightedPairs {
  const b = counts.flatMap((count, i) => Array.from({ length: count }, () => 11 + i));
  b.push(...others);
  return scorer.compare({ a: new Int32Array(b.length), b: Int32Array.from(b) });
}

async function drift(trained: WeightedPairs, found: WeightedPairs): Promise<string | undefined> {
  const facts = await Facts.toLearn(bench.session);
  learnForDrift(facts, scorer, trained, 5000);
  await facts.write();
  const known = await Facts.known(bench.session, "identity_learned");
  return await findDrift(bench.session, "records", known, scorer, found);
}

const email = (index: string, total: number): string =>
  `email agrees otherwise than when it was trained (stability index ${index} over ${total} pairs)`;

// Σ (a − b) · ln(a / b). Of a half that becomes a: (a − ½) · ln(a / (1 − a)), 0.2397 at 0.735 and 0.2626 at 0.745.
test.each<[Counts, Counts, string | undefined]>([
  [[1000, 0, 1000], [1000, 0, 1000], undefined],
  [[1000, 0, 1000], [1470, 0, 530], undefined],
  [[1000, 0, 1000], [1490, 0, 510], email("0.26", 2000)],
  [[1000, 0, 1000], [510, 0, 1490], email("0.26", 2000)],
  // The numbers of pairs are of no matter, as long as there are enough.
  [[100_000, 0, 100_000], [735, 0, 265], undefined],
  [[100_000, 0, 100_000], [745, 0, 255], email("0.26", 1000)],
  [[100_000, 0, 100_000], [999, 0, 0], undefined],
  [[999, 0, 0], [0, 0, 100_000], undefined],
  // (0.5 − 0.4) · ln(0.5 / 0.4) + (0.2 − 0.4) · ln(0.2 / 0.4) + (0.3 − 0.2) · ln(0.3 / 0.2) = 0.2015, and 0.4750 the next.
  [[4000, 4000, 2000], [5000, 2000, 3000], undefined],
  [[4000, 4000, 2000], [5000, 1200, 3800], email("0.47", 10_000)],
  // A level that was never seen: 4% of it are 0.2408, 5% are 0.3127.
  [[2000, 0, 0], [1920, 0, 80], undefined],
  [[2000, 0, 0], [1900, 0, 100], email("0.31", 2000)],
])("pairs that agreed as %j and now as %j", async (trained, found, expected) => {
  expect(await drift(pairs(trained), pairs(found))).toBe(expected);
});

test("pairs that are rather two people, and those without a value, count for nothing", async () => {
  const two = 23; // another name, another e-mail
  const nothing = 10; // the same name, no e-mail
  const trained = pairs([1000, 0, 1000]);
  expect(await drift(trained, pairs([1000, 0, 1000], new Array<number>(50_000).fill(two)))).toBeUndefined();
  expect(await drift(trained, pairs([490, 0, 500], new Array<number>(50_000).fill(nothing)))).toBeUndefined();
  // Their names are the same in both.
  expect(await drift(pairs([0, 0, 0], new Array<number>(5000).fill(nothing)), trained)).toBeUndefined();
});

test("records that became more than twice as many, with those that came and without those that left", async () => {
  const same = pairs([1000, 0, 1000]);
  await bench.session.run("INSERT INTO identity_came FROM range(5000)");
  expect(await drift(same, same)).toBeUndefined();
  await bench.session.run("INSERT INTO identity_came VALUES (7)");
  expect(await drift(same, same)).toBe("10001 records are more than twice the 5000 that it was trained on");
  await bench.session.run("INSERT INTO identity_left VALUES (7)");
  expect(await drift(same, same)).toBeUndefined();
});
