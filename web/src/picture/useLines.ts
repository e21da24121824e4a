import { useLayoutEffect, useState, type RefObject } from "react";
import type { Edge } from "./edges.ts";
import { drawLines, type Box, type Line } from "./line.ts";

/**
 * Measures the nodes (elements with `data-node`) inside `picture` and gives the lines between them, again whenever
 * the picture changes its size: a window resized, a node unfolded, a list that grew.
 */
export function useLines(picture: RefObject<HTMLElement | null>, edges: readonly Edge[]): readonly Line[] {
  const [lines, setLines] = useState<readonly Line[]>([]);
  useLayoutEffect(() => {
    const element = picture.current;
    if (element === null) return;
    const draw = () => {
      const next = drawLines(edges, measure(element));
      setLines((previous) => (JSON.stringify(previous) === JSON.stringify(next) ? previous : next));
    };
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    for (const node of element.querySelectorAll("[data-node]")) observer.observe(node);
    return () => observer.disconnect();
  }, [picture, edges]);
  return lines;
}

function measure(picture: HTMLElement): ReadonlyMap<string, Box> {
  const origin = picture.getBoundingClientRect();
  const boxes = new Map<string, Box>();
  for (const node of picture.querySelectorAll<HTMLElement>("[data-node]")) {
    const rectangle = node.getBoundingClientRect();
    const folded = rectangle.width === 0 || rectangle.height === 0;
    if (folded || node.dataset["node"] === undefined) continue;
    boxes.set(node.dataset["node"], {
      left: rectangle.left - origin.left,
      top: rectangle.top - origin.top,
      right: rectangle.right - origin.left,
      bottom: rectangle.bottom - origin.top,
    });
  }
  return boxes;
}
