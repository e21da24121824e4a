import type { Schema } from "../../schema/index.ts";
import type { WrittenDeletionVector } from "../deletion/index.ts";
import type { WrittenFile } from "../parquet/copy.ts";
import type { DataFile, Provenance } from "../snapshot.ts";

/** What a table is, beside its rows. */
export interface TableMeta {
  readonly schema: Schema;
  readonly partitionColumns: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** What a commit does to the version before it, whichever that will be. */
export interface Change {
  /** Delta's name of it: `WRITE`, `DELETE`, `MERGE`, `OPTIMIZE`. */
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly reads: ReadSet;
  /** The table's meta after the commit, from that before it. Called again after a lost race. */
  readonly evolve?: ((before: TableMeta) => TableMeta) | undefined;
  /** `undefined`: the commit is about the meta only. */
  readonly data?: DataChange | undefined;
  readonly transactions?: readonly { readonly appId: string; readonly version: number }[] | undefined;
  readonly provenance?: Provenance | undefined;
  /** Commit only on top of this version. */
  readonly onlyIf?: number | undefined;
  /** Iceberg snapshots that the metadata no longer lists. */
  readonly expired?: ReadonlySet<bigint> | undefined;
  /** The Iceberg metadata keeps nothing of what was before this commit. */
  readonly forgets?: boolean | undefined;
}

export interface DataChange {
  readonly adds: readonly AddedFile[];
  readonly removes: readonly DataFile[];
  /** Rows that are deleted in files that stay. */
  readonly deletes: readonly DeletedRows[];
  /** False: the table holds the same rows as before, in other files (Delta `dataChange`, Iceberg `replace`). */
  readonly changesRows: boolean;
}

export interface AddedFile extends WrittenFile {
  readonly tags: Readonly<Record<string, string>>;
  /** Of a file that comes back with rows deleted in it. */
  readonly vector?: WrittenDeletionVector | undefined;
}

export interface DeletedRows {
  readonly file: DataFile;
  readonly vector: WrittenDeletionVector;
}

/** What a commit has read of the version it started from, and so may not have changed meanwhile. */
export interface ReadSet {
  /** Whether rows that came in meanwhile in this file belong to what was read: never for an append, always for an overwrite of all. */
  readonly reads: (file: DataFile) => boolean;
  /** The schema and partitioning that the new files were written with. */
  readonly schema: Schema;
  readonly partitionColumns: readonly string[];
  /** The rows do not depend on the table's rows at all. */
  readonly isBlind?: boolean;
}

export const readsNothing = (): boolean => false;
export const readsAll = (): boolean => true;
