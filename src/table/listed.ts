import { OneCopyError, messageOf } from "../base/index.ts";
import type { Schema } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
import { type MetaDataAction, type ProtocolAction, visitAction } from "./delta/action.ts";
import { rowsOf } from "./delta/data-file.ts";
import { type AddAction } from "./delta/file-action.ts";
import type { FileSet } from "./file-set.ts";
import { describedBy } from "./read.ts";
import type { DataFile, Snapshot } from "./snapshot.ts";

/** A Delta table whose log somebody else reads: what they say of it, as Delta's actions in JSON. */
export interface ListedTable {
  /** In which the files have the paths that {@link parseListedFile} gave them. */
  readonly store: Store;
  readonly version: number;
  readonly metaData: unknown;
  readonly protocol: unknown;
  readonly files: FileSet;
}

/** Fails with `table.log_damaged` for what is no metadata, or no protocol, of Delta's. */
export function parseListedHead({ metaData, protocol }: Pick<ListedTable, "metaData" | "protocol">): {
  readonly metaData: MetaDataAction;
  readonly protocol: ProtocolAction;
} {
  let found: { metaData?: MetaDataAction; protocol?: ProtocolAction } = {};
  inAnswer(() => {
    visitAction({ metaData }, { metaData: (action) => (found = { ...found, metaData: action }) });
    visitAction({ protocol }, { protocol: (action) => (found = { ...found, protocol: action }) });
  });
  if (found.metaData !== undefined && found.protocol !== undefined)
    return { metaData: found.metaData, protocol: found.protocol };
  throw new OneCopyError("table.log_damaged", "The answer has no metadata, or no protocol.");
}

/** Fails as {@link listedSnapshot} does. */
export function schemaOfListed(name: string, head: Pick<ListedTable, "metaData" | "protocol">): Schema {
  const { metaData, protocol } = parseListedHead(head);
  return describedBy(name, protocol, metaData).schema;
}

/**
 * An `add` (or `remove`, `cdc`: what these have in common is read) that was listed, with where it is in the store;
 * `path` is that of the file, `vectorPath` gives a deletion vector that is a file of its own its place there. Fails with
 * `table.log_damaged`.
 */
export function parseListedFile(
  action: unknown,
  path: string,
  vectorPath: (stated: string) => string,
): DataFile {
  let add: AddAction | undefined;
  inAnswer(() => visitAction({ add: action }, { add: (found) => (add = found) }));
  const { size, modificationTime, stats, partitionValues, tags, deletionVector: vector } = add!;
  return {
    path,
    sizeBytes: size,
    rows: rowsOf(stats),
    modifiedMs: modificationTime,
    stats,
    partitionValues,
    tags,
    dataChange: true,
    ...(vector === undefined
      ? {}
      : {
          deletionVector:
            vector.storageType === "i"
              ? vector
              : { ...vector, storageType: "p", pathOrInlineDv: vectorPath(vector.pathOrInlineDv) },
        }),
  };
}

/** Fails as `readDeltaSnapshot` does for what would be misread. */
export function listedSnapshot({ store, version, files, ...head }: ListedTable): Snapshot {
  const { metaData, protocol } = parseListedHead(head);
  let timestampMs = 0;
  for (const { modifiedMs } of files) timestampMs = Math.max(timestampMs, modifiedMs);
  return {
    ...describedBy(store.url, protocol, metaData),
    store,
    folder: "",
    version,
    rowsVersion: version,
    timestampMs,
    files,
    transactions: new Map(),
    provenance: undefined,
    iceberg: undefined,
  };
}

function inAnswer(read: () => void): void {
  try {
    read();
  } catch (cause) {
    throw new OneCopyError(
      "table.log_damaged",
      `What was listed is no table of Delta's: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}
