import type { DataFile, Provenance } from "../snapshot.ts";

export interface WriteRequest {
  readonly mode: "append" | "overwrite";
  /** Its columns go to the table's by name; a missing one is null, an unknown one is refused. */
  readonly query: string;
  /** With append: files that leave in the same commit. */
  readonly removeFiles?: (file: DataFile) => boolean;
  /** `add.tags` of the files that this write makes. */
  readonly fileTags?: Readonly<Record<string, string>>;
  /** Delta `txn` actions. When all of them are in the table already, nothing is written: `already`. */
  readonly transactions?: readonly { readonly appId: string; readonly version: number }[];
  readonly provenance?: Provenance;
  /** Commit only if this is still the newest version. */
  readonly onlyIf?: number;
}
