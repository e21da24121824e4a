import { createHash } from "node:crypto";

/**
 * A set of keys that holds 52 bits of each: a million take about 40 MB. It may take a key for one of its own that is
 * not (one in billions), so it fits where that only keeps an object that could go.
 */
export class KeySet {
  private readonly hashes = new Set<number>();

  get size(): number {
    return this.hashes.size;
  }

  /** Whether it was new. */
  add(key: string): boolean {
    const { size } = this.hashes;
    return this.hashes.add(hashOf(key)).size > size;
  }

  has(key: string): boolean {
    return this.hashes.has(hashOf(key));
  }
}

function hashOf(key: string): number {
  const digest = createHash("md5").update(key).digest();
  return digest.readUIntBE(0, 6) * 16 + (digest[6]! & 15);
}
