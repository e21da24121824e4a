import { type Random, hash } from "./random.ts";

const BITS = 2 ** 26;

/**
 * Sees to it that no two people get the same e-mail address or phone number. A Bloom filter of 8 MB whatever the
 * number of people: now and then it takes a free one for taken, which costs nobody anything.
 */
export class Registry {
  private readonly taken = new Uint8Array(BITS / 8);
  private readonly released = new Map<string, string[]>();

  /** Whether it was free; from now on it is not. */
  claim(value: string): boolean {
    const places = hash(value)
      .slice(0, 2)
      .map((word) => word % BITS);
    const known = places.every((place) => (this.taken[place >> 3]! >> (place & 7)) & 1);
    for (const place of places) this.taken[place >> 3]! |= 1 << (place & 7);
    return !known;
  }

  /** A phone number that its owner gave up on this day, to be given out again in its area. */
  release(phone: string, day: number): void {
    const area = phone.slice(0, 3);
    const pool = this.released.get(area) ?? [];
    pool.push(`${phone}@${day}`);
    if (pool.length > 100) pool.shift();
    this.released.set(area, pool);
  }

  /** A number of the area that was given up before this day. */
  recycled(random: Random, areaCodes: readonly string[], day: number): string | undefined {
    const pool = this.released.get(random.pick(areaCodes));
    const at = pool?.findIndex((entry) => Number(entry.split("@")[1]) < day) ?? -1;
    return at === -1 ? undefined : pool!.splice(at, 1)[0]!.split("@")[0]!;
  }
}
