import { parseLossless, stringifyLossless } from "../../base/index.ts";
import type { NewFile } from "../delta/commit-file.ts";
import type { DataFile, DeletionVector } from "../snapshot.ts";

/** Of a file that is in the table, or comes into it. */
type Restated = Omit<DataFile, "dataChange" | "deletionVector">;

/**
 * The add action of a file other rows of which are deleted now. Its statistics are those of all its rows, and say so
 * (Delta protocol, "Per-file Statistics", `tightBounds`).
 */
export function withDeletedRows(file: Restated, vector: DeletionVector | undefined): NewFile {
  const known = file.stats === undefined ? { numRecords: file.rows } : parseLossless(file.stats);
  return {
    path: file.path,
    statedPath: file.statedPath,
    sizeBytes: file.sizeBytes,
    stats: stringifyLossless({ ...(known as object), tightBounds: false }),
    tags: file.tags,
    partitionValues: file.partitionValues,
    modifiedMs: file.modifiedMs,
    deletionVector: vector,
  };
}
