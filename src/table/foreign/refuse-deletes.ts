import { propertyDeletionVectors } from "../delta/protocol.ts";
import type { Difference } from "./difference.ts";
import { noEqual } from "./refuse.ts";

/**
 * Deletes that Delta cannot follow. Position deletes become deletion vectors, where the table's mode is that; its
 * owner decides on it, since readers below Delta's protocol 3 fall out. Elsewhere their files are written again, which
 * gives no rows back. Fails with `table.iceberg_no_equal`.
 */
export function refuseDeletes(
  { addedDeletes, removedDeletes, removed }: Difference,
  properties: Readonly<Record<string, string>> | undefined,
  formatVersion: number,
): void {
  const equality = addedDeletes.find(({ file }) => file.content === 2)?.file;
  if (equality !== undefined)
    throw noEqual(
      `${equality.file_path} deletes rows by their values (equality deletes), for which Delta has no equal.`,
      "Have the engine write the files again instead (copy-on-write), or write through Delta.",
    );
  const first = addedDeletes[0]?.file;
  if (first !== undefined && properties === undefined)
    throw noEqual(
      `${first.file_path} marks rows as deleted of a table that is being made.`,
      "Make the table first, and delete rows from it afterwards.",
    );
  if (properties?.[propertyDeletionVectors] !== "true") {
    const left = new Set(removed.map(({ file }) => file.file_path));
    const back = removedDeletes.find(({ file }) => !left.has(file.referenced_data_file ?? ""));
    if (back !== undefined)
      throw noEqual(
        `${back.file.file_path} leaves, and the rows that it deleted would come back for Iceberg's readers only.`,
        "Have the engine write the data files again as well (rewrite_data_files).",
      );
  }
  if (first !== undefined && formatVersion !== 2)
    throw noEqual(
      `${first.file_path} deletes rows of a table of format version ${formatVersion}; they are taken in version 2.`,
      "Set write.delete.mode, write.update.mode and write.merge.mode to copy-on-write.",
    );
  const other = addedDeletes.find(({ file }) => file.file_format.toUpperCase() !== "PARQUET")?.file;
  if (other !== undefined)
    throw noEqual(
      `${other.file_path} holds deletes in the format ${other.file_format}; Parquet is read.`,
      "Set write.delete.format.default=parquet.",
    );
}
