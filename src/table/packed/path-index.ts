import { randomInt } from "node:crypto";
import type { Texts } from "./texts.ts";

/** Differs from process to process, so that nobody can make up paths that all fall on one place. */
const seed = randomInt(2 ** 32);

/** Of the bytes from `from` to `to`. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = seed ^ (to - from);
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Rows by their path: an open-addressing table (linear probing) that holds numbers only. */
export class PathIndex {
  private slots: Uint32Array; // row + 1; 0: free
  private hashes: Uint32Array;
  private used = 0;
  private indexed = 0;

  constructor(private readonly paths: Texts) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, paths.count * 2)));
    this.slots = new Uint32Array(size);
    this.hashes = new Uint32Array(size);
  }

  /** The last row with that path; -1: none. */
  find(path: Uint8Array, hash: number): number {
    for (; this.indexed < this.paths.count; this.indexed++) this.set(this.indexed);
    return this.slots[this.slotOf(hash, path, 0, path.length)]! - 1;
  }

  private set(row: number): void {
    if (this.used * 2 >= this.slots.length) this.resize(this.slots.length * 2);
    const { bytes } = this.paths;
    const [from, to] = [this.paths.start(row), this.paths.end(row)];
    const hash = hashOf(bytes, from, to);
    const slot = this.slotOf(hash, bytes, from, to);
    if (this.slots[slot] === 0) this.used++;
    this.slots[slot] = row + 1;
    this.hashes[slot] = hash;
  }

  /** Where a path is, or would be. */
  private slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (
      this.slots[slot] !== 0 &&
      !(this.hashes[slot] === hash && this.paths.equals(this.slots[slot]! - 1, bytes, from, to))
    )
      slot = (slot + 1) & mask;
    return slot;
  }

  private resize(size: number): void {
    const { slots, hashes } = this;
    [this.slots, this.hashes] = [new Uint32Array(size), new Uint32Array(size)];
    slots.forEach((row, old) => {
      if (row === 0) return;
      let slot = hashes[old]! & (size - 1);
      while (this.slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.slots[slot] = row;
      this.hashes[slot] = hashes[old]!;
    });
  }
}
