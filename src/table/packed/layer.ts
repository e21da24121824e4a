import { PackedFiles } from "./files.ts";
import { hashOf } from "./path-index.ts";

/** The files of a block that are there: all but the dead ones. Sets of neighbouring versions share blocks. */
export interface Layer {
  readonly files: PackedFiles;
  /** One bit a row; absent: none is dead. */
  readonly dead: Uint8Array | undefined;
  readonly live: number;
}

export function isDead({ dead }: Pick<Layer, "dead">, row: number): boolean {
  return dead !== undefined && (dead[row >>> 3]! & (1 << (row & 7))) !== 0;
}

/** A layer that is being changed; its bits are copied before the first change. */
export class LayerChange {
  readonly files: PackedFiles;
  dead: Uint8Array | undefined;
  live: number;
  private owned = false;

  constructor(layer: Layer) {
    this.files = layer.files;
    this.dead = layer.dead;
    this.live = layer.live;
  }

  kill(row: number): void {
    const size = (this.files.count + 7) >>> 3;
    if (!this.owned || this.dead === undefined || this.dead.length < size) {
      const dead = new Uint8Array(size);
      if (this.dead !== undefined) dead.set(this.dead);
      this.dead = dead;
      this.owned = true;
    }
    this.dead[row >>> 3]! |= 1 << (row & 7);
    this.live--;
  }

  done(): Layer {
    return { files: this.files, dead: this.dead, live: this.live };
  }
}

/** The live file with that path. */
export function findIn<L extends Layer>(
  layers: readonly L[],
  path: Uint8Array,
): { readonly layer: L; readonly row: number } | undefined {
  const hash = hashOf(path, 0, path.length);
  for (let i = layers.length - 1; i >= 0; i--) {
    const row = layers[i]!.files.find(path, hash);
    if (row >= 0 && !isDead(layers[i]!, row)) return { layer: layers[i]!, row };
  }
  return undefined;
}

/** Blocks of fewer files than this are put together as they become many. */
const smallBlock = 2 ** 15;

/** Few layers, so that a path is found quickly, at a cost that grows with what has changed only. */
export function together(layers: readonly Layer[]): Layer[] {
  const few: Layer[] = [];
  for (const layer of layers) {
    if (layer.live === 0) continue;
    few.push(layer.live * 4 < layer.files.count && layer.files.count > 64 ? copy([layer]) : layer);
    for (let last = few.length - 1; last > 0; last--) {
      const [before, after] = [few[last - 1]!, few[last]!];
      if (after.live * 2 < before.live || before.live + after.live > smallBlock) break;
      few.splice(last - 1, 2, copy([before, after]));
    }
  }
  return few;
}

function copy(layers: readonly Layer[]): Layer {
  const files = new PackedFiles();
  for (const layer of layers)
    for (let row = 0; row < layer.files.count; row++)
      if (!isDead(layer, row)) files.push(layer.files.file(row));
  return { files: files.seal(), dead: undefined, live: files.count };
}
