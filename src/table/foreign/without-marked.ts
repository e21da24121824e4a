import { canonicalJson, stringifyLossless } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { TableMeta } from "../commit/change.ts";
import { newFile } from "../commit/records.ts";
import type { NewFile } from "../delta/commit-file.ts";
import { propertyDeletionVectors } from "../delta/protocol.ts";
import { inlineVector } from "../deletion/index.ts";
import { elsewhere } from "../elsewhere.ts";
import { refuseTooLarge } from "../evolve/rewrite.ts";
import { fileSet } from "../file-set.ts";
import { dataFileRecord } from "../iceberg/data-file.ts";
import { type DataFileRecord, contentData, contentDeletes } from "../iceberg/manifest.ts";
import type { ManifestFile } from "../iceberg/manifest-list.ts";
import { type TableMetadata, currentSnapshot } from "../iceberg/metadata.ts";
import { addedManifests, nextManifests } from "../iceberg/next-manifests.ts";
import { withLogEngine } from "../log-engine.ts";
import { copyToParquet } from "../parquet/copy.ts";
import { icebergLocation, keyIn, pathOfLocation } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { scan, tagFieldIds } from "../scan/index.ts";
import { type DataFile, identifyingColumns } from "../snapshot.ts";
import { layoutOf } from "../write/layout.ts";
import type { Marked } from "./marked-rows.ts";
import type { Asked, Ground } from "./next-version.ts";
import { type Steps, ownSnapshot, withoutStepsBetween } from "./own-snapshot.ts";
import { noEqual, stale } from "./refuse.ts";

/** The same commit without position deletes. `keys`: of all objects that were written for it. */
export type WithoutMarked = Pick<Asked, "wanted" | "manifests" | "adds" | "removes"> & {
  readonly keys: readonly string[];
};

/**
 * Writes the data files in which an Iceberg writer marks rows as deleted again, without these rows: copy-on-write, for
 * a table without deletion vectors. The writer's snapshot keeps its id, and gets a manifest list without its delete files.
 * Fails with `table.rewrite_too_large`, and as `withOwnManifests` does; nothing that was written stays then.
 */
export async function withoutMarkedRows(
  store: Store,
  folder: string,
  { state, side }: Ground,
  asked: Asked,
  marked: readonly Marked[],
): Promise<WithoutMarked> {
  const keys: string[] = [];
  try {
    return await rewriting(store, folder, { state, side }, asked, marked, keys);
  } catch (error) {
    for (const key of keys) await store.delete(key).catch(() => undefined);
    throw error;
  }
}

async function rewriting(
  store: Store,
  folder: string,
  { state, side }: Ground,
  { wanted, manifests, difference, meta, adds, removes, timestampMs }: Asked,
  marked: readonly Marked[],
  keys: string[],
): Promise<WithoutMarked> {
  const steps = stepsOf(side.metadata, wanted);
  const own = ownSnapshot(store, folder, side.metadata, wanted, steps, keys);
  const known = await state.files();
  const coming = new Map(adds.map((file) => [file.path, file]));
  const touched = marked.map((one): Touched => {
    const add = coming.get(one.path);
    const file = add === undefined ? known.get(one.path) : withRows(add, one);
    if (file === undefined)
      throw stale(`Rows of ${one.path} are deleted, and it is not in the table any more.`);
    return { ...one, file };
  });
  const files = await filesWithout(store, folder, state, touched, meta, timestampMs, keys);

  const nothing = { added: [], deletes: [], removedPaths: new Set<string>(), changesRows: true };
  const added: ManifestFile[] = [];
  for (const [specId, records] of files.bySpec)
    added.push(...(await addedManifests({ ...nothing, added: records }, specId, own.id, own.write)));
  const data = manifests.filter(({ content }) => content === contentData);
  const outside = elsewhere(store, state.metaData.configuration);
  const again = new Set(touched.map(({ path }) => path));
  const next = await nextManifests(
    store,
    folder,
    [...data, ...side.manifests.filter(({ content }) => content === contentDeletes)],
    { ...nothing, removedPaths: new Set([...again, ...removes.map(({ path }) => path)]) },
    added,
    {
      snapshotId: own.id,
      write: own.write,
      outside,
      currentSpecId: wanted["default-spec-id"],
      forgets: false,
      merges: false,
    },
  );
  // What the writer's snapshot removed stays told: engines look there whether files that they mean are still there.
  const told = data.filter(
    (one) => one.added_files_count + one.existing_files_count === 0 && one.added_snapshot_id === own.id,
  );
  const after = [...next.manifests, ...told];
  const stays = ({ file_path: location }: DataFileRecord): boolean =>
    !again.has(pathOfLocation(store, folder, location, outside));
  const totals = {
    added: [...difference.added.map(({ file }) => file).filter(stays), ...[...files.bySpec.values()].flat()],
    deleted: [...difference.removed.map(({ file }) => file), ...next.deleted.filter((one) => isOld(one))],
    changesRows: true,
  };
  function isOld({ file_path: location }: DataFileRecord): boolean {
    return !coming.has(pathOfLocation(store, folder, location, outside));
  }
  return {
    wanted: await own.list(after, totals),
    manifests: after,
    adds: [...adds.filter(({ path }) => !again.has(path)), ...files.adds],
    removes: [...removes, ...touched.filter(({ path }) => !coming.has(path)).map(({ file }) => file)],
    keys,
  };
}

