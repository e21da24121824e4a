import { grown } from "../node/grown.ts";
import { shared } from "../node/shared.ts";

/** Pairs of nodes: `a[i]` < `b[i]`. */
export interface Pairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** So many pairs are a part: what one thread does at a time. Their positions in it are numbers of 16 bits. */
export const pairsOfPart = 1 << 16;

/** Pairs that are not counted beforehand. They are kept in parts, since there are gigabytes of them: nothing that long is ever copied. */
export class PairList {
  private readonly full: Pairs[] = [];
  private left = new Int32Array(1024);
  private right = new Int32Array(1024);
  /** In `left` and `right`. */
  private count = 0;

  get length(): number {
    return this.full.length * pairsOfPart + this.count;
  }

  push(a: number, b: number): void {
    if (this.count === this.left.length) this.makeRoom();
    this.left[this.count] = a < b ? a : b;
    this.right[this.count++] = a < b ? b : a;
  }

  /** Parts of {@link pairsOfPart}, the last one of what is left, in memory that threads share. The list is empty then. */
  take(): Pairs[] {
    const parts = this.full.splice(0);
    if (this.count > 0) parts.push(this.rest());
    this.count = 0;
    return parts;
  }

  private makeRoom(): void {
    if (this.count === pairsOfPart) {
      this.full.push(this.rest());
      this.count = 0;
      return;
    }
    this.left = grown(this.left, 4 * this.count);
    this.right = grown(this.right, 4 * this.count);
  }

  private rest(): Pairs {
    return { a: shared(this.left, this.count), b: shared(this.right, this.count) };
  }
}

/** As many as there are, in parts of {@link pairsOfPart}. */
export function inParts({ a, b }: Pairs): Pairs[] {
  return Array.from({ length: Math.ceil(a.length / pairsOfPart) }, (_, i) => {
    const [from, to] = [i * pairsOfPart, (i + 1) * pairsOfPart];
    return { a: a.subarray(from, to), b: b.subarray(from, to) };
  });
}
