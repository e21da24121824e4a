import type { FileSet } from "../file-set.ts";
import type { DataFile } from "../snapshot.ts";
import { type FileChanges, vectorId } from "./changes.ts";
import type { PackedFiles } from "./files.ts";
import { type Layer, LayerChange, findIn, isDead, together } from "./layer.ts";

/** Of more statistics than this those of the oldest blocks are deflated. */
const plainStatsBytes = 24 * 2 ** 20;

/** A {@link FileSet} as layers of packed blocks, the oldest first: that of the next version costs what has changed. */
export class PackedFileSet implements FileSet {
  private constructor(
    private readonly layers: readonly Layer[],
    private readonly totals: Totals,
  ) {
    PackedFileSet.keepWithin(layers.map(({ files }) => files));
  }

  static keepWithin(blocks: readonly PackedFiles[]): void {
    let plain = blocks.reduce((sum, { stats }) => sum + stats.bytes.length, 0);
    for (const { stats } of blocks) {
      if (plain <= plainStatsBytes) return;
      plain -= stats.bytes.length;
      stats.pack();
    }
  }

  /** No two of the files have the same path. */
  static of(blocks: readonly PackedFiles[]): PackedFileSet {
    const totals = new Totals();
    for (const files of blocks) for (let row = 0; row < files.count; row++) totals.take(files, row, 1);
    return new PackedFileSet(
      blocks.map((files) => ({ files, dead: undefined, live: files.count })),
      totals,
    );
  }

  get count(): number {
    return this.totals.count;
  }

  get sizeBytes(): number {
    return this.totals.sizeBytes;
  }

  get rows(): number | undefined {
    return this.totals.withoutRows > 0 ? undefined : this.totals.rows;
  }

  get withDeletedRows(): number {
    return this.totals.withDeletedRows;
  }

  get(path: string): DataFile | undefined {
    const found = findIn(this.layers, Buffer.from(path));
    return found?.layer.files.file(found.row);
  }

  some(test: (file: DataFile) => boolean): boolean {
    for (const file of this) if (test(file)) return true;
    return false;
  }

  changed(changes: readonly FileChanges[]): PackedFileSet {
    const totals = this.totals.copy();
    const layers = this.layers.map((layer) => new LayerChange(layer));
    const leave = (path: Uint8Array, vector?: string): void => {
      const found = findIn(layers, path);
      if (found === undefined) return;
      const { layer, row } = found;
      if (vector !== undefined && vectorId(layer.files.sharedOf(row)) !== vector) return;
      layer.kill(row);
      totals.take(layer.files, row, -1);
    };
    for (const { adds, removes, vectors } of changes) {
      for (let i = 0; i < removes.count; i++) leave(removes.slice(i), vectors.get(i) ?? "");
      for (let row = 0; row < adds.files.count; row++) {
        leave(adds.files.paths.slice(row));
        if (!isDead(adds, row)) totals.take(adds.files, row, 1);
      }
      layers.push(new LayerChange(adds));
    }
    return new PackedFileSet(together(layers.map((layer) => layer.done())), totals);
  }

  *paths(): Generator<string> {
    for (const layer of this.layers)
      for (let row = 0; row < layer.files.count; row++)
        if (!isDead(layer, row)) yield layer.files.paths.get(row);
  }

  *[Symbol.iterator](): Iterator<DataFile> {
    for (const layer of this.layers)
      for (let row = 0; row < layer.files.count; row++) if (!isDead(layer, row)) yield layer.files.file(row);
  }
}

class Totals {
  count = 0;
  sizeBytes = 0;
  rows = 0;
  withoutRows = 0;
  withDeletedRows = 0;

  copy(): Totals {
    return Object.assign(new Totals(), this);
  }

  take(files: PackedFiles, row: number, times: 1 | -1): void {
    const [rows, vector] = [files.rows(row), files.sharedOf(row).deletionVector];
    this.count += times;
    this.sizeBytes += times * files.sizeBytes(row);
    if (vector !== undefined) this.withDeletedRows += times;
    if (rows === undefined) this.withoutRows += times;
    else this.rows += times * (rows - (vector?.cardinality ?? 0));
  }
}
