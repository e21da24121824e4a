import type { Store } from "../../storage/index.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { pathOfLocation } from "../path.ts";
import type { IcebergDataChange } from "./change.ts";
import { liveEntries, manifestBodies, mayName } from "./live.ts";
import {
  type DataFileRecord,
  type ManifestEntry,
  contentData,
  contentDeletes,
  entryAdded,
  entryDeleted,
  entryExisting,
} from "./manifest.ts";
import type { ManifestFile } from "./manifest-list.ts";

/** Writes one manifest of a spec and content, and says how the list describes it. */
export type ManifestWriter = (
  specId: number,
  content: number,
  entries: readonly ManifestEntry[],
) => Promise<ManifestFile>;

export interface NextManifests {
  readonly manifests: readonly ManifestFile[];
  /** Data files and delete files that left. */
  readonly deleted: readonly DataFileRecord[];
}

/** So many manifests of one kind, and the small ones are merged: a manifest list is read by every scan. */
const manifestsToMerge = 100;
const entriesPerManifest = 20_000;
/** To look for more texts than this takes longer than to read the entries. */
const mostTexts = 64;

export interface NextManifestsOptions {
  readonly snapshotId: bigint;
  readonly write: ManifestWriter;
  readonly outside: Elsewhere;
  readonly currentSpecId: number;
  /** Nothing is said of what was deleted. */
  readonly forgets: boolean;
  /** Whether small ones are merged when there are many; who is short of time leaves it to the next snapshot. */
  readonly merges: boolean;
}

/** The manifests of the next snapshot: what was added, what had to be written again, and the others as they are. */
export async function nextManifests(
  store: Store,
  folder: string,
  base: readonly ManifestFile[],
  data: IcebergDataChange,
  added: readonly ManifestFile[],
  { snapshotId, write, outside, currentSpecId, forgets, merges }: NextManifestsOptions,
): Promise<NextManifests> {
  // A manifest in which nothing lives any more belongs to the snapshot that deleted its files, and to no later one.
  const alive = base.filter((one) => one.added_files_count + one.existing_files_count > 0);
  const leaves = leaving(store, folder, data, outside);
  const mayLose = (one: ManifestFile): boolean => forgets || leaves.mayBeIn(one);
  const kept = alive.filter((one) => !mayLose(one));
  const deleted: DataFileRecord[] = [];
  for await (const read of manifestBodies(store, folder, alive.filter(mayLose))) {
    const { manifest } = read;
    if (!forgets && leaves.texts !== undefined && !mayName(read, leaves.texts)) {
      kept.push(manifest);
      continue;
    }
    const entries = await liveEntries(read);
    const gone = entries.filter(leaves.entry);
    const stripped = entries.filter((entry) => !leaves.entry(entry)).map(withoutBounds(data.withoutBounds));
    if (!forgets && gone.length === 0 && stripped.every(({ isSame }) => isSame)) {
      kept.push(manifest);
      continue;
    }
    deleted.push(...gone.map((entry) => entry.data_file));
    // All files of another partitioning leave: DuckDB crashes on a list with manifests of two specs, so what would
    // tell no more than which files are gone is left out.
    if (gone.length === entries.length && (forgets || manifest.partition_spec_id !== currentSpecId)) continue;
    kept.push(
      await write(manifest.partition_spec_id, manifest.content, [
        ...stripped.map(({ entry }) => ({ ...entry, status: entryExisting })),
        ...(forgets ? [] : gone).map((entry) => ({
          ...entry,
          status: entryDeleted,
          snapshot_id: snapshotId,
        })),
      ]),
    );
  }
  const rest = merges ? await merged(store, folder, kept, snapshotId, write) : kept;
  return { manifests: [...added, ...rest], deleted };
}

/** The manifests of files that come in: apart from the others, so that a lost race writes them once. */
export async function addedManifests(
  data: IcebergDataChange,
  specId: number,
  snapshotId: bigint,
  write: ManifestWriter,
): Promise<ManifestFile[]> {
  const manifests: ManifestFile[] = [];
  for (const [content, files] of [
    [contentData, data.added],
    [contentDeletes, data.deletes],
  ] as const)
    for (let i = 0; i < files.length; i += entriesPerManifest) {
      const entries = files.slice(i, i + entriesPerManifest).map((file): ManifestEntry => ({
        status: entryAdded,
        snapshot_id: snapshotId,
        sequence_number: null,
        file_sequence_number: null,
        data_file: file,
      }));
      manifests.push(await write(specId, content, entries));
    }
  return manifests;
}

