import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type WrittenDeletionVector, writeDeletionVector } from "../deletion/index.ts";
import { positionDeleteRecord } from "../iceberg/data-file.ts";
import { manifestBodies } from "../iceberg/live.ts";
import {
  type ManifestEntry,
  contentDeletes,
  entryAdded,
  entryDeleted,
  entryExisting,
  readManifest,
} from "../iceberg/manifest.ts";
import { type ManifestFile, writeManifestList } from "../iceberg/manifest-list.ts";
import { manifestWriter } from "../iceberg/manifest-writer.ts";
import { type IcebergSnapshot, type TableMetadata, currentSnapshot } from "../iceberg/metadata.ts";
import { summaryOf } from "../iceberg/next-metadata.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import type { DeletionVector } from "../snapshot.ts";
import type { Difference } from "./difference.ts";
import type { Marked } from "./marked-rows.ts";
import { noEqual } from "./refuse.ts";

/** The version that is asked for, with the deletes of its writer in the form that OneCopy's own commits have. */
export interface WithOwnDeletes {
  readonly wanted: TableMetadata;
  readonly manifests: readonly ManifestFile[];
  /** By the data file's path; `undefined`: no row of it is deleted any more. */
  readonly vectors: ReadonlyMap<string, DeletionVector | undefined>;
  /** Of all objects that were written. */
  readonly keys: readonly string[];
}

const vectorsAtOnce = 8;
const entriesPerManifest = 20_000;

/**
 * Writes the deleted rows of each data file for both formats, and for Iceberg a manifest list in which these
 * position deletes stand in place of the writer's. The writer's lie where Delta's VACUUM deletes what it does not
 * know, and may be about several files; a data file of a table has one vector, and one delete file that names it.
 */
export async function withOwnDeletes(
  store: Store,
  folder: string,
  before: TableMetadata,
  wanted: TableMetadata,
  after: readonly ManifestFile[],
  difference: Difference,
  marked: readonly Marked[],
  changesRows: boolean,
): Promise<WithOwnDeletes> {
  const keys: string[] = [];
  const written = new Map<Marked, WrittenDeletionVector>();
  const deleted = marked.filter(({ rows }) => rows.cardinality > 0);
  for (let i = 0; i < deleted.length; i += vectorsAtOnce)
    await Promise.all(
      deleted.slice(i, i + vectorsAtOnce).map(async (one) => {
        const vector = await writeDeletionVector(store, folder, one.told.file.file_path, one.rows);
        written.set(one, vector);
        keys.push(...vector.keys);
      }),
    );
  const vectors = new Map(marked.map((one) => [one.path, written.get(one)?.delta]));
  const snapshot = currentSnapshot(wanted)!;
  // A rollback to a snapshot of before: its deletes have that form.
  const isKnown = before.snapshots.some((one) => one["snapshot-id"] === snapshot["snapshot-id"]);
  if (isKnown) return { wanted, manifests: after, vectors, keys };

  const one = withoutStepsBetween(before, wanted, snapshot);
  const ids = {
    id: snapshot["snapshot-id"],
    parentId: one.parentId,
    sequenceNumber: snapshot["sequence-number"],
  };
  const put = async (name: string, body: Uint8Array): Promise<string> => {
    const key = keyIn(folder, `_iceberg/${name}`);
    keys.push(key);
    await putSurely(store, key, body);
    return key;
  };
  const entries = await deleteEntries(store, folder, after, difference, marked, ids.id);
  const added = [...written].map(([{ told, path }, { deleteFile }]) => ({
    specId: told.specId,
    entry: {
      status: entryAdded,
      snapshot_id: ids.id,
      sequence_number: null,
      file_sequence_number: null,
      data_file: positionDeleteRecord(
        deleteFile,
        (of) => icebergLocation(store, keyIn(folder, of)),
        path,
        told.file.partition,
      ),
    },
  }));
  const bySpec = new Map<number, ManifestEntry[]>();
  for (const { specId, entry } of [...added, ...entries.again]) {
    const found = bySpec.get(specId);
    if (found === undefined) bySpec.set(specId, [entry]);
    else found.push(entry);
  }
  const write = manifestWriter(store, wanted, ids, put);
  const made: ManifestFile[] = [];
  for (const [specId, some] of bySpec)
    for (let i = 0; i < some.length; i += entriesPerManifest)
      made.push(await write(specId, contentDeletes, some.slice(i, i + entriesPerManifest)));
  const manifests = [...entries.kept, ...made];
  const list = await put(`snap-${ids.id}-${newId()}.avro`, writeManifestList(ids, manifests));
  const totals = {
    added: [...difference.added.map(({ file }) => file), ...added.map(({ entry }) => entry.data_file)],
    deleted: [
      ...[...difference.removed, ...difference.removedDeletes].map(({ file }) => file),
      ...entries.replaced.map((entry) => entry.data_file),
    ],
    changesRows,
  };
  const parent = currentSnapshot(before)?.summary ?? {};
  const said = Object.entries(snapshot.summary).filter(([key]) => !counts.test(key));
  const { "parent-snapshot-id": _, ...rest } = snapshot;
  const mine: IcebergSnapshot = {
    ...(rest as IcebergSnapshot),
    ...(one.parentId === undefined ? {} : { "parent-snapshot-id": one.parentId }),
    "manifest-list": icebergLocation(store, list),
    summary: { ...Object.fromEntries(said), ...summaryOf(parent, totals) },
  };
  const snapshots = one.snapshots.map((each) => (each["snapshot-id"] === ids.id ? mine : each));
  return { wanted: { ...wanted, snapshots }, manifests, vectors, keys };
}

