/**
 * A seeded stream of numbers (sfc32, Chris Doty-Humphrey's PractRand; seeded by a 128-bit string hash), so that the
 * same seed gives the same demo on every machine. Streams with different labels do not depend on each other.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(label: string) {
    [this.a, this.b, this.c] = hash(label);
    for (let i = 0; i < 12; i++) this.word();
  }

  private word(): number {
    const mixed = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + mixed;
    return mixed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.word() / 2 ** 32;
  }

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

  /** From the exponential distribution with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Decimal digits, as text. */
  digits(count: number): string {
    let text = "";
    while (text.length < count) text += this.between(0, 9);
    return text;
  }
}

/** Three 32-bit words from a text (xmur3). */
export function hash(text: string): [number, number, number] {
  let state = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 3432918353);
    state = (state << 13) | (state >>> 19);
  }
  const word = (): number => {
    state = Math.imul(state ^ (state >>> 16), 2246822507);
    state = Math.imul(state ^ (state >>> 13), 3266489909);
    return (state ^= state >>> 16) >>> 0;
  };
  return [word(), word(), word()];
}
