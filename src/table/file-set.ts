import type { DataFile } from "./snapshot.ts";

/** The data files of one version, in the order in which they came in. Never changes: `changed` makes another one. */
export interface FileSet extends Iterable<DataFile> {
  readonly count: number;
  readonly sizeBytes: number;
  /** Rows that are in the table; `undefined` when a foreign writer left no statistics for some file. */
  readonly rows: number | undefined;
  get(path: string): DataFile | undefined;
  some(test: (file: DataFile) => boolean): boolean;
}

/** A set of files as they are listed. */
export function fileSet(files: Iterable<DataFile>): FileSet {
  const byPath = new Map([...files].map((file) => [file.path, file]));
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
    [Symbol.iterator]: () => all[Symbol.iterator](),
  };
}