/** Spec, "Optional Snapshot Summary Fields": those that count files, rows and bytes. */
export const counts = /^(added|removed|deleted|total|changed)-/;

/**
 * What was current only between two steps of the commit was never so for anybody, and lists the writer's deletes:
 * the commit is one snapshot, as it is one version.
 */
export function withoutStepsBetween(
  before: TableMetadata,
  wanted: TableMetadata,
  current: IcebergSnapshot,
): { readonly snapshots: IcebergSnapshot[]; readonly parentId: bigint | undefined } {
  const known = new Set(before.snapshots.map((one) => one["snapshot-id"]));
  const isKept = (id: bigint): boolean => id === current["snapshot-id"] || known.has(id);
  const held = Object.entries(wanted.refs ?? {}).find(([, ref]) => !isKept(ref["snapshot-id"]));
  if (held !== undefined)
    throw noEqual(
      `${held[0]} names a step in the middle of the commit, which for Delta's readers is one version.`,
      "Commit the steps one by one.",
    );
  const parents = new Map(wanted.snapshots.map((one) => [one["snapshot-id"], one["parent-snapshot-id"]]));
  const seen = new Set<bigint>();
  let parent = current["parent-snapshot-id"];
  while (parent != null && !known.has(parent) && !seen.has(parent)) {
    seen.add(parent);
    parent = parents.get(parent);
  }
  return {
    snapshots: wanted.snapshots.filter((one) => isKept(one["snapshot-id"])),
    parentId: parent ?? undefined,
  };
}

/** The manifests that stay as they are, and what of the others' entries is said again. */
async function deleteEntries(
  store: Store,
  folder: string,
  after: readonly ManifestFile[],
  { addedDeletes }: Difference,
  marked: readonly Marked[],
  snapshotId: bigint,
): Promise<{
  readonly kept: readonly ManifestFile[];
  readonly again: readonly { readonly specId: number; readonly entry: ManifestEntry }[];
  /** Deletes of before about files that have new ones. */
  readonly replaced: readonly ManifestEntry[];
}> {
  const foreign = new Set(addedDeletes.map(({ file }) => file.file_path));
  const anew = new Set(marked.map(({ told }) => told.file.file_path));
  const kept = after.filter(({ content }) => content !== contentDeletes);
  const again: { specId: number; entry: ManifestEntry }[] = [];
  const replaced: ManifestEntry[] = [];
  const ofDeletes = after.filter(({ content }) => content === contentDeletes);
  for await (const { manifest, key, body } of manifestBodies(store, folder, ofDeletes)) {
    const entries = await readManifest(key, body, manifest);
    const isForeign = ({ data_file: file }: ManifestEntry): boolean => foreign.has(file.file_path);
    const isReplaced = (entry: ManifestEntry): boolean =>
      entry.status !== entryDeleted &&
      !isForeign(entry) &&
      anew.has(entry.data_file.referenced_data_file ?? "");
    if (!entries.some((entry) => isForeign(entry) || isReplaced(entry))) {
      kept.push(manifest);
      continue;
    }
    for (const entry of entries) {
      const isLeaving = isReplaced(entry);
      if (isLeaving) replaced.push(entry);
      const isTold = entry.status !== entryDeleted || entry.snapshot_id === snapshotId;
      if (isForeign(entry) || !isTold) continue;
      const isGone = isLeaving || entry.status === entryDeleted;
      again.push({
        specId: manifest.partition_spec_id,
        entry: {
          ...entry,
          status: isGone ? entryDeleted : entryExisting,
          ...(isGone ? { snapshot_id: snapshotId } : {}),
        },
      });
    }
  }
  return { kept, again, replaced };
}
