import { parseLossless, sha256, stringifyLossless } from "../../base/index.ts";
import { type IcebergPointer, type Snapshot, icebergLocation } from "../../table/index.ts";
import { CatalogRefusal } from "./error.ts";
import type { VendedKeys } from "./vended-keys.ts";

/** What loading a table answers (REST specification, `LoadTableResult`). */
export interface LoadedTable {
  /** Changes with the metadata, and with what is said about it. */
  readonly etag: string;
  /** The metadata file is where the newest commit says; fails with a refusal when it is not. */
  check(): Promise<void>;
  /** JSON text. `keys`: by which the client reaches the table's files. */
  body(keys?: VendedKeys): Promise<string>;
}

/** Which snapshots are told of: all, those alone that branches and tags name, or the table as it is and nothing of what it was. */
export type SnapshotMode = "all" | "refs" | "current";

/**
 * The Iceberg side of a table; undefined when it has none. The pointer comes from the newest commit of the
 * Delta log, so a commit is seen here the moment that it is made.
 */
export function loadedTable(
  { iceberg, store, version }: Pick<Snapshot, "iceberg" | "store" | "version">,
  mode: SnapshotMode = "all",
): LoadedTable | undefined {
  if (iceberg === undefined) return undefined;
  const lag = version - iceberg.version;
  const location = icebergLocation(store, iceberg.metadataKey);
  const lost = (): CatalogRefusal =>
    new CatalogRefusal(404, "NotFoundException", `Failed to open input stream for file: ${location}`);
  return {
    etag: `"${sha256(`${location} ${lag} ${mode}`).slice(0, 32)}"`,
    check: async () => {
      if ((await store.head(iceberg.metadataKey)).kind === "absent") throw lost();
    },
    body: async (keys) => {
      const found = await store.get(iceberg.metadataKey);
      if (found.kind === "absent") throw lost();
      const stored = Buffer.from(found.body).toString("utf8");
      const metadata = lag === 0 && mode === "all" ? stored : changed(stored, lag, mode);
      return loadTableResult(metadata, { location, keys });
    },
  };
}

/** `metadata`: JSON text. `location`: of its file; a table that is staged has none. */
export function loadTableResult(
  metadata: string,
  { location, keys }: { readonly location?: string; readonly keys: VendedKeys | undefined },
): string {
  const from = location === undefined ? "" : `"metadata-location":${JSON.stringify(location)},`;
  // Without keys no `config`: DuckDB takes any for credentials of an object store, and then asks for its region.
  const vended =
    keys === undefined
      ? ""
      : `,"config":${JSON.stringify(keys.config)},"storage-credentials":${JSON.stringify([keys])}`;
  return `{${from}"metadata":${metadata}${vended}}`;
}

/** The table's answer right after a commit of ours, whose metadata is what the commit wrote. */
export async function committedBody(store: Snapshot["store"], iceberg: IcebergPointer): Promise<string> {
  return await loadedTable({ iceberg, store, version: iceberg.version })!.body();
}

/** The table's properties say how many commits of foreign Delta writers have no Iceberg metadata yet. */
function changed(text: string, lag: number, mode: SnapshotMode): string {
  const metadata = parseLossless(text) as Metadata;
  const properties =
    lag === 0 ? metadata.properties : { ...metadata.properties, "onecopy.lag-versions": String(lag) };
  const told = { ...metadata, properties };
  if (mode === "current") return stringifyLossless(withoutHistory(told));
  const named = new Set(Object.values(metadata.refs ?? {}).map(idOf));
  const snapshots =
    mode === "all" ? metadata.snapshots : metadata.snapshots?.filter((one) => named.has(idOf(one)));
  return stringifyLossless({ ...told, snapshots });
}

/** Of a share that gives the newest version alone: its snapshot and schema, no others, and no log of them. */
function withoutHistory(metadata: Metadata): Metadata {
  const current = String(metadata["current-snapshot-id"]);
  const isCurrent = (one: Named): boolean => idOf(one) === current;
  const snapshots = metadata.snapshots?.filter(isCurrent);
  const schemaIds = [metadata["current-schema-id"], ...(snapshots ?? []).map((one) => one["schema-id"])];
  const kept = new Set(schemaIds.map(String));
  return {
    ...metadata,
    snapshots,
    refs: Object.fromEntries(Object.entries(metadata.refs ?? {}).filter(([name]) => name === "main")),
    schemas: metadata.schemas?.filter((schema) => kept.has(String(schema["schema-id"]))),
    statistics: metadata.statistics?.filter(isCurrent),
    "partition-statistics": metadata["partition-statistics"]?.filter(isCurrent),
    "snapshot-log": [],
    "metadata-log": [],
  };
}

interface Metadata {
  readonly properties?: object | undefined;
  readonly refs?: Readonly<Record<string, Named>>;
  readonly snapshots?: readonly (Named & { readonly "schema-id"?: unknown })[] | undefined;
  readonly schemas?: readonly { readonly "schema-id": unknown }[] | undefined;
  readonly statistics?: readonly Named[] | undefined;
  readonly "partition-statistics"?: readonly Named[] | undefined;
  readonly "current-snapshot-id"?: unknown;
  readonly "current-schema-id"?: unknown;
  readonly "snapshot-log"?: readonly unknown[];
  readonly "metadata-log"?: readonly unknown[];
}

interface Named {
  readonly "snapshot-id": unknown;
}

function idOf(one: Named): string {
  return String(one["snapshot-id"]);
}