/** Which entries leave: data files, and deletes about these or about files whose deletes are written anew. */
function leaving(store: Store, folder: string, data: IcebergDataChange, outside: Elsewhere) {
  const anew = new Set(data.deletes.map((file) => file.referenced_data_file));
  const path = (location: string): string => pathOfLocation(store, folder, location, outside);
  const named = [...data.removedPaths, ...anew].filter((text) => text != null);
  // A path that begins with `/` is not how the location of a file elsewhere ends.
  const isTold = named.length <= mostTexts && !named.some((text) => text.startsWith("/"));
  return {
    /** Of which each entry that leaves holds one; `undefined`: every entry has to be looked at. */
    texts: isTold && data.withoutBounds === undefined ? named : undefined,
    mayBeIn: ({ content }: ManifestFile): boolean =>
      data.removedPaths.size > 0 ||
      (content === contentDeletes && anew.size > 0) ||
      (content === contentData && data.withoutBounds !== undefined),
    entry: ({ data_file: file }: ManifestEntry): boolean => {
      if (file.content === contentData) return data.removedPaths.has(path(file.file_path));
      const about = file.referenced_data_file;
      return about != null && (anew.has(about) || data.removedPaths.has(path(about)));
    },
  };
}

/** An entry that says nothing about the values of these fields any more. */
function withoutBounds(hidden: ReadonlySet<number> = new Set()) {
  return (entry: ManifestEntry): { readonly entry: ManifestEntry; readonly isSame: boolean } => {
    const { data_file: file } = entry;
    const strip = (bounds: DataFileRecord["lower_bounds"]) =>
      bounds?.filter(({ key }) => !hidden.has(key)) ?? null;
    const [lower, upper] = [strip(file.lower_bounds), strip(file.upper_bounds)];
    const isSame =
      (lower?.length ?? 0) === (file.lower_bounds?.length ?? 0) &&
      (upper?.length ?? 0) === (file.upper_bounds?.length ?? 0);
    return isSame
      ? { entry, isSame }
      : { entry: { ...entry, data_file: { ...file, lower_bounds: lower, upper_bounds: upper } }, isSame };
  };
}

/** Merges small manifests when there are many: of the smallest, as many as are not dwarfed by the next one. */
async function merged(
  store: Store,
  folder: string,
  manifests: readonly ManifestFile[],
  snapshotId: bigint,
  write: ManifestWriter,
): Promise<ManifestFile[]> {
  const result: ManifestFile[] = [];
  for (const group of groupByKind(manifests)) {
    // What was deleted in this snapshot must be found in it: such a manifest is merged by a later one.
    const small = group
      .filter((one) => filesIn(one) < entriesPerManifest && one.added_snapshot_id !== snapshotId)
      .sort((a, b) => filesIn(a) - filesIn(b));
    if (group.length < manifestsToMerge || small.length < 2) {
      result.push(...group);
      continue;
    }
    const chosen: ManifestFile[] = [];
    let sum = 0;
    for (const one of small) {
      if (chosen.length >= 2 && filesIn(one) > 2 * sum) break;
      chosen.push(one);
      sum += filesIn(one);
    }
    const rest = group.filter((one) => !chosen.includes(one));
    const entries: ManifestEntry[] = [];
    for await (const read of manifestBodies(store, folder, chosen))
      for (const entry of await liveEntries(read)) entries.push({ ...entry, status: entryExisting });
    for (let i = 0; i < entries.length; i += entriesPerManifest)
      result.push(
        await write(group[0]!.partition_spec_id, group[0]!.content, entries.slice(i, i + entriesPerManifest)),
      );
    result.push(...rest);
  }
  return result;
}

function filesIn(manifest: ManifestFile): number {
  return manifest.added_files_count + manifest.existing_files_count;
}

/** Manifests hold files of one spec and one content (spec, "Manifests"). */
function groupByKind(manifests: readonly ManifestFile[]): Iterable<ManifestFile[]> {
  const groups = new Map<string, ManifestFile[]>();
  for (const one of manifests) {
    const kind = `${one.partition_spec_id}/${one.content}`;
    groups.set(kind, [...(groups.get(kind) ?? []), one]);
  }
  return groups.values();
}
