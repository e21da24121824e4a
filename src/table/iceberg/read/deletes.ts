import type { FileEntry } from "./manifest.ts";
import type { PartitionSpec } from "./metadata.ts";
import { isUnpartitioned, partitionKey } from "./partition.ts";
import { manifestDamaged, unsupported } from "./unsupported.ts";

/* Iceberg spec, "Scan Planning": which delete files apply to which data file. */

/** What the rules look at. */
export interface Scope {
  readonly location: string;
  readonly sequenceNumber: bigint;
  readonly partitionKey: string;
}

export interface DeleteFile extends Scope {
  readonly path: string;
  readonly referencedDataFile: string | undefined;
}

export interface EqualityDeleteFile extends DeleteFile {
  /** In order, each once. */
  readonly fieldIds: readonly number[];
  /** Written without partition: it applies to data files of all partitions. */
  readonly isGlobal: boolean;
}

export interface VectorFile extends DeleteFile {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly rows: number;
}

/** What applies to one data file. */
export interface AppliedDeletes {
  readonly vector: VectorFile | undefined;
  readonly positions: readonly DeleteFile[];
  readonly equality: readonly EqualityDeleteFile[];
}

const filePathId = 2_147_483_546;

/** The delete files of a snapshot, found by what they may apply to. */
export class DeleteIndex {
  private readonly vectors = new Map<string, VectorFile[]>();
  private readonly positionsByFile = new Map<string, DeleteFile[]>();
  private readonly positionsByPartition = new Map<string, DeleteFile[]>();
  private readonly equalityByPartition = new Map<string, EqualityDeleteFile[]>();
  private readonly equalityEverywhere: EqualityDeleteFile[] = [];

  /** Nothing else deletes rows. */
  get onlyVectors(): boolean {
    return (
      this.equalityEverywhere.length === 0 &&
      [this.positionsByFile, this.positionsByPartition, this.equalityByPartition].every(
        ({ size }) => size === 0,
      )
    );
  }

  /** `where`: the manifest. Fails with `table.manifest_damaged` or `table.iceberg_feature_unsupported`. */
  add(where: string, entry: FileEntry, path: string, spec: PartitionSpec): void {
    const file: DeleteFile = {
      location: entry.location,
      path,
      sequenceNumber: entry.sequenceNumber,
      partitionKey: partitionKey(entry, spec),
      referencedDataFile: entry.referencedDataFile,
    };
    if (entry.content === "position-deletes" && entry.format === "PUFFIN") {
      const { contentOffset: offset, contentSizeBytes: lengthBytes, referencedDataFile } = entry;
      if (referencedDataFile === undefined || offset === undefined || lengthBytes === undefined)
        throw manifestDamaged(where, `the deletion vector ${entry.location} has no file, offset or size`);
      push(this.vectors, referencedDataFile, { ...file, offset, lengthBytes, rows: entry.rows });
      return;
    }
    if (entry.format !== "PARQUET")
      throw unsupported(
        where,
        `the delete file ${entry.location} in the format ${entry.format}`,
        "Have the table's owner compact the table (rewrite_data_files), or write Parquet (write.delete.format.default).",
      );
    if (entry.content === "position-deletes") {
      // Bounds that are equal name one file, as writers before `referenced_data_file` do.
      const named = entry.referencedDataFile ?? onlyFile(entry);
      if (named === undefined) push(this.positionsByPartition, file.partitionKey, file);
      else push(this.positionsByFile, named, file);
      return;
    }
    const fieldIds = [...new Set(entry.equalityIds)].sort((a, b) => a - b);
    if (fieldIds.length === 0)
      throw manifestDamaged(where, `the equality delete file ${entry.location} names no column`);
    const equality = { ...file, fieldIds, isGlobal: isUnpartitioned(spec) };
    if (equality.isGlobal) this.equalityEverywhere.push(equality);
    else push(this.equalityByPartition, file.partitionKey, equality);
  }

  /** Fails with `table.manifest_damaged` when a data file has two deletion vectors. */
  appliedTo(file: Scope): AppliedDeletes {
    const inPartition = (one: DeleteFile): boolean => one.partitionKey === file.partitionKey;
    const upTo = (one: DeleteFile): boolean => file.sequenceNumber <= one.sequenceNumber;
    const vectors = (this.vectors.get(file.location) ?? []).filter((one) => upTo(one) && inPartition(one));
    if (vectors.length > 1)
      throw manifestDamaged(vectors[1]!.location, `it is a second deletion vector of ${file.location}`);
    return {
      vector: vectors[0],
      // "There is no deletion vector that must be applied": it holds all that they say.
      positions:
        vectors.length > 0
          ? []
          : [
              ...(this.positionsByFile.get(file.location) ?? []).filter(inPartition),
              ...(this.positionsByPartition.get(file.partitionKey) ?? []),
            ].filter(upTo),
      equality: [
        ...this.equalityEverywhere,
        ...(this.equalityByPartition.get(file.partitionKey) ?? []),
      ].filter((one) => file.sequenceNumber < one.sequenceNumber),
    };
  }
}

function onlyFile(entry: FileEntry): string | undefined {
  const [lower, upper] = [entry.lowerBounds.get(filePathId), entry.upperBounds.get(filePathId)];
  if (lower === undefined || upper === undefined) return undefined;
  const text = Buffer.from(lower).toString();
  // A bound is cut at some length, and then the upper one is another text.
  return Buffer.compare(lower, upper) === 0 ? text : undefined;
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
