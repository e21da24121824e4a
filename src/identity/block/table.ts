import type { Nodes } from "../node/nodes.ts";
import { sharedOf } from "../node/shared.ts";
import { signsOf } from "./keys.ts";

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

  /** Whether two nodes have a block of one of the first `keys` in common. */
  share(a: number, b: number, keys: number): boolean {
    const { rows } = this;
    let [x, y] = [a * this.keys, b * this.keys];
    for (const end = x + keys; x < end; x++, y++) if (rows[x] === rows[y] && rows[x] !== 0) return true;
    return false;
  }
}

/** Each node's {@link signsOf}, together in memory, which threads share. */
export class SignTable {
  constructor(
    readonly points: readonly number[],
    readonly rows: Int32Array,
  ) {}

  static of(nodes: Nodes): SignTable {
    const signs = signsOf(nodes);
    const rows = sharedOf(Int32Array, nodes.count * signs.length);
    for (const [i, { part }] of signs.entries())
      for (let node = 0, at = i; node < nodes.count; node++, at += signs.length) rows[at] = part(node);
    return new SignTable(
      signs.map(({ points }) => points),
      rows,
    );
  }

  /** How much two nodes have in common at a glance, in points. */
  inCommon(a: number, b: number): number {
    const { rows, points } = this;
    const width = points.length;
    let found = 0;
    for (let i = 0, x = a * width, y = b * width; i < width; i++, x++, y++)
      if (rows[x] === rows[y] && rows[x] !== 0) found += points[i]!;
    return found;
  }
}
