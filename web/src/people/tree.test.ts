import fc from "fast-check";
import { expect, test } from "vitest";
import type { Link } from "../api/shape.ts";
import { reasonsOf } from "./tree.ts";

const recordOf = (index: number) => ({ source: "shop", recordId: String(index), values: {} });
const linkOf = (left: number, right: number, weight: number) => ({
  left: { source: "shop", recordId: String(left) },
  right: { source: "shop", recordId: String(right) },
  probability: 0.99,
  weight,
  evidence: [],
});

test("the strongest links that join everything hold, the others are further links", () => {
  const [weak, strong, middle] = [linkOf(0, 1, 3), linkOf(1, 2, 20), linkOf(0, 2, 9)];
  const reasons = reasonsOf([0, 1, 2].map(recordOf), [weak, strong, middle]);
  expect(reasons).toEqual({ holding: [strong, middle], further: [weak], groups: 1 });
});

test("a record without a link is a group of its own", () => {
  expect(reasonsOf([0, 1, 2].map(recordOf), [linkOf(0, 1, 5)]).groups).toBe(2);
});

test("a link to a record of another profile is no reason", () => {
  expect(reasonsOf([0, 1].map(recordOf), [linkOf(0, 7, 5)])).toEqual({ holding: [], further: [], groups: 2 });
});

test("ids are told apart whatever characters they hold", () => {
  const records = [
    { source: "a b", recordId: "c", values: {} },
    { source: "a", recordId: "b c", values: {} },
  ];
  const link = { left: records[0]!, right: records[1]!, probability: 0.9, weight: 4, evidence: [] };
  expect(reasonsOf(records, [link]).groups).toBe(1);
});

test("for any links: every link is shown once, and each further link is no stronger than the path that makes it needless", () => {
  const graph = fc.integer({ min: 1, max: 9 }).chain((size) => {
    const index = fc.nat({ max: size - 1 });
    const pair = fc.record({ left: index, right: index, weight: fc.integer({ min: -5, max: 30 }) });
    return fc.record({ size: fc.constant(size), pairs: fc.array(pair, { maxLength: 25 }) });
  });
  fc.assert(
    fc.property(graph, ({ size, pairs }) => {
      const links = pairs
        .filter(({ left, right }) => left !== right)
        .map((p) => linkOf(p.left, p.right, p.weight));
      const { holding, further, groups } = reasonsOf(
        Array.from({ length: size }, (_, index) => recordOf(index)),
        links,
      );
      expect(holding.length + further.length).toBe(links.length);
      expect(groups).toBe(size - holding.length);
      for (const link of further) {
        const atLeastAsStrong = holding.filter((other) => other.weight >= link.weight);
        expect(reachable(link.left.recordId, atLeastAsStrong)).toContain(link.right.recordId);
      }
    }),
  );
});

function reachable(from: string, links: readonly Link[]): Set<string> {
  const found = new Set([from]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { left, right } of links) {
      if (found.has(left.recordId)) found.add(right.recordId);
      if (found.has(right.recordId)) found.add(left.recordId);
    }
  }
  return found;
}
