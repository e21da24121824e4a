import { FileChanges } from "./packed/changes.ts";
import { PackedFileSet } from "./packed/set.ts";
import type { DataFile } from "./snapshot.ts";

/**
 * The data files of one version, in the order in which they came in. It never changes, and holds a million files in
 * about as many bytes as their paths and statistics have: a file becomes an object when it is asked for.
 */
export interface FileSet extends Iterable<DataFile> {
  readonly count: number;
  readonly sizeBytes: number;
  /** Rows that are in the table; `undefined` when a foreign writer left no statistics for some file. */
  readonly rows: number | undefined;
  /** How many files have a deletion vector. */
  readonly withDeletedRows: number;
  get(path: string): DataFile | undefined;
  /** Of all files, in the same order. */
  paths(): Iterable<string>;
  some(test: (file: DataFile) => boolean): boolean;
  /** The set after these changes. */
  changed(changes: readonly FileChanges[]): FileSet;
}

/** A set of files as they are listed; of two with the same path the later one counts. */
export function fileSet(files: Iterable<DataFile>): FileSet {
  const list = fileList();
  for (const file of files) list.add(file);
  return list.set();
}

/** As {@link fileSet}, for files that come one by one: none of them stays an object. */
export function fileList(): { readonly add: (file: DataFile) => void; readonly set: () => FileSet } {
  const changes = new FileChanges();
  return { add: (file) => changes.add(file), set: () => PackedFileSet.of([]).changed([changes]) };
}
