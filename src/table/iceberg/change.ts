import type { Schema } from "../../schema/index.ts";
import type { DataFileRecord } from "./manifest.ts";

/** What a version changes, in Iceberg's words. */
export interface IcebergChange {
  readonly version: number;
  readonly timestampMs: number;
  readonly schema: Schema;
  readonly partitionColumns: readonly string[];
  /** The partition columns are those of before, and so Iceberg's own partitioning stays, which may be another one. */
  readonly keepsPartitions?: boolean | undefined;
  readonly properties: Readonly<Record<string, string>>;
  readonly identifying: ReadonlySet<string>;
  /** `undefined`: the version changes no data (a schema change), and makes no Iceberg snapshot. */
  readonly data: IcebergDataChange | undefined;
  /** What foreign versions did since the base, and has no Iceberg metadata of its own. */
  readonly since?: IcebergDataChange | undefined;
  /** Snapshots that the metadata no longer lists. The current one always stays. */
  readonly expired?: ReadonlySet<bigint> | undefined;
  /** The metadata keeps nothing of what was before: one snapshot, in manifests that tell of no file that left. */
  readonly forgets?: boolean | undefined;
}

export interface IcebergDataChange {
  readonly added: readonly DataFileRecord[];
  /** Paths in the table's folder of data files that leave, with what deleted rows in them. */
  readonly removedPaths: ReadonlySet<string>;
  /** Position deletes, each about one data file, in place of what was deleted in it before. */
  readonly deletes: readonly DataFileRecord[];
  /** False: other files with the same rows (snapshot operation `replace`). */
  readonly changesRows: boolean;
  /** Fields whose bounds leave the manifests of the files that stay. */
  readonly withoutBounds?: ReadonlySet<number> | undefined;
}

export const noDataChange: IcebergDataChange = {
  added: [],
  removedPaths: new Set(),
  deletes: [],
  changesRows: true,
};
