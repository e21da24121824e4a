import { Draws } from "./draws.ts";

/**
 * A seeded stream of numbers (sfc32, Chris Doty-Humphrey's PractRand; seeded by a 128-bit string hash), so that the
 * same seed gives the same demo on every machine. Streams with different labels do not depend on each other.
 */
export class Random extends Draws {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(label: string) {
    super();
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

  next(): number {
    return this.word() / 2 ** 32;
  }

  /** From the exponential distribution with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
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
