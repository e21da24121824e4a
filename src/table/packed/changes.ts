import type { DataFile, DeletionVector } from "../snapshot.ts";
import { PackedFiles } from "./files.ts";
import { LayerChange, isDead } from "./layer.ts";
import { Texts } from "./texts.ts";

/** A file is known by its path and its deletion vector (Delta protocol, "Add File and Remove File"). */
export interface RemovedFile {
  readonly path: string;
  readonly deletionVector?: DeletionVector | undefined;
}

/** What commits, one after the other, do to the files before them: some leave, some come, and come instead of others. */
export class FileChanges {
  readonly adds = new LayerChange({ files: new PackedFiles(), dead: undefined, live: 0 });
  readonly removes = new Texts();
  /** By the number of a remove: which deletion vector the file has that leaves. */
  readonly vectors = new Map<number, string>();
  private commitStart = 0;

  /** In one commit the order does not matter: its removes are about the files before it. */
  remove(file: RemovedFile): void {
    const { files } = this.adds;
    const path = Buffer.from(file.path);
    const row = files.find(path);
    if (row >= this.commitStart) return;
    const id = vectorId(file);
    if (row >= 0 && !isDead(this.adds, row)) {
      if (vectorId(files.sharedOf(row)) === id) this.adds.kill(row);
      return;
    }
    if (id !== "") this.vectors.set(this.removes.count, id);
    this.removes.push(file.path);
  }

  add(file: DataFile): void {
    const { files } = this.adds;
    const before = files.find(Buffer.from(file.path));
    if (before >= 0 && !isDead(this.adds, before)) this.adds.kill(before);
    files.push(file);
    this.adds.live++;
  }

  endCommit(): void {
    this.commitStart = this.adds.files.count;
  }
}

export function vectorId({ deletionVector: vector }: Omit<RemovedFile, "path">): string {
  return vector === undefined ? "" : `${vector.storageType}${vector.pathOrInlineDv}@${vector.offset ?? ""}`;
}
