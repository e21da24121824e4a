/** What a warehouse has to know of this installation to read the tables of one share. */
export interface Installation {
  /** The project's name, as an SQL identifier: small letters, digits and `_`. */
  readonly name: string;
  /** The name that the catalog is to have in Trino. */
  readonly trinoName: string;
  /** Where others reach `onecopy serve`, without a slash at the end. */
  readonly address: URL;
  readonly share: string;
  /** To whom the token is issued. */
  readonly recipient: string;
  readonly lake: LakePlace;
  /** Whether OneCopy lends keys to the folders of the lake's tables (`Lending.keysTo`). */
  readonly lends: boolean;
  readonly tables: readonly ConnectedTable[];
}

/** Where the lake is; `prefix` is "" or ends with a slash. */
export type LakePlace =
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string }
  | { readonly kind: "azure"; readonly account: string; readonly container: string; readonly prefix: string }
  | { readonly kind: "gcs"; readonly bucket: string; readonly prefix: string }
  | { readonly kind: "file"; readonly path: string };

export interface ConnectedTable {
  readonly namespace: string;
  readonly name: string;
  /** In the lake, without slashes at its ends. */
  readonly folder: string;
  /** Address of the newest Iceberg metadata file; undefined: there is none. */
  readonly metadataLocation: string | undefined;
  /** Beyond what every Delta reader knows: deletionVectors, columnMapping, … */
  readonly readerFeatures: readonly string[];
  readonly version: number;
  readonly rows: number;
  readonly columns: readonly ConnectedColumn[];
}

/** What is true of a column at the table's version, for the check on the other side. */
export interface ConnectedColumn {
  readonly name: string;
  /** As the logical schema calls it; `nested` for structs, lists and maps. */
  readonly type: string;
  /** Rows in which it is not null; undefined: not counted. */
  readonly filled: number | undefined;
  /** Of whole numbers that identify nobody: its digits. */
  readonly sum: string | undefined;
}

export function addressOf(lake: LakePlace, folder: string): string {
  switch (lake.kind) {
    case "s3":
      return `s3://${lake.bucket}/${lake.prefix}${folder}`;
    case "azure":
      return `abfss://${lake.container}@${lake.account}.dfs.core.windows.net/${lake.prefix}${folder}`;
    case "gcs":
      return `gs://${lake.bucket}/${lake.prefix}${folder}`;
    case "file":
      return `${lake.path}${folder}`;
  }
}
