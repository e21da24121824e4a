import { expect, test } from "vitest";
import { drawLines, type Box } from "./line.ts";

const box = (left: number, top: number): Box => ({ left, top, right: left + 100, bottom: top + 100 });
const edge = (from: string, to: string) => ({ from, to, volume: 0 });
const startOf = (path: string) =>
  path
    .match(/^M(\S+) (\S+?)[HC]/)
    ?.slice(1)
    .map(Number);
const endOf = (path: string) => path.split(" ").slice(-2).map(Number);

test("a line goes from the right side of one node to the left side of the next", () => {
  const [line] = drawLines(
    [edge("a", "b")],
    new Map([
      ["a", box(0, 0)],
      ["b", box(144, 300)],
    ]),
  );
  expect(startOf(line!.path)).toEqual([100, 50]);
  expect(endOf(line!.path)).toEqual([144, 350]);
});

test("lines that meet at a node end in the order of where they come from, so that none cross", () => {
  const boxes = new Map([
    ["low", box(0, 400)],
    ["high", box(0, 0)],
    ["to", box(200, 200)],
  ]);
  const [low, high] = drawLines([edge("low", "to"), edge("high", "to")], boxes);
  expect(endOf(high!.path)[1]).toBeLessThan(endOf(low!.path)[1]!);
});

test("a line past a stage keeps its level until it is past it", () => {
  const [line] = drawLines(
    [edge("a", "c")],
    new Map([
      ["a", box(0, 400)],
      ["c", box(300, 0)],
    ]),
  );
  expect(line!.path).toMatch(/^M100 450H256C/);
});

test("a line that would hit a node on its way passes below it", () => {
  const boxes = new Map([
    ["a", box(0, 0)],
    ["between", box(144, 0)],
    ["c", box(300, 0)],
  ]);
  const [past] = drawLines([edge("a", "c"), edge("a", "between")], boxes);
  expect(past!.path).toMatch(/ 144 112H256C/);
  expect(endOf(past!.path)[0]).toBe(300);
});

test("where nodes stand below each other, a line goes from the bottom to the top", () => {
  const [line] = drawLines(
    [edge("a", "b")],
    new Map([
      ["a", box(0, 0)],
      ["b", box(0, 130)],
    ]),
  );
  expect(startOf(line!.path)).toEqual([50, 100]);
  expect(endOf(line!.path)).toEqual([50, 130]);
});

test("an edge to a folded node is not drawn", () => {
  expect(drawLines([edge("a", "b")], new Map([["a", box(0, 0)]]))).toEqual([]);
});
