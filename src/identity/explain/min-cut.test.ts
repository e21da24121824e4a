import fc from "fast-check";
import { expect, test } from "vitest";
import { cheapestCut, type Links } from "./min-cut.ts";

const links = fc.integer({ min: 2, max: 7 }).chain((size) =>
  fc
    .array(
      fc
        .tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 0, max: 9 }))
        .filter(([a, b]) => a !== b),
      { maxLength: 20 },
    )
    .map((all): Links => ({
      size,
      a: all.map(([a]) => a),
      b: all.map(([, b]) => b),
      weight: all.map(([, , weight]) => weight),
    })),
);

function costOf({ a, b, weight }: Links, side: (node: number) => boolean): number {
  return weight.reduce((sum, w, i) => (side(a[i]!) === side(b[i]!) ? sum : sum + w), 0);
}

test("no other cut is cheaper", () => {
  fc.assert(
    fc.property(links, (all) => {
      const found = new Set(cheapestCut(all));
      expect(found.size).toBeGreaterThan(0);
      expect(found.size).toBeLessThan(all.size);
      const every = Array.from({ length: 2 ** (all.size - 1) - 1 }, (_, i) =>
        costOf(all, (node) => (((i + 1) >> node) & 1) === 1),
      );
      expect(costOf(all, (node) => found.has(node))).toBe(Math.min(...every));
    }),
  );
});
