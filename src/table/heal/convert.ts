import { positionDeleteRecord, dataFileRecord } from "../iceberg/data-file.ts";
import { type WrittenDeleteFile, readDeletionVector, writePositionDeletes } from "../deletion/index.ts";
import type { Schema } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import { statsFromDelta } from "../delta/stats.ts";
import type { IcebergDataChange } from "../iceberg/change.ts";
import type { DataFileRecord } from "../iceberg/manifest.ts";
import { type PartitionSpec, partitionRecord } from "../iceberg/partition.ts";
import { countRows } from "../parquet/footer.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { type DataFile, type DeletionVector, identifyingColumns } from "../snapshot.ts";

/** How a foreign version is to be written in Iceberg's words. */
export interface Target {
  readonly schema: Schema;
  readonly spec: PartitionSpec;
  readonly properties: Readonly<Record<string, string>>;
}

/** A file before and after foreign commits. */
export interface Touched {
  readonly before: DataFile | undefined;
  readonly after: DataFile | undefined;
}

/**
 * What foreign commits did to files, for Iceberg. Deleted rows become position deletes; `keys` are those that were
 * written. Fails where Iceberg cannot hold it.
 */
export async function converted(
  store: Store,
  folder: string,
  files: Iterable<Touched>,
  target: Target,
): Promise<{ change: IcebergDataChange; keys: readonly string[] }> {
  const added: DataFileRecord[] = [];
  const deletes: DataFileRecord[] = [];
  const removedPaths = new Set<string>();
  const keys: string[] = [];
  const location = (path: string): string => icebergLocation(store, keyIn(folder, path));
  for (const { before, after } of files) {
    if (after === undefined) {
      if (before !== undefined) removedPaths.add(before.path);
      continue;
    }
    const deletesChanged = vectorId(before?.deletionVector) !== vectorId(after.deletionVector);
    if (comesBack({ before, after })) removedPaths.add(after.path);
    if (before === undefined || comesBack({ before, after }))
      added.push(await recordOf(store, folder, location(after.path), after, target));
    if (after.deletionVector === undefined || !deletesChanged) continue;
    const written = await deletesOf(store, folder, location(after.path), after.deletionVector);
    keys.push(...written.keys);
    const partition = partitionRecord(target.spec, target.schema, after.partitionValues);
    deletes.push(positionDeleteRecord(written, location, after.path, partition));
  }
  return { change: { added, removedPaths, deletes, changesRows: true }, keys };
}

/** A vector that is gone leaves no deletes behind: the file leaves with its deletes, and comes again. */
function comesBack({ before, after }: Touched): boolean {
  return before?.deletionVector !== undefined && after !== undefined && after.deletionVector === undefined;
}

/** The files that were not in the table before. */
export function filesThatCome(files: Iterable<Touched>): DataFile[] {
  return [...files].flatMap(({ before, after }) =>
    before === undefined && after !== undefined ? [after] : [],
  );
}

async function recordOf(
  store: Store,
  folder: string,
  location: string,
  file: DataFile,
  { schema, spec, properties }: Target,
): Promise<DataFileRecord> {
  const statistics = statsFromDelta(file.stats, schema) ?? {
    rows: await countRows(store, keyIn(folder, file.path)),
    columns: new Map(),
  };
  return {
    ...dataFileRecord(location, file.sizeBytes, statistics, schema, identifyingColumns(properties)),
    partition: partitionRecord(spec, schema, file.partitionValues),
  };
}

async function deletesOf(
  store: Store,
  folder: string,
  location: string,
  vector: DeletionVector,
): Promise<WrittenDeleteFile> {
  const rows = await readDeletionVector(store, folder, vector);
  try {
    return await writePositionDeletes(store, folder, location, rows);
  } finally {
    rows.dispose();
  }
}

function vectorId(vector: DeletionVector | undefined): string {
  return vector === undefined
    ? ""
    : JSON.stringify([vector.storageType, vector.pathOrInlineDv, vector.offset]);
}
