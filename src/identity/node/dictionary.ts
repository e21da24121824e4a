import { grown } from "./grown.ts";
import { hashOf } from "./hash.ts";
import { shared } from "./shared.ts";

const firstSlots = 1024;

/** A dictionary as plain data. */
export interface DictionaryData {
  readonly arena: Uint8Array;
  readonly ends: Float64Array;
  readonly hashes: Int32Array;
  readonly masks: Int32Array;
  readonly slots: Int32Array;
  readonly count: number;
}

/**
 * Distinct texts, as UTF-8, numbered from 1 in the order in which they came; 0 is no text. Millions of them take
 * their bytes and a few numbers each, and no object.
 */
export class Dictionary {
  private arena = new Uint8Array(16 * firstSlots);
  private ends = new Float64Array(firstSlots);
  private hashes = new Int32Array(firstSlots);
  private masks = new Int32Array(firstSlots);
  private slots = new Int32Array(2 * firstSlots);
  private count = 0;

  static of({ arena, ends, hashes, masks, slots, count }: DictionaryData): Dictionary {
    return Object.assign(new Dictionary(), { arena, ends, hashes, masks, slots, count });
  }

  /** A copy, in memory that threads share. */
  data(): DictionaryData {
    const { arena, ends, hashes, masks, slots, count } = this;
    return {
      arena: shared(arena, ends[count]),
      ends: shared(ends, count + 1),
      hashes: shared(hashes, count + 1),
      masks: shared(masks, count + 1),
      slots: shared(slots),
      count,
    };
  }

  /** Numbers are 1 … size. */
  get size(): number {
    return this.count;
  }

  /** The bytes of all texts; one is at {@link start} … {@link end}. */
  get bytes(): Uint8Array {
    return this.arena;
  }

  start(id: number): number {
    return this.ends[id - 1]!;
  }

  end(id: number): number {
    return this.ends[id]!;
  }

  /** In bytes. */
  length(id: number): number {
    return this.ends[id]! - this.ends[id - 1]!;
  }

  /** Of the text, whatever the dictionary; two texts may have the same. */
  code(id: number): number {
    return this.hashes[id]!;
  }

  /** A bit for each of 32 classes of bytes that are in the text. Letters without accents have a class each. */
  letters(id: number): number {
    return this.masks[id]!;
  }

  text(id: number): string {
    return Buffer.from(this.arena.buffer, this.start(id), this.length(id)).toString("utf8");
  }

  /** The number of the text at `from` … `to`, which becomes one of the dictionary's if it was not; 0 for an empty one. */
  add(source: Uint8Array, from: number, to: number): number {
    if (from === to) return 0;
    const hash = hashOf(source, from, to);
    const slot = this.slotOf(source, from, to, hash);
    const known = this.slots[slot]!;
    if (known !== 0) return known;
    const id = this.append(source, from, to, hash);
    this.slots[slot] = id;
    if (2 * this.count > this.slots.length) this.rehash();
    return id;
  }

  /** The number of the text at `from` … `to`; 0 when it is none of the dictionary's. */
  find(source: Uint8Array, from: number, to: number): number {
    return this.slots[this.slotOf(source, from, to, hashOf(source, from, to))]!;
  }

  findText(text: string): number {
    const source = Buffer.from(text, "utf8");
    return this.find(source, 0, source.length);
  }

  /** {@link code} of a part of the text, in bytes from its start or, with a negative `from`, from its end. */
  codeOf(id: number, from: number, length: number): number {
    const start = from < 0 ? Math.max(this.start(id), this.end(id) + from) : this.start(id) + from;
    return hashOf(this.arena, start, Math.min(this.end(id), start + length));
  }

  /** Where the text's number is, or would be put. */
  private slotOf(source: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let id = this.slots[slot]!; id !== 0; id = this.slots[(slot = (slot + 1) & mask)]!)
      if (this.hashes[id] === hash && this.holds(id, source, from, to)) break;
    return slot;
  }

  private holds(id: number, source: Uint8Array, from: number, to: number): boolean {
    const start = this.start(id);
    if (this.end(id) - start !== to - from) return false;
    for (let i = from, j = start; i < to; i++, j++) if (source[i] !== this.arena[j]) return false;
    return true;
  }

  private append(source: Uint8Array, from: number, to: number, hash: number): number {
    const start = this.ends[this.count]!;
    const end = start + to - from;
    if (end > this.arena.length) this.arena = grown(this.arena, Math.max(end, 2 * this.arena.length));
    this.arena.set(source.subarray(from, to), start);
    const id = ++this.count;
    if (id >= this.ends.length) {
      this.ends = grown(this.ends, 2 * id);
      this.hashes = grown(this.hashes, 2 * id);
      this.masks = grown(this.masks, 2 * id);
    }
    this.ends[id] = end;
    this.hashes[id] = hash;
    let letters = 0;
    for (let i = from; i < to; i++) letters |= 1 << (source[i]! & 31);
    this.masks[id] = letters;
    return id;
  }

  private rehash(): void {
    this.slots = new Int32Array(2 * this.slots.length);
    const mask = this.slots.length - 1;
    for (let id = 1; id <= this.count; id++) {
      let slot = this.hashes[id]! & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = id;
    }
  }
}
