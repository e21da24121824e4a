import { randomBytes } from "node:crypto";
import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import type { DeletionVector } from "../snapshot.ts";
import { frameBytes, toBlob } from "./blob.ts";
import { parquetFile } from "./parquet.ts";
import { uuidText } from "./read.ts";
import type { RowSet } from "./row-set.ts";
import { toZ85 } from "./z85.ts";

/** One set of deleted rows, in the form of each format; durable, and in no table yet. */
export interface WrittenDeletionVector {
  readonly delta: DeletionVector;
  /** Iceberg's position-delete file; `path` in the table's folder. */
  readonly deleteFile: WrittenDeleteFile;
  /** Of all objects that were written. */
  readonly keys: readonly string[];
}

/** A position-delete file about one data file. */
export interface WrittenDeleteFile {
  /** In the table's folder. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly rows: number;
  /** Of the object. */
  readonly keys: readonly string[];
}

const formatVersion = 1;
/** Ids that Iceberg reserves (spec v2, "Position Delete Files"). */
const deleteColumns = [
  { name: "file_path", fieldId: 2_147_483_546, type: "text" },
  { name: "pos", fieldId: 2_147_483_545, type: "long" },
] as const;

/**
 * Writes the deleted rows of one data file for both formats: `deletion_vector_<uuid>.bin` (Delta protocol, "Deletion
 * Vector File Storage Format") and a position-delete file. `dataFileLocation` is the manifest's `file_path`, letter
 * by letter. All rows that are deleted from now on are in `rows`: a file has one vector.
 */
export async function writeDeletionVector(
  store: Store,
  folder: string,
  dataFileLocation: string,
  rows: RowSet,
): Promise<WrittenDeletionVector> {
  const blob = toBlob(rows);
  const uuid = randomBytes(16);
  uuid[6] = 0x40 | (uuid[6]! & 0x0f);
  uuid[8] = 0x80 | (uuid[8]! & 0x3f);
  // At the table's root: a reader allows letters and digits only in the prefix of another place (docs/format.md).
  const vectorKey = keyIn(folder, `deletion_vector_${uuidText(uuid)}.bin`);
  const [deleteFile] = await Promise.all([
    writePositionDeletes(store, folder, dataFileLocation, rows),
    putSurely(store, vectorKey, Buffer.concat([Uint8Array.of(formatVersion), blob])),
  ]);
  const { cardinality } = rows;
  return {
    delta: {
      storageType: "u",
      pathOrInlineDv: toZ85(uuid),
      offset: 1,
      sizeInBytes: blob.length - frameBytes,
      cardinality,
    },
    deleteFile,
    keys: [vectorKey, ...deleteFile.keys],
  };
}

/** Writes the deleted rows of one data file for Iceberg alone. */
export async function writePositionDeletes(
  store: Store,
  folder: string,
  dataFileLocation: string,
  rows: RowSet,
): Promise<WrittenDeleteFile> {
  const path = `_iceberg/${newId()}-deletes.parquet`;
  const key = keyIn(folder, path);
  const body = deleteFileOf(dataFileLocation, rows);
  await putSurely(store, key, body);
  return { path, sizeBytes: body.length, rows: rows.cardinality, keys: [key] };
}

function deleteFileOf(dataFileLocation: string, rows: RowSet): Uint8Array {
  const groups = function* () {
    for (const batch of rows.batches()) yield [dataFileLocation, batch];
  };
  return Buffer.concat([...parquetFile(deleteColumns, groups(), "gzip")]);
}
