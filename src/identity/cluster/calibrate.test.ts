import { afterAll, beforeAll, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { Facts } from "../model/facts.ts";
import type { Matching } from "../weigh/matching.ts";
import { calibrated, probabilities } from "./calibrate.ts";
import type { Clusters } from "./cluster.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-calibrate-");
});
afterAll(async () => {
  await bench.close();
});

/** Pairs of their own two nodes each: of `pairs` with a weight, so many are in one profile. */
function clusters(
  groups: readonly { readonly weight: number; readonly pairs: number; readonly joined: number }[],
): Clusters {
  const weights = groups.flatMap(({ weight, pairs }) => Array.from({ length: pairs }, () => weight));
  const joined = groups.flatMap(({ pairs, joined: some }) =>
    Array.from({ length: pairs }, (_, i) => i < some),
  );
  const a = Int32Array.from(weights.keys(), (i) => 2 * i);
  return {
    cluster: Int32Array.from({ length: 2 * weights.length }, (_, node) =>
      joined[node >> 1] ? node & ~1 : node,
    ),
    pairs: {
      a,
      b: a.map((node) => node + 1),
      weight: Float64Array.from(weights),
      pattern: new Float64Array(weights.length),
      rarity: new Float32Array(weights.length),
      householdRarity: new Float32Array(weights.length),
    },
  };
}

test("a pair is as probable as pairs of its weight turned out, and never less than one of a smaller weight", async () => {
  const found = probabilities(
    await Facts.toLearn(bench.session),
    clusters([
      { weight: 0.5, pairs: 4000, joined: 3200 },
      { weight: 3.5, pairs: 4000, joined: 3000 },
      { weight: 7.2, pairs: 4000, joined: 3900 },
    ]),
    "balanced",
  );
  expect(found[0]).toBeCloseTo(3200 / 4000, 1);
  expect(found[0]).toBeLessThanOrEqual(found[3]!);
  expect(found[3]).toBeCloseTo(6200 / 8000, 1);
  expect(found[7]).toBeCloseTo(0.975, 2);
  expect(found).toEqual([...found].sort((x, y) => x - y));
});

test("is the same for the same odds when records are joined more readily, or less, than when it was learned", async () => {
  const facts = await Facts.toLearn(bench.session);
  const known = probabilities(facts, clusters([{ weight: 6.5, pairs: 4000, joined: 3600 }]), "balanced");
  const of = async (weight: number, matching: Matching): Promise<number> => {
    const again = probabilities(facts, clusters([]), matching);
    expect(again).toEqual(known);
    const [row] = await bench.session.rows<{ p: number }>(
      `SELECT ${calibrated("w", again, matching)} AS p FROM (SELECT ${weight} AS w)`,
    );
    return row!.p;
  };
  expect(await of(6.5, "balanced")).toBeCloseTo(0.9, 2);
  expect(await of(2.5, "cautious")).toBe(await of(6.5, "balanced"));
  expect(await of(9.5, "eager")).toBe(await of(6.5, "balanced"));
  // Joined although it is rather two people.
  expect(await of(0.5, "eager")).toBeLessThan(0.5);
});

test("where no pair has a weight, the model's odds stand", async () => {
  const found = probabilities(await Facts.toLearn(bench.session), clusters([]), "balanced");
  expect(found[0]).toBeCloseTo(1 / (1 + 2 ** -0.5), 6);
  expect(found[10]).toBeCloseTo(1 / (1 + 2 ** -10.5), 6);
});

test("a pair counts the less, the more of its profile's pairs contradict the profile", async () => {
  // Profiles of three: 0 – 1 and 1 – 2 agree, and 0 – 2 is another matter.
  const count = 1000;
  const chains = (weight: number): Clusters => {
    const of = (...nodes: number[]): Int32Array =>
      Int32Array.from({ length: 3 * count }, (_, i) => 3 * Math.floor(i / 3) + nodes[i % 3]!);
    return {
      cluster: of(0, 0, 0),
      pairs: {
        a: of(0, 1, 0),
        b: of(1, 2, 2),
        weight: Float64Array.from({ length: 3 * count }, (_, i) => (i % 3 === 2 ? weight : 4.5)),
        pattern: new Float64Array(3 * count),
        rarity: new Float32Array(3 * count),
        householdRarity: new Float32Array(3 * count),
      },
    };
  };
  const shareAt4 = async (weight: number): Promise<number> =>
    probabilities(await Facts.toLearn(bench.session), chains(weight), "balanced")[4]!;
  expect(await shareAt4(4.5)).toBeCloseTo(1, 2);
  expect(await shareAt4(-4)).toBeCloseTo(1, 2);
  // Of the two ends of an agreeing pair one is in a pair that contradicts, among four pairs in all.
  expect(await shareAt4(-6)).toBeCloseTo(7 / 8, 2);
});