function stepsOf(before: TableMetadata, wanted: TableMetadata): Steps {
  const snapshot = currentSnapshot(wanted)!;
  if (before.snapshots.some((one) => one["snapshot-id"] === snapshot["snapshot-id"]))
    throw noEqual(
      `The snapshot ${snapshot["snapshot-id"]}, to which the table is to go back, has rows that are marked as deleted.`,
      "Go back with OneCopy (Table.restore).",
    );
  return withoutStepsBetween(before, wanted, snapshot);
}

interface Touched extends Marked {
  readonly file: DataFile;
}

function withRows(add: NewFile, { told }: Marked): DataFile {
  return { ...add, rows: Number(told.file.record_count), dataChange: true };
}

/** Files of one partition are written together, under its spec. */
async function filesWithout(
  store: Store,
  folder: string,
  state: Ground["state"],
  touched: readonly Touched[],
  meta: TableMeta,
  timestampMs: number,
  keys: string[],
): Promise<{ readonly adds: NewFile[]; readonly bySpec: Map<number, DataFileRecord[]> }> {
  refuseTooLarge(
    folder,
    meta.properties,
    touched.map(({ file }) => file),
    "an engine marks rows as deleted (merge-on-read)",
    `, set write.delete.mode, write.update.mode and write.merge.mode to copy-on-write in that engine, or give the table ${propertyDeletionVectors}=true`,
  );
  const groups = new Map<string, Touched[]>();
  for (const one of touched) {
    const { told, file } = one;
    const key = `${told.specId} ${stringifyLossless(told.file.partition)} ${canonicalJson(file.tags)}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const now = { ...(await snapshotOf(store, folder, state)), ...meta };
  const identifying = identifyingColumns(meta.properties);
  const adds: NewFile[] = [];
  const bySpec = new Map<number, DataFileRecord[]>();
  await withLogEngine(async (session) => {
    for (const group of groups.values()) {
      const { told, file: first } = group[0]!;
      const files = group.map(({ file, rows }) => ({ ...file, deletionVector: inlineVector(rows) }));
      const query = `SELECT * FROM ${await scan(session, { ...now, files: fileSet(files) })}`;
      const written = await copyToParquet(session, store, folder, layoutOf(meta), query);
      keys.push(...written.map(({ path }) => keyIn(folder, path)));
      const records = written.map(({ path, sizeBytes, statistics }) => ({
        ...dataFileRecord(
          icebergLocation(store, keyIn(folder, path)),
          sizeBytes,
          statistics,
          meta.schema,
          identifying,
        ),
        partition: told.file.partition,
      }));
      bySpec.set(told.specId, [...(bySpec.get(told.specId) ?? []), ...records]);
      const tags = { ...first.tags, [tagFieldIds]: "true" };
      adds.push(...written.map((file) => newFile({ ...file, tags }, meta, timestampMs)));
    }
  });
  return { adds, bySpec };
}
