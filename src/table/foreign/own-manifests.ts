import type { Store } from "../../storage/index.ts";
import { type WrittenDeletionVector, writeDeletionVector } from "../deletion/index.ts";
import { positionDeleteRecord } from "../iceberg/data-file.ts";
import { type ManifestBody, manifestBodies, mayName } from "../iceberg/live.ts";
import {
  type ManifestEntry,
  contentDeletes,
  entryAdded,
  entryDeleted,
  entryExisting,
  readManifest,
} from "../iceberg/manifest.ts";
import type { ManifestFile } from "../iceberg/manifest-list.ts";
import { type TableMetadata, currentSnapshot } from "../iceberg/metadata.ts";
import { icebergLocation, keyIn } from "../path.ts";
import type { DeletionVector } from "../snapshot.ts";
import { type Difference, respelled } from "./difference.ts";
import { type Marked, mostTexts } from "./marked-rows.ts";
import type { Asked } from "./next-version.ts";
import { ownSnapshot, withoutStepsBetween } from "./own-snapshot.ts";

/** The version that is asked for, with what OneCopy has in another form than its writer. */
export interface WithOwnManifests {
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
 * Locations get OneCopy's spelling, so that deletes of later commits, which go by the letters, find them.
 */
export async function withOwnManifests(
  store: Store,
  folder: string,
  before: TableMetadata | undefined,
  { wanted, manifests: after, difference }: Pick<Asked, "wanted" | "manifests" | "difference">,
  marked: readonly Marked[],
  changesRows: boolean,
): Promise<WithOwnManifests> {
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
  const isKnown = before?.snapshots.some((one) => one["snapshot-id"] === snapshot["snapshot-id"]);
  if (isKnown === true) return { wanted, manifests: after, vectors, keys };

  const steps =
    marked.length === 0
      ? { snapshots: wanted.snapshots, parentId: snapshot["parent-snapshot-id"] ?? undefined }
      : withoutStepsBetween(before, wanted, snapshot);
  const own = ownSnapshot(store, folder, before, wanted, steps, keys);
  const entries = await entriesAgain(store, folder, after, difference, marked, own.id);
  const added = [...written].map(([{ told, path }, { deleteFile }]) => ({
    specId: told.specId,
    content: contentDeletes,
    entry: {
      status: entryAdded,
      snapshot_id: own.id,
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
  const groups = new Map<string, Said[]>();
  for (const said of [...added, ...entries.again]) {
    const kind = `${said.specId} ${said.content}`;
    const found = groups.get(kind);
    if (found === undefined) groups.set(kind, [said]);
    else found.push(said);
  }
  const made: ManifestFile[] = [];
  for (const some of groups.values())
    for (let i = 0; i < some.length; i += entriesPerManifest) {
      const part = some.slice(i, i + entriesPerManifest).map(({ entry }) => entry);
      made.push(await own.write(some[0]!.specId, some[0]!.content, part));
    }
  const manifests = [...entries.kept, ...made];
  const totals = {
    added: [...difference.added.map(({ file }) => file), ...added.map(({ entry }) => entry.data_file)],
    deleted: [
      ...[...difference.removed, ...difference.removedDeletes].map(({ file }) => file),
      ...entries.replaced.map((entry) => entry.data_file),
    ],
    changesRows,
  };
  const listed = await own.list(manifests, marked.length === 0 ? undefined : totals);
  return { wanted: listed, manifests, vectors, keys };
}

/** An entry for a manifest of this spec and content. */
interface Said {
  readonly specId: number;
  readonly content: number;
  readonly entry: ManifestEntry;
}

/** The manifests that stay as they are, and what of the others' entries is said again. */
async function entriesAgain(
  store: Store,
  folder: string,
  after: readonly ManifestFile[],
  { added, addedDeletes }: Difference,
  marked: readonly Marked[],
  snapshotId: bigint,
): Promise<{
  readonly kept: readonly ManifestFile[];
  readonly again: readonly Said[];
  /** Deletes of before about files that have new ones. */
  readonly replaced: readonly ManifestEntry[];
}> {
  const foreign = new Set(addedDeletes.map(({ file }) => file.file_path));
  const anew = new Set(marked.map(({ told }) => told.file.file_path));
  const odd = [...added, ...marked.map(({ told }) => told)].filter(({ isRespelled }) => isRespelled);
  const respell = new Set(odd.map(({ file }) => file.file_path));
  const names = [...respell].map((one) => one.slice(one.lastIndexOf("/") + 1));
  const mayBeOdd = (read: ManifestBody): boolean =>
    respell.size > 0 && (names.length > mostTexts || mayName(read, names));
  const kept: ManifestFile[] = [];
  const again: Said[] = [];
  const replaced: ManifestEntry[] = [];
  for await (const read of manifestBodies(store, folder, after)) {
    const { manifest } = read;
    const { content } = manifest;
    if (content !== contentDeletes && !mayBeOdd(read)) {
      kept.push(manifest);
      continue;
    }
    const said = await readManifest(read.key, read.body, manifest);
    const entries = said.map((entry) => ({ ...entry, data_file: respelled(entry.data_file) }));
    const isForeign = ({ data_file: file }: ManifestEntry): boolean =>
      content === contentDeletes && foreign.has(file.file_path);
    const isReplaced = (entry: ManifestEntry): boolean =>
      content === contentDeletes &&
      entry.status !== entryDeleted &&
      !isForeign(entry) &&
      anew.has(entry.data_file.referenced_data_file ?? "");
    const isOdd = ({ data_file: file }: ManifestEntry): boolean =>
      content !== contentDeletes && respell.has(file.file_path);
    if (!entries.some((entry) => isForeign(entry) || isReplaced(entry) || isOdd(entry))) {
      kept.push(manifest);
      continue;
    }
    for (const entry of entries) {
      const isMine = entry.snapshot_id === snapshotId;
      const isLeaving = isReplaced(entry);
      if (isLeaving) replaced.push(entry);
      if (isForeign(entry) || (entry.status === entryDeleted && !isMine)) continue;
      const stays = entry.status === entryAdded && isMine ? entryAdded : entryExisting;
      again.push({
        specId: manifest.partition_spec_id,
        content,
        entry: isLeaving
          ? { ...entry, status: entryDeleted, snapshot_id: snapshotId }
          : { ...entry, status: entry.status === entryDeleted ? entryDeleted : stays },
      });
    }
  }
  return { kept, again, replaced };
}
