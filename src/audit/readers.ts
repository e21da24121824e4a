import type { Shares } from "../access/index.ts";
import type { TableObjects } from "./inventory.ts";

/** How one way of reading gets at a table, and whether what it sees is the newest commit. */
export interface TableReader {
  /** The table's folder as Delta, the Bridge's Iceberg catalog, an Iceberg metadata file, a share of the Bridge. */
  readonly kind: "delta" | "catalog" | "file" | "share";
  readonly way: string;
  /** Tools that were run against tables of this form; others speak the protocol but were not run. */
  readonly tried: readonly string[];
  readonly exactness: "exact" | "lags" | "snapshot";
  readonly note: string;
}

export interface TableReaders {
  readonly table: string;
  readonly version: number;
  readonly deltaProtocol: string;
  readonly icebergVersion: number | undefined;
  readonly readers: readonly TableReader[];
}

const DELTA_TOOLS = ["DuckDB", "delta-rs", "pandas", "Polars", "Spark", "Trino"];
const ICEBERG_TOOLS = ["PyIceberg", "DuckDB", "Polars", "Spark", "Trino"];

/** The ways to read a table, from its protocol and its Iceberg pointer as they are now. */
export function readersOf({ name, snapshot }: TableObjects, shares: Shares): TableReaders {
  const sharedIn = Object.entries(shares).filter(([, share]) => share.tables.includes(name));
  const { minReaderVersion, minWriterVersion } = snapshot.protocol;
  const pointer = snapshot.iceberg;
  const lag = pointer === undefined ? undefined : snapshot.version - pointer.version;
  const delta: TableReader = {
    kind: "delta",
    way: "Delta Lake, from the table's folder",
    tried: DELTA_TOOLS,
    exactness: "exact",
    note: `${snapshot.store.locate(snapshot.folder)}`,
  };
  const iceberg: TableReader[] =
    pointer === undefined
      ? []
      : [
          {
            kind: "catalog",
            way: "Iceberg REST catalog, through the Bridge",
            tried: ["PyIceberg"],
            exactness: lag === 0 ? "exact" : "lags",
            note:
              lag === 0
                ? "follows every commit"
                : `${lag} commits behind: another Delta writer wrote version ${snapshot.version}`,
          },
          {
            kind: "file",
            way: "Iceberg, by metadata file",
            tried: ICEBERG_TOOLS,
            exactness: "snapshot",
            note: snapshot.store.locate(pointer.metadataKey),
          },
        ];
  const sharing: TableReader[] = sharedIn.map(([share, { recipients }]) => ({
    kind: "share",
    way: `Delta Sharing, share ${share}`,
    tried: ["delta-sharing for Python"],
    exactness: "exact",
    note: `recipients: ${recipients.join(", ")}`,
  }));
  return {
    table: name,
    version: snapshot.version,
    deltaProtocol: `reader ${minReaderVersion}, writer ${minWriterVersion}`,
    icebergVersion: pointer?.version,
    readers: [delta, ...iceberg, ...sharing],
  };
}
