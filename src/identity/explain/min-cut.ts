/** Weighted links between nodes 0 … size−1; no weight is negative. */
export interface Links {
  readonly size: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly weight: readonly number[];
}

/**
 * The nodes of one side of the cheapest cut: the links between the two sides weigh least in sum. Equal input gives equal output. The time is that of size³.
 * Stoer & Wagner, A simple min-cut algorithm, J. ACM 44 (1997).
 */
export function cheapestCut({ size, a, b, weight }: Links): readonly number[] {
  const between = Array.from({ length: size }, () => new Float64Array(size));
  for (const [i, x] of a.entries()) {
    between[x]![b[i]!]! += weight[i]!;
    between[b[i]!]![x]! += weight[i]!;
  }
  const merged = Array.from({ length: size }, (_, node) => [node]);
  let open = Array.from({ length: size }, (_, node) => node);
  let best: { readonly weight: number; readonly side: readonly number[] } | undefined;
  while (open.length > 1) {
    const pull = new Float64Array(size);
    const order: number[] = [];
    const left = new Set(open);
    while (left.size > 0) {
      let next = -1;
      for (const node of left) if (next === -1 || pull[node]! > pull[next]!) next = node;
      left.delete(next);
      order.push(next);
      for (const node of left) pull[node]! += between[next]![node]!;
    }
    const [last, before] = [order.at(-1)!, order.at(-2)!];
    if (best === undefined || pull[last]! < best.weight) best = { weight: pull[last]!, side: merged[last]! };
    merged[before] = [...merged[before]!, ...merged[last]!];
    for (const node of open) {
      between[before]![node]! += between[last]![node]!;
      between[node]![before] = between[before]![node]!;
    }
    open = open.filter((node) => node !== last);
  }
  return [...(best?.side ?? [])].sort((x, y) => x - y);
}
