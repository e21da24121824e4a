import { sharedOf } from "../node/shared.ts";
import type { Part } from "./keys.ts";

/** By node and blocking key the block that the node is in, 0 for none; a node's blocks are together in memory, which threads share. */
export class BlockTable {
  constructor(
    readonly keys: number,
    readonly rows: Int32Array,
  ) {}

  static of(nodes: number, keys: number): BlockTable {
    return new BlockTable(keys, sharedOf(Int32Array, nodes * keys));
  }

  set(key: number, blocks: Int32Array): void {
    const { rows, keys } = this;
    for (let node = 0, at = key; node < blocks.length; node++, at += keys) rows[at] = blocks[node]!;
  }

  /** By node. */
  column(key: number): Int32Array {
    const { rows, keys } = this;
    const blocks = new Int32Array(keys === 0 ? 0 : rows.length / keys);
    for (let node = 0, at = key; node < blocks.length; node++, at += keys) blocks[node] = rows[at]!;
    return blocks;
  }

  /** Whether two nodes are in one block of a key. */
  share(a: number, b: number, key: number): boolean {
    const { rows, keys } = this;
    const block = rows[a * keys + key]!;
    return block !== 0 && block === rows[b * keys + key]!;
  }
}

/** Each node's {@link signsOf}, together in memory, which threads share. */
export class SignTable {
  constructor(
    readonly width: number,
    readonly rows: Int32Array,
  ) {}

  /** All 0 yet. */
  static of(nodes: number, width: number): SignTable {
    return new SignTable(width, sharedOf(Int32Array, nodes * width));
  }

  set(sign: number, part: Part): void {
    const { rows, width } = this;
    for (let node = 0, at = sign; at < rows.length; node++, at += width) rows[at] = part(node);
  }

  /** How much two nodes have in common at a glance, where the signs count so many points. */
  inCommon(a: number, b: number, points: readonly number[]): number {
    const { rows, width } = this;
    let found = 0;
    for (let i = 0, x = a * width, y = b * width; i < width; i++, x++, y++)
      if (rows[x] === rows[y] && rows[x] !== 0) found += points[i]!;
    return found;
  }
}
