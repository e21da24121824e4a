import { RoaringBitmap32 } from "roaring-wasm";
import { damaged } from "./damaged.ts";
import { endOfBitmap } from "./roaring.ts";

const bucketRows = 2 ** 32;
/** `D1 D3 39 64` (Delta protocol "Deletion Vector Format", Iceberg Puffin spec "deletion-vector-v1"). */
const magic = 1_681_511_377;
const batchRows = 65_536;

/**
 * A set of row positions (0 … 2^53 - 1), as Delta and Iceberg store it: 32-bit roaring bitmaps by the upper half of
 * the position. Its memory is not JavaScript's, and the garbage collector comes late for it: {@link dispose} gives it back.
 */
export class RowSet implements Iterable<number> {
  private readonly buckets = new Map<number, RoaringBitmap32>();

  static fromArray(rows: Iterable<number | bigint>): RowSet {
    const set = new RowSet();
    for (const row of rows) set.add(Number(row));
    return set;
  }

  add(row: number): void {
    if (!Number.isSafeInteger(row) || row < 0) throw new RangeError(`${row} is no row position`);
    this.bucket(Math.floor(row / bucketRows)).add(row % bucketRows);
  }

  has(row: number): boolean {
    return this.buckets.get(Math.floor(row / bucketRows))?.has(row % bucketRows) ?? false;
  }

  get cardinality(): number {
    return this.sorted().reduce((sum, [, bitmap]) => sum + bitmap.size, 0);
  }

  /** Takes in the rows of `other`, which stays as it is. */
  addAll(other: RowSet): void {
    for (const [key, bitmap] of other.buckets) this.bucket(key).orInPlace(bitmap);
  }

  /** A new set. */
  union(other: RowSet): RowSet {
    const set = new RowSet();
    set.addAll(this);
    set.addAll(other);
    return set;
  }

  /** In order. */
  *[Symbol.iterator](): Iterator<number> {
    for (const batch of this.batches()) yield* batch;
  }

  /** In order, some 10,000 at a time: what a large set takes in memory is not more than that. */
  *batches(): Generator<Float64Array> {
    for (const [key, bitmap] of this.sorted()) {
      for (let from = 0; from < bitmap.size; from += batchRows) {
        const low = bitmap.sliceUint32Array(from, from + batchRows);
        yield Float64Array.from(low, (row) => key * bucketRows + row);
      }
    }
  }

  /** The magic number and the portable 64-bit format (RoaringFormatSpec, "Extension for 64-bit implementations"). */
  serialize(): Uint8Array {
    const buckets = this.sorted().map(([key, bitmap]) => {
      bitmap.runOptimize();
      return { key, body: bitmap.serialize("portable") };
    });
    const bytes = new Uint8Array(12 + buckets.reduce((sum, { body }) => sum + 4 + body.length, 0));
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, true);
    view.setBigUint64(4, BigInt(buckets.length), true);
    let at = 12;
    for (const { key, body } of buckets) {
      view.setUint32(at, key, true);
      bytes.set(body, at + 4);
      at += 4 + body.length;
    }
    return bytes;
  }

  /** Of untrusted bytes. Fails with `table.deletion_vector_damaged`, naming `where`. */
  static deserialize(bytes: Uint8Array, where: string): RowSet {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 12) throw damaged(where, `expected at least 12 bytes, found ${bytes.length}`);
    if (view.getUint32(0, true) !== magic)
      throw damaged(where, `expected the magic number ${magic}, found ${view.getUint32(0, true)}`);
    const count = view.getBigUint64(4, true);
    const set = new RowSet();
    try {
      let [at, lastKey] = [12, -1];
      for (let i = 0n; i < count; i++) {
        const key = at + 4 <= bytes.length ? view.getUint32(at, true) : undefined;
        if (key === undefined || key <= lastKey || key >= 2 ** 21)
          throw damaged(where, `bitmap ${i} of ${count} is missing, out of order or beyond the last row`);
        const end = endOfBitmap(view, at + 4);
        if (end === undefined) throw damaged(where, `bitmap ${i} of ${count} is damaged`);
        set.buckets.set(key, RoaringBitmap32.deserialize(bytes.subarray(at + 4, end), "portable"));
        [at, lastKey] = [end, key];
      }
      if (at !== bytes.length) throw damaged(where, `${bytes.length - at} bytes follow the last bitmap`);
      return set;
    } catch (error) {
      set.dispose();
      throw error;
    }
  }

  /** The set is empty afterwards. */
  dispose(): void {
    for (const bitmap of this.buckets.values()) bitmap.dispose();
    this.buckets.clear();
  }

  private bucket(key: number): RoaringBitmap32 {
    let bitmap = this.buckets.get(key);
    if (bitmap === undefined) this.buckets.set(key, (bitmap = new RoaringBitmap32()));
    return bitmap;
  }

  private sorted(): [number, RoaringBitmap32][] {
    return [...this.buckets].filter(([, bitmap]) => bitmap.size > 0).sort(([a], [b]) => a - b);
  }
}
