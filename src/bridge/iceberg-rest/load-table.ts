import { OneCopyError, sha256 } from "../../base/index.ts";
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
  const location = JSON.stringify(icebergLocation(store, iceberg.metadataKey));
  const config = JSON.stringify({
    "onecopy.version": String(iceberg.version),
    // Commits of foreign Delta writers that have no Iceberg metadata yet.
    ...(lag === 0 ? {} : { "onecopy.lag-versions": String(lag) }),
  });
  return {
    etag: `"${sha256(`${location} ${config}`).slice(0, 32)}"`,
    body: async () => {
      const found = await store.get(iceberg.metadataKey);
      if (found.kind === "absent") {
        throw new OneCopyError(
          "bridge.metadata_missing",
          `${iceberg.metadataKey} is missing from ${store.url}.`,
        );
      }
      // Handed on as it is: reading it here would round its 64-bit snapshot ids.
      const metadata = Buffer.from(found.body).toString("utf8");
      return `{"metadata-location":${location},"metadata":${metadata},"config":${config}}`;
    },
  };
}
