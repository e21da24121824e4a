import { randomBytes } from "node:crypto";
import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { icebergLocation, keyIn, pathOfLocation } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import type { IcebergChange } from "./change.ts";
import { liveEntries, manifestsOf } from "./live.ts";
import {
  type DataFileRecord,
  type ManifestEntry,
  entryAdded,
  entryDeleted,
  entryExisting,
  writeManifest,
} from "./manifest.ts";
import { type ManifestFile, describeManifest, writeManifestList } from "./manifest-list.ts";
import {
  type IcebergSchema,
  type TableMetadata,
  currentSchema,
  currentSnapshot,
  renderMetadata,
} from "./metadata.ts";
import { type Totals, firstMetadata, nextMetadata, summarize } from "./next-metadata.ts";

export interface IcebergBase {
  readonly metadata: TableMetadata;
  readonly metadataKey: string;
}

export interface Prepared extends IcebergBase {
  /** What was written and is referred to by nothing until the commit. */
  readonly keys: readonly string[];
}

/** So many manifests, and they are merged into one: a manifest list is read by every scan. */
const manifestsToMerge = 100;
const entriesPerManifest = 20_000;

/** Writes version `change.version`'s manifests, manifest list and metadata into `_iceberg/`. Nothing points at them yet. */
export async function prepareIceberg(
  store: Store,
  folder: string,
  tableId: string,
  base: IcebergBase | undefined,
  change: IcebergChange,
): Promise<Prepared> {
  const keys: string[] = [];
  const put = async (name: string, body: Uint8Array | string): Promise<string> => {
    const key = keyIn(folder, `_iceberg/${name}`);
    keys.push(key);
    await putSurely(store, key, body);
    return key;
  };
  let metadata =
    base === undefined
      ? firstMetadata(icebergLocation(store, keyIn(folder, "x")).slice(0, -2), tableId, change)
      : nextMetadata(base.metadata, icebergLocation(store, base.metadataKey), change);
  if (change.data !== undefined) {
    const snapshot = {
      id: randomSnapshotId(),
      parentId: base === undefined ? undefined : currentSnapshot(base.metadata)?.["snapshot-id"],
      sequenceNumber: metadata["last-sequence-number"] + 1n,
    };
    const writer: ManifestWriter = async (entries) => {
      const body = writeManifest(currentSchema(metadata) as IcebergSchema, entries);
      const location = icebergLocation(store, await put(`${newId()}-m.avro`, body));
      return describeManifest({ location, lengthBytes: body.length }, snapshot, entries);
    };
    const { manifests, deleted } = await nextManifests(store, folder, base, change.data, snapshot, writer);
    const list = await put(`snap-${snapshot.id}-${newId()}.avro`, writeManifestList(snapshot, manifests));
    const totals: Totals = { added: change.data.added, deleted };
    metadata = summarize(metadata, change.timestampMs, snapshot, icebergLocation(store, list), totals);
  }
  const name = `${String(change.version).padStart(5, "0")}-${newId()}.metadata.json`;
  const metadataKey = await put(name, renderMetadata(metadata));
  return { metadata, metadataKey, keys };
}

type ManifestWriter = (entries: readonly ManifestEntry[]) => Promise<ManifestFile>;

async function nextManifests(
  store: Store,
  folder: string,
  base: IcebergBase | undefined,
  data: NonNullable<IcebergChange["data"]>,
  snapshot: { readonly id: bigint },
  write: ManifestWriter,
): Promise<{ manifests: ManifestFile[]; deleted: DataFileRecord[] }> {
  const listed = base === undefined ? [] : await manifestsOf(store, folder, base.metadata);
  // A manifest in which nothing lives any more belongs to the snapshot that deleted its files, and to no later one.
  const alive = listed.filter((one) => one.added_files_count + one.existing_files_count > 0);
  const merge = alive.length >= manifestsToMerge;
  const kept: ManifestFile[] = [];
  const carried: ManifestEntry[] = [];
  const gone: ManifestEntry[] = [];
  for (const manifest of data.removedPaths.size === 0 && !merge ? [] : alive) {
    const entries = await liveEntries(store, folder, manifest);
    const leaves = (entry: ManifestEntry): boolean =>
      data.removedPaths.has(pathOfLocation(store, folder, entry.data_file.file_path));
    const leaving = entries.filter(leaves);
    if (leaving.length === 0 && (!merge || entries.length >= entriesPerManifest)) kept.push(manifest);
    else {
      gone.push(...leaving.map((entry) => ({ ...entry, status: entryDeleted, snapshot_id: snapshot.id })));
      carried.push(
        ...entries.filter((entry) => !leaves(entry)).map((entry) => ({ ...entry, status: entryExisting })),
      );
    }
  }
  if (data.removedPaths.size === 0 && !merge) kept.push(...alive);
  const added = data.added.map((file): ManifestEntry => ({
    status: entryAdded,
    snapshot_id: snapshot.id,
    sequence_number: null,
    file_sequence_number: null,
    data_file: file,
  }));
  const manifests: ManifestFile[] = [];
  for (const entries of [added, [...carried, ...gone]])
    for (let i = 0; i < entries.length; i += entriesPerManifest)
      manifests.push(await write(entries.slice(i, i + entriesPerManifest)));
  return { manifests: [...manifests, ...kept], deleted: gone.map((entry) => entry.data_file) };
}

/** Positive, and below 2^53, so that readers that take JSON numbers for doubles read it right. */
function randomSnapshotId(): bigint {
  return BigInt(1 + randomBytes(6).readUIntBE(0, 6) * 16 + (randomBytes(1)[0]! & 15));
}
