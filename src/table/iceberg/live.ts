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
  const list = keyIn(folder, pathOfLocation(store, folder, snapshot["manifest-list"]));
  return await readManifestList(list, await read(store, list));
}

/** A manifest as it was read. */
export interface ManifestBody {
  readonly manifest: ManifestFile;
  readonly key: string;
  readonly body: Uint8Array;
}

const readsAtOnce = 16;
const bytesAtOnce = 8 * 2 ** 20;

/** Manifests in order, some of them read at a time: on an object store each is a round trip. */
export async function* manifestBodies(
  store: Store,
  folder: string,
  manifests: readonly ManifestFile[],
): AsyncGenerator<ManifestBody> {
  for (let from = 0; from < manifests.length;) {
    let to = from;
    for (let bytes = 0; to < manifests.length && to - from < readsAtOnce && bytes < bytesAtOnce; to++)
      bytes += Number(manifests[to]!.manifest_length);
    const batch = manifests.slice(from, to).map(async (manifest): Promise<ManifestBody> => {
      const key = keyIn(folder, pathOfLocation(store, folder, manifest.manifest_path));
      return { manifest, key, body: await remembered(store, key) };
    });
    yield* await Promise.all(batch);
    from = to;
  }
}

const rememberedBytes = 16 * 2 ** 20;
const memories = new WeakMap<Store, { readonly bodies: Map<string, Uint8Array>; bytes: number }>();

/** A manifest never changes, and who changes rows needs the same ones after every lost race, and for the next change. */
async function remembered(store: Store, key: string): Promise<Uint8Array> {
  const memory = memories.get(store) ?? { bodies: new Map<string, Uint8Array>(), bytes: 0 };
  memories.set(store, memory);
  const body = memory.bodies.get(key) ?? (await read(store, key));
  // What was used last is the last to go.
  if (!memory.bodies.delete(key)) memory.bytes += body.length;
  memory.bodies.set(key, body);
  for (const [oldest, { length }] of memory.bodies) {
    if (memory.bytes <= rememberedBytes) break;
    memory.bodies.delete(oldest);
    memory.bytes -= length;
  }
  return body;
}

/** The entries of a manifest that are still in the table. */
export async function liveEntries({ manifest, key, body }: ManifestBody): Promise<ManifestEntry[]> {
  return (await readManifest(key, body, manifest)).filter(isLive);
}

/**
 * Whether one of the texts may be in a manifest, so that one of its entries may name it: finding that out takes a
 * hundredth of what reading the entries takes.
 */
export function mayName({ key, body }: ManifestBody, texts: readonly string[]): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // Other writers compress.
  const isPlain = (openAvro(key, body, () => false).metadata.get("avro.codec") ?? "null") === "null";
  return !isPlain || texts.some((text) => bytes.includes(text));
}

function isLive({ status }: ManifestEntry): boolean {
  return status !== entryDeleted;
}

async function read(store: Store, key: string): Promise<Uint8Array> {
  const found = await store.get(key);
  if (found.kind === "absent") throw icebergLost(key);
  return found.body;
}

/** Somebody deleted a file of the Iceberg side. */
export function icebergLost(key: string): OneCopyError {
  return new OneCopyError(
    "table.iceberg_lost",
    `${key} is missing; the Iceberg side of the table needs it.`,
    {
      remedy:
        "The Delta side is not affected. Maintain the table (`onecopy run`): that writes the Iceberg side anew from the Delta log.",
    },
  );
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
  for await (const manifest of manifestBodies(store, folder, manifests))
    for (const { data_file: file } of await liveEntries(manifest)) {
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
