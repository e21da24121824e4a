import { parseLossless, sha256, stringifyLossless } from "../../base/index.ts";
import { type Snapshot, icebergLocation } from "../../table/index.ts";
import { CatalogRefusal } from "./error.ts";
import type { Answer, KeptAnswers } from "./kept-answers.ts";
import type { VendedKeys } from "./vended-keys.ts";

/** Which snapshots are told of: all, those alone that branches and tags name, or the table as it is and nothing of what it was. */
export type SnapshotMode = "all" | "refs" | "current";

/**
 * What loading a table answers (REST specification, `LoadTableResult`); undefined when it has no Iceberg side. The pointer comes
 * from the newest commit of the Delta log, so a commit is seen here the moment that it is made. The ETag changes with the
 * metadata, and with what is said about it. Fails with a refusal when the metadata file is not where the commit says.
 */
export async function loadedTable(
  { iceberg, store, version }: Pick<Snapshot, "iceberg" | "store" | "version">,
  kept: KeptAnswers,
  mode: SnapshotMode = "all",
): Promise<Answer | undefined> {
  if (iceberg === undefined) return undefined;
  const { metadataKey } = iceberg;
  const lag = version - iceberg.version;
  const name = `${metadataKey} ${lag} ${mode}`;
  const known = kept.get(name);
  if (known !== undefined && (await store.head(metadataKey)).kind === "found") return known;
  const found = await store.get(metadataKey);
  const location = icebergLocation(store, metadataKey);
  if (found.kind === "absent")
    throw new CatalogRefusal(404, "NotFoundException", `Failed to open input stream for file: ${location}`);
  const stored = Buffer.from(found.body).toString("utf8");
  const metadata = lag === 0 && mode === "all" ? stored : changed(stored, lag, mode);
  const answer = {
    etag: `"${sha256(`${location} ${lag} ${mode}`).slice(0, 32)}"`,
    body: Buffer.from(loadTableResult(metadata, { location })),
  };
  kept.keep(name, answer);
  return answer;
}

/** `metadata`: JSON text. `location`: of its file; a table that is staged has none. */
export function loadTableResult(
  metadata: string,
  { location, keys }: { readonly location?: string; readonly keys?: VendedKeys | undefined },
): string {
  const from = location === undefined ? "" : `"metadata-location":${JSON.stringify(location)},`;
  return `{${from}"metadata":${metadata}${keys === undefined ? "" : members(keys)}}`;
}

/** An answer to somebody who gets keys with it, by which it reaches the table's files. */
export function withKeys(body: Uint8Array, keys: VendedKeys): Uint8Array<ArrayBuffer> {
  return Buffer.concat([body.subarray(0, -1), Buffer.from(`${members(keys)}}`)]);
}

/** Without keys no `config`: DuckDB takes any for credentials of an object store, and then asks for its region. */
function members(keys: VendedKeys): string {
  return `,"config":${JSON.stringify(keys.config)},"storage-credentials":${JSON.stringify([keys])}`;
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
