import { Draws } from "../../src/demo/index.ts";

/** A seeded generator (mulberry32): the same seed gives the same data. */
export class Random extends Draws {
  constructor(private state: number) {
    super();
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Early values are picked more often than late ones, as names are. */
  pickSkewed<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() ** 2 * values.length)]!;
  }

  /** 1, 2, 3 … with this mean (geometric). */
  count(mean: number): number {
    return 1 + Math.floor(Math.log(1 - this.next()) / Math.log(1 - 1 / Math.max(mean, 1.0001)));
  }

  /** One letter changed, lost, doubled or swapped with its neighbour. */
  typo(text: string): string {
    if (text.length < 2) return text;
    const at = this.below(text.length - 1);
    const letter = String.fromCharCode(97 + this.below(26));
    switch (this.below(4)) {
      case 0:
        return text.slice(0, at) + letter + text.slice(at + 1);
      case 1:
        return text.slice(0, at) + text.slice(at + 1);
      case 2:
        return text.slice(0, at) + text.charAt(at) + text.slice(at);
      default:
        return text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
    }
  }
}
