import type { Elsewhere } from "../elsewhere.ts";
import { decodePath, foreignForm } from "../path.ts";
import type { DataFile } from "../snapshot.ts";
import type { AddAction } from "./file-action.ts";

/** What the log says about a file that is in the table. Fails with `table.path_outside`. */
export function dataFile(add: AddAction, outside?: Elsewhere): DataFile {
  const path = decodePath(add.path, outside);
  const statedPath = foreignForm(add.path, path);
  return {
    path,
    ...(statedPath === undefined ? {} : { statedPath }),
    sizeBytes: add.size,
    rows: rowsOf(add.stats),
    modifiedMs: add.modificationTime,
    stats: add.stats,
    partitionValues: add.partitionValues,
    tags: add.tags,
    dataChange: add.dataChange,
    ...(add.deletionVector === undefined ? {} : { deletionVector: add.deletionVector }),
  };
}

/** `numRecords` without parsing all of the statistics where it stands first, as every writer puts it. */
export function rowsOf(stats: string | undefined): number | undefined {
  if (stats === undefined) return undefined;
  const digits = /^\s*\{\s*"numRecords"\s*:\s*(\d{1,15})\s*[,}]/.exec(stats)?.[1];
  if (digits !== undefined) return Number(digits);
  try {
    const parsed = JSON.parse(stats) as { numRecords?: unknown } | null;
    const rows = parsed?.numRecords;
    return Number.isSafeInteger(rows) && (rows as number) >= 0 ? (rows as number) : undefined;
  } catch {
    return undefined;
  }
}
