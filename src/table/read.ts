import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { checkReadable } from "./delta/feature.ts";
import { type LogState, replay } from "./delta/replay.ts";
import { schemaFromDelta } from "./delta/schema.ts";
import { newestPointer } from "./heal/pointer.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * A Delta table at a version (default: the newest), whoever wrote it. `writerZone`: the time zone of the system that
 * wrote it, in which are the partition values that state none; default: UTC. Fails with `table.not_found`,
 * `table.version_not_found`, `table.log_damaged`, `table.path_outside`, and for what would be misread with
 * `table.delta_feature_unsupported` or `schema.type_unsupported`.
 */
export async function readDeltaSnapshot(
  store: Store,
  folder: string,
  version?: number,
  { writerZone }: { readonly writerZone?: string | undefined } = {},
): Promise<Snapshot> {
  const state = await replay(store, folder, version, undefined, { filesToo: true });
  if (state === undefined) throw notFound(store, folder);
  const snapshot = await snapshotOf(store, folder, state);
  return writerZone === undefined ? snapshot : { ...snapshot, writerZone };
}

export async function snapshotOf(store: Store, folder: string, state: LogState): Promise<Snapshot> {
  const { metaData, protocol } = state;
  const name = folder === "" ? store.url : folder;
  const files = await state.files();
  return {
    ...describedBy(name, protocol, metaData),
    store,
    folder,
    version: state.version,
    rowsVersion: rowsVersion(state),
    timestampMs: state.timestampMs,
    files,
    transactions: state.transactions,
    provenance: state.commitInfo?.onecopy?.provenance,
    iceberg: await newestPointer(store, folder, state),
  };
}

/** Where the Iceberg side is, of a table that a snapshot could be made of. */
export async function icebergSideOf(
  store: Store,
  folder: string,
  state: LogState,
): Promise<Pick<Snapshot, "version" | "iceberg">> {
  describedBy(folder, state.protocol, state.metaData);
  return { version: state.version, iceberg: await newestPointer(store, folder, state) };
}

/** What a snapshot has of a table's protocol and metadata. Fails as {@link readDeltaSnapshot} does for what would be misread. */
export function describedBy(
  name: string,
  protocol: LogState["protocol"],
  metaData: LogState["metaData"],
): Pick<
  Snapshot,
  "tableId" | "schema" | "hasFieldIds" | "schemaString" | "partitionColumns" | "properties" | "protocol"
> {
  checkReadable(name, protocol, metaData);
  const { idsAreWritten, ...schema } = schemaOf(name, metaData);
  return {
    tableId: metaData.id,
    schema,
    hasFieldIds: idsAreWritten,
    schemaString: metaData.schemaString,
    partitionColumns: metaData.partitionColumns,
    properties: metaData.configuration,
    protocol,
  };
}

/** Of metadata that states share, since no commit in between changed it. */
const schemas = new WeakMap<LogState["metaData"], ReturnType<typeof schemaFromDelta>>();

function schemaOf(name: string, metaData: LogState["metaData"]): ReturnType<typeof schemaFromDelta> {
  const known = schemas.get(metaData) ?? schemaFromDelta(name, metaData.schemaString, metaData.configuration);
  schemas.set(metaData, known);
  return known;
}

/** The version since which only maintenance was committed. */
export function rowsVersion({ version, commitInfo }: Pick<LogState, "version" | "commitInfo">): number {
  const same = commitInfo?.onecopy?.rowsOf;
  return same !== undefined && same < version ? same : version;
}

export function notFound(store: Store, folder: string): OneCopyError {
  return new OneCopyError("table.not_found", `There is no Delta table at ${store.url}${folder}.`, {
    remedy: "Check the address: it is the folder that holds _delta_log/.",
  });
}
