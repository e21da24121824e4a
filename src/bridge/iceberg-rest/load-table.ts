import { OneCopyError, parseLossless, sha256, stringifyLossless } from "../../base/index.ts";
import { type Snapshot, icebergLocation } from "../../table/index.ts";

/** What loading a table answers (REST specification, `LoadTableResult`). */
export interface LoadedTable {
  /** Changes with the metadata, and with what is said about it. */
  readonly etag: string;
  /** JSON text. */
  body(): Promise<string>;
}

/**
 * The Iceberg side of a snapshot; undefined when it has none. The pointer comes from the newest commit of the
 * Delta log, so a commit is seen here the moment that it is made.
 */
export function loadedTable(snapshot: Snapshot): LoadedTable | undefined {
  const { iceberg, store } = snapshot;
  if (iceberg === undefined) return undefined;
  const lag = snapshot.version - iceberg.version;
  const location = icebergLocation(store, iceberg.metadataKey);
  return {
    etag: `"${sha256(`${location} ${lag}`).slice(0, 32)}"`,
    body: async () => {
      const found = await store.get(iceberg.metadataKey);
      if (found.kind === "absent") {
        throw new OneCopyError(
          "bridge.metadata_missing",
          `${iceberg.metadataKey} is missing from ${store.url}.`,
        );
      }
      const stored = Buffer.from(found.body).toString("utf8");
      const metadata = lag === 0 ? stored : withLag(stored, lag);
      // No `config`: DuckDB takes any for credentials of an object store, and then asks for its region.
      return `{"metadata-location":${JSON.stringify(location)},"metadata":${metadata}}`;
    },
  };
}

/** Says in the table's properties how many commits of foreign Delta writers have no Iceberg metadata yet. */
function withLag(metadata: string, lag: number): string {
  const parsed = parseLossless(metadata) as { properties?: object };
  const properties = { ...parsed.properties, "onecopy.lag-versions": String(lag) };
  return stringifyLossless({ ...parsed, properties });
}
