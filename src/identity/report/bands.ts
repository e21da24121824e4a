/** Where a band of scores begins, in log2 odds; below the first one are pairs that others hold together. */
const starts = [0, 1, 2, 4, 7, 10, 15] as const;

/** log2 odds; undefined: no bound. A weight that is a bound itself is in the lower band. */
export interface BandBounds {
  readonly above: number | undefined;
  readonly upTo: number | undefined;
}

/** SQL: the number of the band, from 0, that a weight is in. */
export function bandOf(weight: string): string {
  return `CASE ${starts.map((start, i) => `WHEN ${weight} <= ${start} THEN ${i}`).join(" ")} ELSE ${starts.length} END`;
}

export function boundsOf(band: number): BandBounds {
  return { above: starts[band - 1], upTo: starts[band] };
}

/** `2 to 4`, `0 or less`, `more than 15`. */
export function bandText({ above, upTo }: BandBounds): string {
  if (above === undefined) return `${upTo} or less`;
  return upTo === undefined ? `more than ${above}` : `${above} to ${upTo}`;
}
