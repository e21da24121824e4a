import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { checkReadable } from "./delta/feature.ts";
import { type LogState, replay } from "./delta/replay.ts";
import { schemaFromDelta } from "./delta/schema.ts";
import { statsFromDelta } from "./delta/stats.ts";
import { dataFileRecord } from "./iceberg/data-file.ts";
import { liveEntries, manifestsOf } from "./iceberg/live.ts";
import type { DataFileRecord } from "./iceberg/manifest.ts";
import { parseMetadata, withIcebergIds } from "./iceberg/metadata.ts";
import { type IcebergBase, prepareIceberg } from "./iceberg/prepare.ts";
import { countRows } from "./parquet/footer.ts";
import { icebergLocation, keyIn, pathOfLocation } from "./path.ts";
import { newestPointer, pointerKey, readPointer } from "./pointer.ts";
import { type IcebergPointer, identifyingColumns } from "./snapshot.ts";

/**
 * Brings the Iceberg side up to `state`, version by version: each foreign Delta version gets Iceberg metadata and
 * a pointer to it, unless another healer was first: then that one's is taken. No Delta version is made.
 */
export async function heal(
  store: Store,
  folder: string,
  state: LogState,
): Promise<IcebergBase & IcebergPointer> {
  const newest = await newestPointer(store, folder, state);
  let base = newest === undefined ? undefined : { ...newest, ...(await loadBase(store, newest)) };
  if (base?.version === state.version) return base;
  let earlier: LogState | undefined;
  for (let version = (base?.version ?? state.version - 1) + 1; version <= state.version; version++) {
    const at = version === state.version ? state : await stateAt(store, folder, version, earlier);
    if (at === undefined) continue;
    earlier = at;
    const pointer = await healVersion(store, folder, at, base);
    base = { ...pointer, ...(await loadBase(store, pointer)) };
  }
  if (base === undefined) throw new Error(`${folder}: nothing to heal at version ${state.version}`);
  return base;
}

async function loadBase(store: Store, { metadataKey }: IcebergPointer): Promise<IcebergBase> {
  const found = await store.get(metadataKey);
  if (found.kind === "absent")
    throw new OneCopyError(
      "table.metadata_damaged",
      `${metadataKey} is missing; the table's log points to it.`,
      {
        remedy: "Restore it from a backup of the lake. The Delta side of the table is not affected.",
      },
    );
  return { metadata: parseMetadata(metadataKey, found.body), metadataKey };
}

/** A version between two that cannot be known any more (its commit was cleaned up) is left out. */
async function stateAt(
  store: Store,
  folder: string,
  version: number,
  earlier: LogState | undefined,
): Promise<LogState | undefined> {
  try {
    return await replay(store, folder, version, earlier);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found") return undefined;
    throw error;
  }
}

async function healVersion(
  store: Store,
  folder: string,
  state: LogState,
  base: IcebergBase | undefined,
): Promise<IcebergPointer> {
  const { version, metaData } = state;
  const files = await state.files();
  checkReadable(folder, state.protocol, metaData, files);
  if (metaData.partitionColumns.length > 0)
    throw new OneCopyError(
      "table.heal_unsupported",
      `${folder} was partitioned by a foreign writer in version ${version}; its Iceberg side cannot follow.`,
      { remedy: "Write the table without partitions, or mount it." },
    );
  const { idsAreWritten: _, ...deltaSchema } = schemaFromDelta(
    folder,
    metaData.schemaString,
    metaData.configuration,
  );
  const schema = base === undefined ? deltaSchema : withIcebergIds(deltaSchema, base.metadata);
  const identifying = identifyingColumns(metaData.configuration);
  const known = await knownFiles(store, folder, base);
  const added: DataFileRecord[] = [];
  for (const { path, stats, sizeBytes } of files) {
    if (known.has(path)) continue;
    const location = icebergLocation(store, keyIn(folder, path));
    const statistics = statsFromDelta(stats, schema) ?? {
      rows: await countRows(store, keyIn(folder, path)),
      columns: new Map(),
    };
    added.push(dataFileRecord(location, sizeBytes, statistics, schema, identifying));
  }
  const removedPaths = new Set([...known].filter((path) => files.get(path) === undefined));
  const change = {
    version,
    timestampMs: state.timestampMs,
    schema,
    properties: metaData.configuration,
    identifying,
    data: { added, removedPaths },
  };
  const prepared = await prepareIceberg(store, folder, metaData.id, base, change);
  const path = prepared.metadataKey.slice(keyIn(folder, "x").length - 1);
  const put = await store.put(pointerKey(folder, version), `${JSON.stringify({ iceberg: path })}\n`, {
    ifAbsent: true,
  });
  // Lost, or not known: whatever stands there now counts, for everybody.
  const pointer = await readPointer(store, folder, version);
  if (pointer === undefined)
    throw new OneCopyError(
      "table.heal_failed",
      `The pointer of version ${version} of ${folder} could not be written (${put.kind}).`,
      {
        remedy: "Try again; nothing was changed.",
      },
    );
  if (pointer.metadataKey !== prepared.metadataKey)
    for (const key of prepared.keys) await store.delete(key).catch(() => undefined);
  return pointer;
}

async function knownFiles(store: Store, folder: string, base: IcebergBase | undefined): Promise<Set<string>> {
  if (base === undefined) return new Set();
  const known = new Set<string>();
  for (const manifest of await manifestsOf(store, folder, base.metadata))
    for (const { data_file } of await liveEntries(store, folder, manifest))
      known.add(pathOfLocation(store, folder, data_file.file_path));
  return known;
}
