import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Texts one after the other in one buffer of UTF-8: a tenth of what as many strings would take. */
export class Texts {
  /** What lies in memory as it is; nothing after {@link pack}. */
  bytes: Buffer;
  private ends: Uint32Array;
  private length: number;
  private packed: Packed | undefined;

  /** `ends`: where each text ends. */
  constructor(bytes: Buffer = Buffer.alloc(0), ends: Uint32Array = new Uint32Array(0)) {
    this.bytes = bytes;
    this.ends = ends;
    this.length = ends.length;
  }

  get count(): number {
    return this.length;
  }

  /** Where in all the bytes a text begins. */
  start(index: number): number {
    return index === 0 ? 0 : this.ends[index - 1]!;
  }

  end(index: number): number {
    return this.ends[index]!;
  }

  push(text: string): void {
    const from = this.start(this.length);
    // A code unit takes three bytes at most.
    if (from + text.length * 3 > this.bytes.length) this.grow(from, Buffer.byteLength(text));
    if (this.length === this.ends.length) {
      const ends = new Uint32Array(Math.max(16, this.length * 2));
      ends.set(this.ends);
      this.ends = ends;
    }
    this.ends[this.length++] = from + this.bytes.write(text, from);
  }

  get(index: number): string {
    const [from, to] = [this.start(index), this.end(index)];
    if (this.packed === undefined) return this.bytes.toString("utf8", from, to);
    const { bytes, offset } = this.packed.around(from, to);
    return bytes.toString("utf8", from - offset, to - offset);
  }

  /** Whether a text has the bytes from `from` to `to`; not for texts that are packed. */
  equals(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const own = this.start(index);
    if (this.end(index) - own !== to - from) return false;
    for (let i = from; i < to; i++) if (this.bytes[own + i - from] !== bytes[i]) return false;
    return true;
  }

  /** The bytes of a text, as they lie in memory; not for texts that are packed. */
  slice(index: number): Uint8Array {
    return this.bytes.subarray(this.start(index), this.end(index));
  }

  /** Deflates what is there; reading goes on as before, slower. Nothing can be added any more. */
  pack(): void {
    if (this.packed !== undefined) return;
    this.packed = new Packed(this.bytes.subarray(0, this.start(this.length)));
    this.bytes = Buffer.alloc(0);
  }

  private grow(used: number, needed: number): void {
    if (used + needed > 2 ** 32 - 1) throw new RangeError("more than 4 GiB of texts in one block");
    const bytes = Buffer.alloc(Math.max(used + needed + 64, Math.min(used * 2, used + 2 ** 26)));
    this.bytes.copy(bytes, 0, 0, used);
    this.bytes = bytes;
  }
}

const pieceBytes = 2 ** 19;

/** Bytes in deflated pieces, the last one used kept open. */
class Packed {
  private readonly pieces: Buffer[] = [];
  private opened: { readonly piece: number; readonly bytes: Buffer } | undefined;

  constructor(bytes: Buffer) {
    for (let from = 0; from < bytes.length; from += pieceBytes)
      this.pieces.push(deflateRawSync(bytes.subarray(from, from + pieceBytes), { level: 1 }));
  }

  /** A stretch of bytes that holds `from`…`to`; `offset` is where it begins. */
  around(from: number, to: number): { readonly bytes: Buffer; readonly offset: number } {
    const [first, last] = [Math.floor(from / pieceBytes), Math.floor(Math.max(from, to - 1) / pieceBytes)];
    if (first === last) return { bytes: this.open(first), offset: first * pieceBytes };
    const parts: Buffer[] = [];
    for (let piece = first; piece <= last; piece++) parts.push(this.open(piece));
    return { bytes: Buffer.concat(parts), offset: first * pieceBytes };
  }

  private open(piece: number): Buffer {
    if (this.opened?.piece !== piece)
      this.opened = {
        piece,
        bytes: this.pieces[piece] === undefined ? Buffer.alloc(0) : inflateRawSync(this.pieces[piece]),
      };
    return this.opened.bytes;
  }
}
