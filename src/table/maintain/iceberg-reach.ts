import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { newestPointer } from "../heal/pointer.ts";
import { replay } from "../delta/replay.ts";
import { entryDeleted, readManifest } from "../iceberg/manifest.ts";
import { type ManifestFile, readManifestList } from "../iceberg/manifest-list.ts";
import { type IcebergSnapshot, type TableMetadata, parseMetadata } from "../iceberg/metadata.ts";
import { icebergLocation, keyIn } from "../path.ts";
import type { IcebergPointer } from "../snapshot.ts";
import type { KeptVersions } from "./kept.ts";

/** The Iceberg side of the kept versions. */
export interface KeptSnapshots {
  /** The newest metadata; `undefined`: there is none. */
  readonly metadata: TableMetadata | undefined;
  /** Of every kept version, and of the newest at or below the oldest; the newest first. */
  readonly pointers: readonly IcebergPointer[];
  /** The newest first. */
  readonly snapshots: readonly IcebergSnapshot[];
  /** Locations of statistics files. */
  readonly statistics: readonly string[];
}

/**
 * The snapshots of the kept versions, and those that branches and tags hold. Metadata lists a hundred snapshots, so
 * that of some versions in between is read, too.
 */
export async function keptSnapshots(
  kept: KeptVersions,
  named: readonly IcebergPointer[],
): Promise<KeptSnapshots> {
  const { store, newest, oldest, retention } = kept;
  const pointers = await pointersOf(kept, named);
  const metadatas: TableMetadata[] = [];
  let boundary: TableMetadata | undefined;
  for (let i = 0; i < pointers.length;) {
    const { version, metadataKey } = pointers[i]!;
    const metadata = await readMetadata(store, metadataKey);
    if (metadata !== undefined) metadatas.push(metadata);
    if (version <= oldest) boundary = metadata;
    // Each version makes one snapshot at most: those of this many versions are listed here.
    const covered = metadata === undefined ? 1 : Math.max(1, ancestors(metadata).length);
    const next = pointers.findIndex((one, j) => j > i && one.version <= version - covered);
    i = next >= 0 ? next : i < pointers.length - 1 ? pointers.length - 1 : pointers.length;
  }
  const [metadata] = metadatas;
  if (metadata === undefined) return { metadata: undefined, pointers, snapshots: [], statistics: [] };
  const dropped = new Set(
    (boundary ?? { snapshots: [] }).snapshots
      .map((one) => one["snapshot-id"])
      .filter((id) => id !== boundary?.["current-snapshot-id"]),
  );
  const cutoffMs = newest.timestampMs - retention.versionsMs;
  for (const id of [...referenced(metadata, cutoffMs), metadata["current-snapshot-id"]])
    if (id != null) dropped.delete(id);
  const snapshots = new Map<bigint, IcebergSnapshot>();
  for (const one of metadatas.flatMap((each) => each.snapshots))
    if (!dropped.has(one["snapshot-id"])) snapshots.set(one["snapshot-id"], one);
  return {
    metadata,
    pointers,
    snapshots: [...snapshots.values()].sort((a, b) => b["timestamp-ms"] - a["timestamp-ms"]),
    statistics: metadatas.flatMap((one) => statisticsFiles(one, (id) => snapshots.has(id))),
  };
}

async function pointersOf(
  { store, folder, newest, oldest }: KeptVersions,
  named: readonly IcebergPointer[],
): Promise<IcebergPointer[]> {
  const byVersion = new Map(named.map((pointer) => [pointer.version, pointer]));
  const prefix = keyIn(folder, "_iceberg/pointer/");
  for await (const { key } of store.list(prefix)) {
    const version = Number(/^(\d{20})\.json$/.exec(key.slice(prefix.length))?.[1] ?? -1);
    if (version < oldest || version > newest.version || byVersion.has(version)) continue;
    const pointer = await newestPointer(store, folder, { version, iceberg: undefined });
    if (pointer?.version === version) byVersion.set(version, pointer);
  }
  const below = await atOrBelow(store, folder, oldest);
  if (below !== undefined) byVersion.set(below.version, below);
  return [...byVersion.values()].sort((a, b) => b.version - a.version);
}

