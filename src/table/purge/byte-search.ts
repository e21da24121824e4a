/** Looks for many byte strings at once, of four bytes and more; the time does not grow with how many there are. */
export class ByteSearch {
  /** What stands across the end of a chunk is found when so many bytes of it are looked at again with the next. */
  readonly overlap: number;
  private readonly byStart = new Map<number, Buffer[]>();
  /** Whether a needle begins with these two bytes. */
  private readonly starts = new Uint8Array(2 ** 16);

  constructor(needles: Iterable<Buffer>) {
    let longest = 1;
    for (const needle of needles) {
      const start = needle.readUInt32BE(0);
      const known = this.byStart.get(start);
      if (known === undefined) this.byStart.set(start, [needle]);
      else known.push(needle);
      this.starts[needle.readUInt16BE(0)] = 1;
      longest = Math.max(longest, needle.length);
    }
    this.overlap = longest - 1;
  }

  isIn(body: Uint8Array): boolean {
    if (this.byStart.size === 0) return false;
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const { starts, byStart } = this;
    for (let i = 0; i + 4 <= bytes.length; i++) {
      if (starts[(bytes[i]! << 8) | bytes[i + 1]!] === 0) continue;
      const found = byStart.get(bytes.readUInt32BE(i));
      if (found?.some((needle) => bytes.subarray(i, i + needle.length).equals(needle)) === true) return true;
    }
    return false;
  }

  isInText(text: string): boolean {
    return this.isIn(Buffer.from(text));
  }
}
