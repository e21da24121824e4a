import type { FileSet } from "./file-set.ts";
import type { Schema } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
import type { IcebergContents } from "./iceberg/read/contents.ts";

/** A table at one version. Plain data: reading it later gives the same rows, however the table went on. */
export interface Snapshot {
  readonly store: Store;
  /** The table's folder: a key prefix in the store without `/` at its end; `""` when the store is the table. */
  readonly folder: string;
  readonly version: number;
  /** The oldest version known to hold the same table: after it there was only maintenance, which changes no row. */
  readonly rowsVersion: number;
  readonly timestampMs: number;
  /** The Delta table id; the Iceberg table uuid of our own tables is the same. */
  readonly tableId: string;
  readonly schema: Schema;
  /** The log states the id of every field; else a foreign writer added a field, and its id here is provisional. */
  readonly hasFieldIds: boolean;
  /** Delta's own JSON text of the schema. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly files: FileSet;
  readonly properties: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  /** Delta `txn`: the last version that each application committed. */
  readonly transactions: ReadonlyMap<string, number>;
  /** What the commit of exactly this version says about its making. */
  readonly provenance: Provenance | undefined;
  /** The newest Iceberg metadata at or below this version; `version` below the snapshot's: the Iceberg side lags. */
  readonly iceberg: IcebergPointer | undefined;
  /** The zone of partition values that state none, such as "Europe/Berlin"; absent: UTC. */
  readonly writerZone?: string;
  /** Only of a foreign Iceberg table, which has no Delta log: how its files are read. */
  readonly foreignIceberg?: IcebergContents;
}

export interface DataFile {
  /** In the table's folder, not percent-encoded. */
  readonly path: string;
  /** How the log states the path, where that is not how OneCopy does: a remove has to name it letter by letter. */
  readonly statedPath?: string | undefined;
  readonly sizeBytes: number;
  /** Physical rows, whether or not some are deleted; `undefined` when the foreign writer left no statistics. */
  readonly rows: number | undefined;
  readonly modifiedMs: number;
  /** Delta's statistics: JSON text. */
  readonly stats: string | undefined;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly dataChange: boolean;
  readonly deletionVector?: DeletionVector | undefined;
}

/** Rows of a file that are not deleted; `undefined` when the foreign writer left no statistics. */
export function rowsLeft({
  rows,
  deletionVector,
}: Pick<DataFile, "rows" | "deletionVector">): number | undefined {
  return rows === undefined ? undefined : rows - (deletionVector?.cardinality ?? 0);
}

/** Which rows of a file are deleted (Delta protocol, "Deletion Vector Descriptor Schema"). */
export interface DeletionVector {
  /** `u`: a file named by a UUID; `i`: inline; `p`: a file by its absolute address. */
  readonly storageType: "u" | "i" | "p";
  readonly pathOrInlineDv: string;
  readonly offset?: number | undefined;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[];
  readonly writerFeatures?: readonly string[];
}

export interface IcebergPointer {
  /** Key of the metadata file in the store. */
  readonly metadataKey: string;
  readonly version: number;
}

/** Why a version exists: the versions of its inputs, the hash of the rule, the day it was made for. */
export interface Provenance {
  readonly inputs: Readonly<Record<string, number>>;
  readonly rule: string;
  readonly asOf?: string | undefined;
  readonly reason?: string | undefined;
}

export type CommitOutcome =
  | {
      readonly kind: "committed";
      readonly version: number;
      /** That were written. */
      readonly rows: number;
      /** Who cannot read the table any more, when the commit had to lift its protocol. */
      readonly excludes?: readonly string[];
    }
  | { readonly kind: "conflict"; readonly winner: number; readonly reason: string }
  | { readonly kind: "already"; readonly version: number };

/** A table property: JSON list of the columns whose values must not be in logs and manifests (no min/max in either format). */
export const propertyIdentifying = "onecopy.identifying-columns";

/** The identifying columns of a table's properties, in lower case. */
export function identifyingColumns(properties: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(namesIn(properties[propertyIdentifying]).map((name) => name.toLowerCase()));
}

/** The properties with more columns named as identifying. */
export function withIdentifying(
  properties: Readonly<Record<string, string>>,
  more: readonly string[],
): Readonly<Record<string, string>> {
  if (more.length === 0) return properties;
  const names = [...namesIn(properties[propertyIdentifying]), ...more];
  return { ...properties, [propertyIdentifying]: JSON.stringify(names) };
}

/** Another writer may have set it to no JSON: what looks like names counts then, since forgetting one would be worse. */
function namesIn(text = "[]"): readonly string[] {
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names)) return names.map(String);
  } catch {
    // as below
  }
  return text.split(/[\s,;[\]"'`]+/).filter((name) => name !== "");
}
