import type { Store } from "../../storage/index.ts";
import type { NewFile } from "../delta/commit-file.ts";
import { statsToDelta } from "../delta/stats.ts";
import type { IcebergDataChange } from "../iceberg/change.ts";
import { dataFileRecord, positionDeleteRecord } from "../iceberg/data-file.ts";
import type { DataFileRecord } from "../iceberg/manifest.ts";
import { type PartitionSpec, partitionRecord, specOf } from "../iceberg/partition.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { identifyingColumns } from "../snapshot.ts";
import type { WrittenDeletionVector } from "../deletion/index.ts";
import type { AddedFile, DataChange, TableMeta } from "./change.ts";

/** A change of data in Iceberg's words. `known`: the partition specs that the table has. */
export function icebergData(
  store: Store,
  folder: string,
  meta: TableMeta,
  known: readonly PartitionSpec[],
  data: DataChange,
): IcebergDataChange {
  const identifying = identifyingColumns(meta.properties);
  const spec = specOf(meta.schema, meta.partitionColumns, known);
  const location = (path: string): string => icebergLocation(store, keyIn(folder, path));
  const added = ({ path, sizeBytes, statistics, partitionValues }: AddedFile): DataFileRecord => ({
    ...dataFileRecord(location(path), sizeBytes, statistics, meta.schema, identifying),
    partition: partitionRecord(spec, meta.schema, partitionValues),
  });
  const deletes = (
    vector: WrittenDeletionVector,
    { path, partitionValues }: Pick<AddedFile, "path" | "partitionValues">,
  ): DataFileRecord =>
    positionDeleteRecord(
      vector.deleteFile,
      location,
      path,
      partitionRecord(spec, meta.schema, partitionValues),
    );
  return {
    added: data.adds.map(added),
    removedPaths: new Set(data.removes.map(({ path }) => path)),
    deletes: [
      ...data.deletes.map(({ file, vector }) => deletes(vector, file)),
      ...data.adds.flatMap((file) => (file.vector === undefined ? [] : [deletes(file.vector, file)])),
    ],
    changesRows: data.changesRows,
  };
}

/** A file that comes in, in Delta's words. */
export function newFile(file: AddedFile, meta: TableMeta, timestampMs: number): NewFile {
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    stats: statsToDelta(file.statistics, meta.schema, identifyingColumns(meta.properties)),
    tags: file.tags,
    partitionValues: file.partitionValues,
    modifiedMs: timestampMs,
    deletionVector: file.vector?.delta,
  };
}
