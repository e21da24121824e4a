import { randomInt } from "node:crypto";

/** Differs from process to process, so that nobody can make up paths that all fall on one place. */
const seed = randomInt(2 ** 32);

export function hashPath(path: Uint8Array): number {
  let hash = seed;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path[i]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Rows by the hash of their path: an open-addressing table (linear probing) that holds numbers only. */
export class PathIndex {
  private slots = new Uint32Array(16); // row + 1; 0: free
  private hashes = new Uint32Array(16);
  private used = 0;

  /** The row of that path; -1: none. */
  find(hash: number, isPath: (row: number) => boolean): number {
    const mask = this.slots.length - 1;
    for (let i = hash & mask; this.slots[i] !== 0; i = (i + 1) & mask)
      if (this.hashes[i] === hash && isPath(this.slots[i]! - 1)) return this.slots[i]! - 1;
    return -1;
  }

  /** A row with the same path as an earlier one takes its place. */
  set(hash: number, row: number, isPath: (row: number) => boolean): void {
    if (this.used * 2 >= this.slots.length) this.resize(this.slots.length * 2);
    const mask = this.slots.length - 1;
    let i = hash & mask;
    while (this.slots[i] !== 0 && !(this.hashes[i] === hash && isPath(this.slots[i]! - 1)))
      i = (i + 1) & mask;
    if (this.slots[i] === 0) this.used++;
    this.slots[i] = row + 1;
    this.hashes[i] = hash;
  }

  private resize(size: number): void {
    const { slots, hashes } = this;
    [this.slots, this.hashes] = [new Uint32Array(size), new Uint32Array(size)];
    slots.forEach((slot, old) => {
      if (slot === 0) return;
      let i = hashes[old]! & (size - 1);
      while (this.slots[i] !== 0) i = (i + 1) & (size - 1);
      this.slots[i] = slot;
      this.hashes[i] = hashes[old]!;
    });
  }
}
