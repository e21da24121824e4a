import type { DataFile, DeletionVector } from "./snapshot.ts";

/** The data files of one version, in the order in which they came in. Never changes: `changed` makes another one. */
export interface FileSet extends Iterable<DataFile> {
  readonly count: number;
  readonly sizeBytes: number;
  /** Rows that are in the table; `undefined` when a foreign writer left no statistics for some file. */
  readonly rows: number | undefined;
  get(path: string): DataFile | undefined;
  some(test: (file: DataFile) => boolean): boolean;
  /** The set after these changes; nothing in one of them depends on the order inside it. */
  changed(changes: Iterable<FileChange>): FileSet;
}

/** What one commit does to the files: those that leave first, then those that come. */
export interface FileChange {
  readonly removes: readonly RemovedFile[];
  readonly adds: readonly DataFile[];
}

/** A file is known by its path and its deletion vector (Delta protocol, "Add File and Remove File"). */
export interface RemovedFile {
  readonly path: string;
  readonly deletionVector?: DeletionVector | undefined;
}

/** A set of files as they are listed. */
export function fileSet(files: Iterable<DataFile>): FileSet {
  return setOf(new Map([...files].map((file) => [file.path, file])));
}

function setOf(byPath: ReadonlyMap<string, DataFile>): FileSet {
  const all = [...byPath.values()];
  const counts = all.map((file) => file.rows && file.rows - (file.deletionVector?.cardinality ?? 0));
  return {
    count: all.length,
    sizeBytes: all.reduce((sum, file) => sum + file.sizeBytes, 0),
    rows: counts.every((rows) => rows !== undefined)
      ? counts.reduce((sum, rows) => sum + rows, 0)
      : undefined,
    get: (path) => byPath.get(path),
    some: (test) => all.some(test),
    changed(changes) {
      const next = new Map(byPath);
      for (const { removes, adds } of changes) {
        for (const removed of removes)
          if (vectorId(removed) === vectorId(next.get(removed.path))) next.delete(removed.path);
        for (const add of adds) next.set(add.path, add);
      }
      return setOf(next);
    },
    [Symbol.iterator]: () => all[Symbol.iterator](),
  };
}

function vectorId(file: RemovedFile | undefined): string {
  const vector = file?.deletionVector;
  if (vector === undefined) return "";
  return `${vector.storageType}${vector.pathOrInlineDv}@${vector.offset ?? ""}`;
}
