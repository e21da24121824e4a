import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { keyIn, pathOfLocation } from "../path.ts";
import { openAvro } from "./avro/read.ts";
import type { DataFile } from "../snapshot.ts";
import {
  type DataFileRecord,
  type ManifestEntry,
  contentData,
  entryDeleted,
  readManifest,
} from "./manifest.ts";
import { type ManifestFile, readManifestList } from "./manifest-list.ts";
import { type TableMetadata, currentSnapshot } from "./metadata.ts";

/** The manifests of a metadata's current snapshot, as its list names them. */
export async function manifestsOf(
  store: Store,
  folder: string,
  metadata: TableMetadata,
): Promise<ManifestFile[]> {
  const snapshot = currentSnapshot(metadata);
  if (snapshot === undefined) return [];
  const { key, body } = await read(store, folder, snapshot["manifest-list"]);
  return await readManifestList(key, body);
}

/** The entries of a manifest that are still in the table. */
export async function liveEntries(
  store: Store,
  folder: string,
  manifest: ManifestFile,
): Promise<ManifestEntry[]> {
  const { key, body } = await read(store, folder, manifest.manifest_path);
  return (await readManifest(key, body, manifest)).filter(isLive);
}

/**
 * As {@link liveEntries}; `undefined` when none of the texts is in the manifest, so that none of its entries can name
 * them: finding that out takes a hundredth of what reading the entries takes.
 */
export async function liveEntriesNaming(
  store: Store,
  folder: string,
  manifest: ManifestFile,
  texts: readonly string[],
): Promise<ManifestEntry[] | undefined> {
  const { key, body } = await read(store, folder, manifest.manifest_path);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // Other writers compress.
  const isPlain = (openAvro(key, body, () => false).metadata.get("avro.codec") ?? "null") === "null";
  if (isPlain && !texts.some((text) => bytes.includes(text))) return undefined;
  return (await readManifest(key, body, manifest)).filter(isLive);
}

function isLive({ status }: ManifestEntry): boolean {
  return status !== entryDeleted;
}

async function read(store: Store, folder: string, location: string) {
  const key = keyIn(folder, pathOfLocation(store, folder, location));
  const found = await store.get(key);
  if (found.kind === "absent")
    throw new OneCopyError(
      "table.manifest_damaged",
      `${key} is missing; the table's Iceberg metadata needs it.`,
      {
        remedy: "Restore it from a backup of the lake. The Delta side of the table is not affected.",
      },
    );
  return { key, body: found.body };
}

/** The data files of a snapshot by their path, each with a deletion vector that stands for its position deletes, when it has some. */
export async function liveFiles(
  store: Store,
  folder: string,
  manifests: readonly ManifestFile[],
  outside: Elsewhere,
): Promise<Map<string, DataFile>> {
  const files = new Map<string, DataFile>();
  const deleted = new Map<string, number>();
  for (const manifest of manifests)
    for (const { data_file: file } of await liveEntries(store, folder, manifest)) {
      if (file.content === contentData) {
        const path = pathOfLocation(store, folder, file.file_path, outside);
        files.set(path, dataFile(path, file));
      } else if (file.referenced_data_file != null) {
        const path = pathOfLocation(store, folder, file.referenced_data_file, outside);
        deleted.set(path, Number(file.record_count));
      }
    }
  for (const [path, cardinality] of deleted) {
    const file = files.get(path);
    if (file !== undefined) files.set(path, { ...file, deletionVector: { ...unknownVector, cardinality } });
  }
  return files;
}

/** Like no vector that there is: Iceberg does not say which one it was. */
const unknownVector = { storageType: "i", pathOrInlineDv: "", sizeInBytes: 0 } as const;

function dataFile(path: string, record: DataFileRecord): DataFile {
  return {
    path,
    sizeBytes: Number(record.file_size_in_bytes),
    rows: Number(record.record_count),
    modifiedMs: 0,
    stats: undefined,
    partitionValues: {},
    tags: {},
    dataChange: true,
  };
}
