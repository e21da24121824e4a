import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Decision, chainOfLinks, withoutContradictions } from "../steward/decision.ts";
import { type Constraints, constrain } from "./constraints.ts";
import { Components } from "./components.ts";

/** Each scored pair: its nodes and weight. The model joins what is of positive weight. */
type Pair = readonly [a: number, b: number, weight: number];

function clusters(size: number, pairs: readonly Pair[]) {
  const joined = new Components(size);
  for (const [a, b, weight] of pairs) if (weight > 0) joined.union(a, b);
  return {
    cluster: Int32Array.from({ length: size }, (_, node) => joined.find(node)),
    pairs: {
      a: Int32Array.from(pairs, ([a]) => a),
      b: Int32Array.from(pairs, ([, b]) => b),
      weight: Float64Array.from(pairs, ([, , weight]) => weight),
      pattern: new Float64Array(pairs.length),
      rarity: new Float32Array(pairs.length),
      householdRarity: new Float32Array(pairs.length),
    },
  };
}

function constrained(size: number, pairs: readonly Pair[], some: Partial<Constraints>): number[] {
  const none: Constraints = { decisions: [], trusted: [], separate: [] };
  return [...constrain(clusters(size, pairs), { ...none, ...some }).cluster];
}

describe("constrain", () => {
  test("a link joins two people with all their records, an unlink parts one, each record to where it agrees more", () => {
    const two: Pair[] = [
      [0, 1, 5],
      [2, 3, 5],
    ];
    expect(constrained(5, two, { decisions: [{ kind: "link", a: 1, b: 3 }] })).toEqual([0, 0, 0, 0, 4]);
    const one: Pair[] = [
      [0, 1, 9],
      [1, 2, 4],
      [2, 3, 8],
      [0, 2, 3],
    ];
    expect(constrained(4, one, { decisions: [{ kind: "unlink", a: 0, b: 3 }] })).toEqual([0, 0, 2, 2]);
  });

  test("an unlink holds through others, also through links and trusted keys", () => {
    const decisions: Decision<number>[] = [
      { kind: "unlink", a: 0, b: 3 },
      { kind: "link", a: 0, b: 1 },
    ];
    const trusted = [Int32Array.of(0, 7, 7, 7)];
    expect(constrained(4, [], { decisions, trusted })).toEqual([0, 0, 0, 3]);
  });

  test("a trusted key joins what the model kept apart; a separate one parts, and wins, but for a steward", () => {
    const trusted = [Int32Array.of(1, 1, 2, 0)];
    expect(constrained(4, [[0, 1, -30]], { trusted })).toEqual([0, 0, 2, 3]);
    const separate = [Int32Array.of(5, 6, 6, 0)];
    expect(
      constrained(
        4,
        [
          [0, 3, 2],
          [1, 3, 4],
          [1, 2, 1],
        ],
        { separate },
      ),
    ).toEqual([0, 1, 1, 1]);
    expect(constrained(4, [], { trusted, separate })).toEqual([0, 1, 2, 3]);
    const decisions: Decision<number>[] = [{ kind: "link", a: 0, b: 1 }];
    expect(constrained(4, [[1, 2, 3]], { decisions, separate })).toEqual([0, 0, 0, 3]);
  });

  test("whatever is asked: decisions and separate keys hold, and nothing is joined that nobody asked for", () => {
    const size = 9;
    const node = fc.nat(size - 1);
    const pair = fc.tuple(node, node, fc.integer({ min: -20, max: 20 }));
    const decision = fc.record({
      kind: fc.constantFrom("link" as const, "unlink" as const),
      a: node,
      b: node,
    });
    const key = fc
      .array(fc.nat(3), { minLength: size, maxLength: size })
      .map((values) => Int32Array.from(values));
    fc.assert(
      fc.property(
        fc.array(pair),
        fc.array(decision),
        fc.array(key, { maxLength: 1 }),
        fc.array(key, { maxLength: 2 }),
        (told, asked, trusted, separate) => {
          const pairs = told.filter(([a, b]) => a < b);
          const { held } = withoutContradictions<number, Decision<number>>(
            asked.filter(({ a, b }) => a !== b),
          );
          const found = constrained(size, pairs, { decisions: held, trusted, separate });
          for (const { kind, a, b } of held) expect(found[a] === found[b]).toBe(kind === "link");
          for (const [at, name] of found.entries())
            expect([name, at >= name]).toEqual([found.indexOf(name), true]);
          const linked = new Components(size);
          for (const { kind, a, b } of held) if (kind === "link") linked.union(a, b);
          const all = new Components(size);
          for (const { cluster } of [clusters(size, pairs)])
            cluster.forEach((name, at) => all.union(name, at));
          for (let at = 0; at < size; at++) all.union(at, linked.find(at));
          for (const values of trusted)
            values.forEach((value, at) => value > 0 && all.union(at, values.indexOf(value)));
          for (let a = 0; a < size; a++)
            for (let b = 0; b < a; b++) {
              if (found[a] !== found[b]) continue;
              expect(all.find(a)).toBe(all.find(b));
              for (const values of separate) {
                const differ = values[a]! > 0 && values[b]! > 0 && values[a] !== values[b];
                // Only a steward may bring two values together.
                if (differ)
                  expect(held.some(({ kind, a: x }) => kind === "link" && found[x] === found[a])).toBe(true);
              }
            }
          if (held.length + trusted.length + separate.length === 0)
            expect(found).toEqual([...clusters(size, pairs).cluster]);
        },
      ),
    );
  });
});

describe("decisions that contradict one another", () => {
  test("the newest holds, whether it is the link or the unlink", () => {
    const [ab, bc, ac]: Decision[] = [
      { kind: "link", a: "A", b: "B" },
      { kind: "link", a: "B", b: "C" },
      { kind: "unlink", a: "A", b: "C" },
    ];
    expect(withoutContradictions<string, Decision>([ac!, bc!, ab!])).toEqual({
      held: [ac, bc],
      contradicted: [ab],
    });
    expect(withoutContradictions<string, Decision>([ab!, bc!, ac!])).toEqual({
      held: [ab, bc],
      contradicted: [ac],
    });
    expect(chainOfLinks([ab!, bc!, ac!], "A", "C")).toEqual(["A", "B", "C"]);
    expect(chainOfLinks([ab!, ac!], "A", "C")).toBeUndefined();
  });
});
