import { tagFieldIds } from "../scan/index.ts";
import type { DataFile } from "../snapshot.ts";

/** Files that become one, or a few when they are sorted together. */
export interface Bin {
  readonly files: readonly DataFile[];
  readonly sizeBytes: number;
}

/** So many rows deleted, as a share of the file's, and it is worth writing again. */
const deletedShare = 0.2;

/**
 * The files that are worth writing again: those below half the target, and those with many deleted rows. Only files of
 * one partition and with the same tags go together, in their order, up to the target. A bin is worth it with `minFiles`
 * files, or when rows of it were deleted.
 */
export function bins(files: Iterable<DataFile>, targetBytes: number, minFiles: number): Bin[] {
  const groups = new Map<string, DataFile[]>();
  for (const file of files) {
    if (file.sizeBytes >= targetBytes / 2 && !hasManyDeleted(file)) continue;
    const key = JSON.stringify([sorted(file.partitionValues), sorted(ownTags(file))]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()].flatMap((group) =>
    packed(group, targetBytes).filter(
      (bin) => bin.files.length >= minFiles || bin.files.some(hasManyDeleted),
    ),
  );
}

function hasManyDeleted({ rows, deletionVector }: DataFile): boolean {
  if (deletionVector === undefined) return false;
  return rows === undefined || deletionVector.cardinality >= rows * deletedShare;
}

/** Without those of Spark, which say when and how it wrote the file, and ours of how the file is read. */
export function ownTags({ tags }: DataFile): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).filter(([name]) => !/^[A-Z_]+$/.test(name) && name !== tagFieldIds),
  );
}

/** In the order of the files: a scan of the bins reads rows about as they were written. */
function packed(files: readonly DataFile[], targetBytes: number): Bin[] {
  const packedBins: Bin[] = [];
  let open: DataFile[] = [];
  let sizeBytes = 0;
  const close = (): void => {
    if (open.length > 0) packedBins.push({ files: open, sizeBytes });
    [open, sizeBytes] = [[], 0];
  };
  for (const file of files) {
    if (sizeBytes + file.sizeBytes > targetBytes || open.length >= mostFiles) close();
    open.push(file);
    sizeBytes += file.sizeBytes;
  }
  close();
  return packedBins;
}

/** Opened at once by one query. */
const mostFiles = 1000;

function sorted(record: Readonly<Record<string, string | null>>): [string, string | null][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
