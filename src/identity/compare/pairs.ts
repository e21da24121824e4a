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
      this.left = doubled(this.left);
      this.right = doubled(this.right);
    }
    this.left[this.count] = a < b ? a : b;
    this.right[this.count++] = a < b ? b : a;
  }

  take(): Pairs {
    return { a: this.left.subarray(0, this.count), b: this.right.subarray(0, this.count) };
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}