/** What an Iceberg reader gets for a version that has no metadata of its own. */
async function atOrBelow(store: Store, folder: string, version: number): Promise<IcebergPointer | undefined> {
  try {
    const state = await replay(store, folder, version);
    return state && (await newestPointer(store, folder, state));
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found") return undefined;
    throw error;
  }
}

async function readMetadata(store: Store, key: string): Promise<TableMetadata | undefined> {
  const found = await store.get(key);
  return found.kind === "absent" ? undefined : parseMetadata(key, found.body);
}

/** The current snapshot and those before it, as far as they are listed. */
function ancestors(metadata: TableMetadata, from = metadata["current-snapshot-id"]): IcebergSnapshot[] {
  const byId = new Map(metadata.snapshots.map((one) => [one["snapshot-id"], one]));
  const chain: IcebergSnapshot[] = [];
  for (let id = from; id != null && chain.length <= byId.size;) {
    const one = byId.get(id);
    if (one === undefined) break;
    chain.push(one);
    id = one["parent-snapshot-id"];
  }
  return chain;
}

/** Ids that branches and tags hold: a tag its own snapshot, a branch also what was on it since `cutoffMs`. */
export function referenced(metadata: TableMetadata, cutoffMs: number): Set<bigint> {
  const ids = new Set<bigint>();
  for (const [name, ref] of Object.entries(metadata.refs ?? {})) {
    if (name === "main") continue;
    const id = ref["snapshot-id"];
    ids.add(id);
    if (ref.type !== "branch") continue;
    for (const one of ancestors(metadata, id)) {
      if (one["timestamp-ms"] <= cutoffMs) break;
      ids.add(one["snapshot-id"]);
    }
  }
  return ids;
}

function statisticsFiles(metadata: TableMetadata, isKept: (id: bigint) => boolean): string[] {
  return ["statistics", "partition-statistics"].flatMap((name) => {
    const files = metadata[name];
    if (!Array.isArray(files)) return [];
    return (files as Readonly<Record<string, unknown>>[]).flatMap((file) => {
      const path = file["statistics-path"];
      return typeof path === "string" && isKept(BigInt(String(file["snapshot-id"]))) ? [path] : [];
    });
  });
}

/** What one snapshot needs: `false` when something of it is gone. */
export type SnapshotWalk = (snapshot: IcebergSnapshot) => Promise<boolean>;

/**
 * Walks snapshots one after the other; each manifest is read once. `exists`: whether a key is in the store. `found` gets
 * every key of a snapshot that is whole.
 */
export function snapshotWalk(
  store: Store,
  exists: (key: string) => boolean,
  found: (key: string) => void,
): SnapshotWalk {
  const whole = new Map<string, boolean>();
  const manifest = async (file: ManifestFile): Promise<boolean> => {
    const known = whole.get(file.manifest_path);
    if (known !== undefined) return known;
    const key = keyOfLocation(store, file.manifest_path);
    const body = key === undefined ? undefined : await store.get(key);
    let complete = body?.kind === "found";
    if (key !== undefined && body?.kind === "found") {
      found(key);
      for (const { status, data_file } of await readManifest(key, body.body, file)) {
        if (status === entryDeleted) continue;
        const path = keyOfLocation(store, data_file.file_path);
        if (path === undefined) continue;
        if (exists(path)) found(path);
        else complete = false;
      }
    }
    whole.set(file.manifest_path, complete);
    return complete;
  };
  return async (snapshot) => {
    const key = keyOfLocation(store, snapshot["manifest-list"]);
    const list = key === undefined ? undefined : await store.get(key);
    if (key === undefined || list?.kind !== "found") return false;
    found(key);
    let complete = true;
    for (const file of await readManifestList(key, list.body)) if (!(await manifest(file))) complete = false;
    return complete;
  };
}

/** The key of an absolute location; `undefined`: it is not in this store. */
export function keyOfLocation(store: Store, location: string): string | undefined {
  const root = icebergLocation(store, "x").slice(0, -1);
  return location.startsWith(root) ? location.slice(root.length) : undefined;
}
