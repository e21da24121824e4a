/** Where things stand in a chart of shares over weights, in percent of its width from the left and of its height from the top. */
export interface Chart {
  readonly x: (weight: number) => number;
  readonly y: (share: number) => number;
  readonly shares: readonly { readonly share: number; readonly top: number }[];
  readonly weights: readonly { readonly weight: number; readonly left: number }[];
}

/** The axis begins where all shares are above it, so that what differs is seen. */
export function lowestShare(shares: readonly number[]): number {
  return [0.9, 0.5].find((share) => shares.every((one) => one >= share)) ?? 0;
}

const mostMarks = 12;

export function chartOf(weights: readonly number[], from: number): Chart {
  const [least, most] = [Math.min(...weights), Math.max(...weights)];
  const x = (weight: number): number => round(((weight - least) / (most - least || 1)) * 100);
  const y = (share: number): number => round(((1 - share) / (1 - from)) * 100);
  const shares = Array.from({ length: 6 }, (_, i) => round(from + ((1 - from) * i) / 5));
  const step = Math.max(1, Math.ceil((most - least) / mostMarks));
  return {
    x,
    y,
    shares: shares.map((share) => ({ share, top: y(share) })),
    weights: weights
      .filter((weight) => (weight - least) % step === 0)
      .map((weight) => ({ weight, left: x(weight) })),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
