import type { Edge } from "./edges.ts";

/** A node's place in the picture, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Line {
  readonly key: string;
  readonly path: string;
  readonly widthPx: number;
}

interface Placed extends Edge {
  readonly fromBox: Box;
  readonly toBox: Box;
}

const thinnestPx = 1.5;
const widestPx = 9;
/** How far before its end a line leaves its level: the gap between two stages, so that it passes what lies between. */
const bendPx = 44;
/** How far a line stays from nodes that it passes. */
const clearPx = 12;
/** The share of a node's side, around its middle, on which lines may end. */
const band = 0.7;

/** The curves of `edges` between the boxes of their nodes; an edge without both boxes (a folded node) is left out. */
export function drawLines(edges: readonly Edge[], boxes: ReadonlyMap<string, Box>): readonly Line[] {
  const placed: Placed[] = [];
  for (const edge of edges) {
    const fromBox = boxes.get(edge.from);
    const toBox = boxes.get(edge.to);
    if (fromBox !== undefined && toBox !== undefined) placed.push({ ...edge, fromBox, toBox });
  }
  return placed.map((edge) => ({
    key: `${edge.from} ${edge.to}`,
    path: isBeside(edge) ? across(edge, placed) : down(edge),
    widthPx: thinnestPx + (widestPx - thinnestPx) * edge.volume,
  }));
}

function isBeside({ fromBox, toBox }: Placed): boolean {
  return toBox.left >= fromBox.right;
}

/** From the right side of one node to the left side of the next, each end on a place of its own. */
function across(edge: Placed, all: readonly Placed[]): string {
  const leaving = all.filter((other) => other.from === edge.from && isBeside(other));
  const arriving = all.filter((other) => other.to === edge.to && isBeside(other));
  const startY = port(edge.fromBox, leaving, edge, (other) => other.toBox);
  const endY = port(edge.toBox, arriving, edge, (other) => other.fromBox);
  const startX = edge.fromBox.right;
  const endX = edge.toBox.left;
  const passY = levelBetween(edge, all, startY);
  if (passY === startY) return `M${point(startX, startY)}${bendTo(endX, endY, startY)}`;
  return `M${point(startX, startY)}${bendTo(startX + bendPx, passY, startY)}${bendTo(endX, endY, passY)}`;
}

/** The height at which a line passes the nodes between its ends: its own, or below them where it would hit one. */
function levelBetween({ fromBox, toBox }: Placed, all: readonly Placed[], startY: number): number {
  const between = all
    .flatMap((other) => [other.fromBox, other.toBox])
    .filter((box) => box.left >= fromBox.right && box.right <= toBox.left);
  const hits = between.some((box) => startY > box.top - clearPx && startY < box.bottom + clearPx);
  return hits ? Math.max(...between.map((box) => box.bottom)) + clearPx : startY;
}

/** Along `fromY`, then within the last gap to (x, y). */
function bendTo(x: number, y: number, fromY: number): string {
  const middleX = x - bendPx / 2;
  return `H${round(x - bendPx)}C${point(middleX, fromY)} ${point(middleX, y)} ${point(x, y)}`;
}

/** From the bottom of one node to the top of the one below it. */
function down({ fromBox, toBox }: Placed): string {
  const startX = (fromBox.left + fromBox.right) / 2;
  const endX = (toBox.left + toBox.right) / 2;
  const middleY = (fromBox.bottom + toBox.top) / 2;
  return `M${point(startX, fromBox.bottom)}C${point(startX, middleY)} ${point(endX, middleY)} ${point(endX, toBox.top)}`;
}

/** The height at which `edge` meets `box`, in the order of the nodes at the other ends, so that no two cross there. */
function port(box: Box, edges: readonly Placed[], edge: Placed, otherEnd: (edge: Placed) => Box): number {
  const ordered = edges.toSorted((a, b) => middleOf(otherEnd(a)) - middleOf(otherEnd(b)));
  const place = (ordered.indexOf(edge) + 0.5) / ordered.length;
  return box.top + (box.bottom - box.top) * ((1 - band) / 2 + band * place);
}

function middleOf(box: Box): number {
  return (box.top + box.bottom) / 2;
}

function point(x: number, y: number): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
