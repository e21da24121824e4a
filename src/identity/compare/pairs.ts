import { grown } from "../node/grown.ts";
import { shared, sharedOf } from "../node/shared.ts";

/** Pairs of nodes: `a[i]` < `b[i]`. */
export interface Pairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** Pairs that are not counted beforehand. */
export class PairList {
  private left = new Int32Array(1024);
  private right = new Int32Array(1024);
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(a: number, b: number): void {
    if (this.count === this.left.length) {
      this.left = grown(this.left, 2 * this.count);
      this.right = grown(this.right, 2 * this.count);
    }
    this.left[this.count] = a < b ? a : b;
    this.right[this.count++] = a < b ? b : a;
  }

  /** Only those that are wanted. */
  keep(isWanted: (a: number, b: number) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const [a, b] = [this.left[i]!, this.right[i]!];
      if (!isWanted(a, b)) continue;
      this.left[kept] = a;
      this.right[kept++] = b;
    }
    this.count = kept;
  }

  /** In memory that threads share. */
  take(): Pairs {
    return { a: shared(this.left, this.count), b: shared(this.right, this.count) };
  }
}

/** One after the other, in memory that threads share. */
export function joinedPairs(lists: readonly Pairs[]): Pairs {
  const count = lists.reduce((sum, { a }) => sum + a.length, 0);
  const joined = { a: sharedOf(Int32Array, count), b: sharedOf(Int32Array, count) };
  let at = 0;
  for (const { a, b } of lists) {
    joined.a.set(a, at);
    joined.b.set(b, at);
    at += a.length;
  }
  return joined;
}
