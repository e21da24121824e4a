/** What is drawn from a stream of random numbers. */
export abstract class Draws {
  /** In [0, 1). */
  abstract next(): number;

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** An integer from `low` up to and including `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** One of the keys; the values are their shares, which need not add up to 1. */
  share<K extends string>(shares: Readonly<Record<K, number>>): K {
    const entries = Object.entries<number>(shares) as [K, number][];
    let left = this.next() * entries.reduce((sum, [, share]) => sum + share, 0);
    for (const [key, share] of entries) {
      left -= share;
      if (left < 0) return key;
    }
    return entries.at(-1)![0];
  }

  /** Decimal digits, as text. */
  digits(count: number): string {
    let text = "";
    while (text.length < count) text += this.between(0, 9);
    return text;
  }
}
