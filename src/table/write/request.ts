import type { DataFile, Provenance } from "../snapshot.ts";

/** What every write may say. */
export interface CommitRequest {
  /** Delta `txn` actions. When all of them are in the table already, nothing is written: `already`. */
  readonly transactions?: readonly { readonly appId: string; readonly version: number }[];
  readonly provenance?: Provenance;
  /** Commit only if this is still the newest version. */
  readonly onlyIf?: number;
}

export interface WriteRequest extends CommitRequest {
  readonly mode: "append" | "overwrite";
  /** Its columns go to the table's by name; a missing one is null, an unknown one is refused. */
  readonly query: string;
  /**
   * What an overwrite replaces; default: all rows. A text: the rows for which this SQL is true, and the new rows
   * must be such rows as well. `partitions`: the partitions in which the new rows are.
   */
  readonly replace?: { readonly where: string } | "partitions";
  /** With append: files that leave in the same commit. */
  readonly removeFiles?: (file: DataFile) => boolean;
  /** `add.tags` of the files that this write makes. */
  readonly fileTags?: Readonly<Record<string, string>>;
}

export interface DeleteRequest extends CommitRequest {
  /** SQL over the table's columns; rows for which it is true are deleted. */
  readonly where: string;
}

export interface UpdateRequest extends CommitRequest {
  /** SQL over the table's columns; default: all rows. */
  readonly where?: string;
  /** SQL expressions over the old row, by column. */
  readonly set: Readonly<Record<string, string>>;
}

export interface MergeRequest extends CommitRequest {
  /**
   * The rows to put in, one a key. Columns that it lacks keep their value in rows that are there, and are null in new
   * ones.
   */
  readonly query: string;
  /** The key: columns of the query and of the table, never null in the query. */
  readonly on: readonly string[];
  /** A BOOLEAN column of the query, and not of the table: where it is true, the row with that key is deleted. */
  readonly deleteColumn?: string;
}
