import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agglomerate, type ComponentPairs, type Evidence } from "./agglomerate.ts";

/** What all pairs of two groups say on average. */
const average = (weights: readonly number[]): Evidence<{ readonly sum: number; readonly pairs: number }> => ({
  of: (i) => ({ sum: weights[i]!, pairs: 1 }),
  merged: (first, second) => ({ sum: first.sum + second.sum, pairs: first.pairs + second.pairs }),
  score: ({ sum, pairs }) => sum / pairs,
});

function groups(
  size: number,
  pairs: readonly (readonly [number, number, number, number?])[],
  compare?: (a: number, b: number) => number,
): number[] {
  const columns: ComponentPairs = {
    size,
    a: pairs.map(([a]) => a),
    b: pairs.map(([, b]) => b),
    joined: pairs.map(([, , , joined]) => joined ?? 0),
  };
  const evidence = average(pairs.map(([, , weight]) => weight));
  const further =
    compare === undefined
      ? {}
      : {
          compare: (a: readonly number[], b: readonly number[]) => ({
            sum: a.reduce((sum, left, i) => sum + compare(left, b[i]!), 0),
            pairs: a.length,
          }),
        };
  return [...agglomerate(columns, { ...evidence, ...further })];
}

describe("agglomerate", () => {
  test("one wrong edge does not merge two people", () => {
    const apart = [0, 1, 2].flatMap((a) =>
      [3, 4, 5].map((b) => [a, b, a === 2 && b === 3 ? 9 : -15] as const),
    );
    const within = [0, 3].flatMap(
      (n) =>
        [
          [n, n + 1, 12],
          [n, n + 2, 12],
          [n + 1, n + 2, 12],
        ] as const,
    );
    expect(groups(6, [...within, ...apart])).toEqual([0, 0, 0, 3, 3, 3]);
  });

  test("a record between two people goes to the one it agrees with more", () => {
    expect(
      groups(3, [
        [0, 1, 8],
        [1, 2, 5],
        [0, 2, -20],
      ]),
    ).toEqual([0, 0, 2]);
  });

  test("two groups are not merged by the pairs that happen to be known", () => {
    const known = [
      [0, 1, 9],
      [2, 3, 9],
      [1, 2, 3],
    ] as const;
    expect(groups(4, known)).toEqual([0, 0, 0, 0]);
    expect(groups(4, known, () => -15)).toEqual([0, 0, 2, 2]);
    expect(groups(4, known, () => 1)).toEqual([0, 0, 0, 0]);
  });

  test("what is joined comes first, and with all that its pairs say", () => {
    const siblings = [
      [0, 1, 14],
      [0, 2, 14],
      [1, 2, 14],
      [1, 3, -14],
      [2, 3, -14],
    ] as const;
    expect(groups(4, [...siblings, [0, 3, 2, 1]])).toEqual([0, 1, 1, 0]);
    expect(groups(4, [...siblings, [0, 3, -2]])).toEqual([0, 0, 0, 3]);
  });

  test("the order of the pairs changes nothing, and each group's name is one of its nodes", () => {
    const edge = fc.record({ a: fc.nat(7), b: fc.nat(7), weight: fc.integer({ min: -30, max: 20 }) });
    fc.assert(
      fc.property(
        fc.uniqueArray(edge, { selector: ({ a, b }) => Math.min(a, b) * 8 + Math.max(a, b) }),
        (edges) => {
          const pairs = edges.filter(({ a, b }) => a < b).map(({ a, b, weight }) => [a, b, weight] as const);
          const found = groups(8, pairs);
          expect(groups(8, [...pairs].reverse())).toEqual(found);
          for (const name of found) expect(found[name]).toBe(name);
        },
      ),
    );
  });
});
