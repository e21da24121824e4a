import type { Store } from "../../storage/index.ts";
import type { IcebergSide } from "../access.ts";
import { withDeletedRows } from "../commit/deleted-rows.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import type { NewFile } from "../delta/commit-file.ts";
import { propertyAppendOnly, propertyDeletionVectors } from "../delta/protocol.ts";
import type { LogState } from "../delta/replay.ts";
import { elsewhere, outsidePath } from "../elsewhere.ts";
import { manifestsOf } from "../iceberg/live.ts";
import { type TableMetadata, currentSnapshot } from "../iceberg/metadata.ts";
import { icebergLocation, keyIn, pathOfLocation } from "../path.ts";
import type { DataFile, DeletionVector } from "../snapshot.ts";
import { addOf } from "./delta-file.ts";
import { columnsAgain } from "./columns-again.ts";
import { type Told, differenceOf } from "./difference.ts";
import { dispose, markedRows } from "./marked-rows.ts";
import { mirroredMeta } from "./mirror.ts";
import { type Adopted, type Asked, type Ground, prepareVersion } from "./next-version.ts";
import { withOwnManifests } from "./own-manifests.ts";
import { refuseOldColumns } from "./refuse-old-columns.ts";
import { refuseDeletes } from "./refuse-deletes.ts";
import { invalid, noEqual } from "./refuse.ts";
import { type WithoutMarked, withoutMarkedRows } from "./without-marked.ts";

/**
 * Takes in what an Iceberg writer made: writes `wanted` as the metadata of the next version, and says what the Delta
 * log has to hold so that its readers see the same table. The writer's data files are used as they are, and so are its
 * manifests, but for position deletes, which become deletion vectors, or whose data files are written again.
 * Fails with `table.iceberg_no_equal`, `table.iceberg_update_invalid`, `table.path_outside`.
 */
export async function adopt(
  store: Store,
  folder: string,
  ground: Ground | undefined,
  asked: TableMetadata,
  { operation, filesOutside }: { readonly operation: string; readonly filesOutside: boolean },
): Promise<Adopted> {
  const { state, side } = ground ?? {};
  const timestampMs = Math.max(Date.now(), (state?.timestampMs ?? 0) + 1);
  const location = icebergLocation(store, keyIn(folder, "x")).slice(0, -2);
  const wanted = { ...asked, location };
  refuseSideBranches(side?.metadata, wanted);
  const manifests = await manifestsAfter(store, folder, side, wanted);
  const difference = await differenceOf(store, folder, side?.manifests ?? [], manifests);
  const before = state && side && { metadata: side.metadata, meta: metaOf(folder, state, side) };
  refuseDeletes(difference, before?.meta.properties, wanted["format-version"]);

  const removes = state === undefined ? [] : await filesOf(store, folder, state, difference.removed);
  const paths = difference.added.map((told) => pathOf(store, folder, told, filesOutside));
  const staying = state === undefined ? 0 : (await state.files()).count - removes.length;
  const mirrored = mirroredMeta(before, wanted, folder, {
    stay: staying > 0,
    comeFromOutside: paths.some((path) => path.startsWith("//")),
  });
  const { meta } = mirrored;
  if (ground !== undefined) {
    const asked = { wanted, difference, before: before!.meta, mirrored, operation, timestampMs };
    const again = await columnsAgain(store, folder, ground, asked);
    if (again !== undefined) return again;
  }
  await refuseOldColumns(store, folder, wanted, paths);
  const adds = difference.added.map((told, i) =>
    addOf(told.file, paths[i]!, specOf(wanted, told), meta, timestampMs),
  );
  const changesRows = changesRowsOf(side?.metadata, wanted);
  await refuseTwice(state, adds, removes);
  const marked = state === undefined ? [] : await markedRows(store, folder, state, manifests, difference);
  // The manifests that are written here are of version 2.
  const isOdd = difference.added.some(({ isRespelled }) => isRespelled) && wanted["format-version"] === 2;
  const settle = async (all: Asked): Promise<WithoutMarked> => {
    if (marked.length === 0 && !isOdd) return { ...all, keys: [] };
    const byVectors = meta.properties[propertyDeletionVectors] === "true";
    const own =
      byVectors || isOdd
        ? await withOwnManifests(store, folder, side?.metadata, all, byVectors ? marked : [], changesRows)
        : { ...all, keys: [], vectors: new Map() };
    if (byVectors) return { ...own, ...(await withVectors(state, adds, removes, own.vectors)) };
    if (marked.length === 0) return { ...all, ...own };
    const without = await withoutMarkedRows(store, folder, ground!, { ...all, ...own }, marked);
    return { ...without, keys: [...own.keys, ...without.keys] };
  };
  try {
    const losesRows = removes.length + marked.length > 0;
    if (changesRows && losesRows && before?.meta.properties[propertyAppendOnly] === "true")
      throw noEqual("Rows of the table may only be added (delta.appendOnly).", "Append, and delete nothing.");
    const all = { wanted, manifests, difference, meta, adds, removes, timestampMs };
    const settled = await settle(all);
    const next = { ...settled, timestampMs, operation, before: before?.meta, meta, changesRows };
    return await prepareVersion(store, folder, ground ?? {}, next);
  } finally {
    dispose(marked);
  }
}

/** The files that come and go on the Delta side, where a file that stays is stated again with its vector. */
async function withVectors(
  state: LogState | undefined,
  adds: readonly NewFile[],
  removes: readonly DataFile[],
  vectors: ReadonlyMap<string, DeletionVector | undefined>,
): Promise<{ readonly adds: readonly NewFile[]; readonly removes: readonly DataFile[] }> {
  const files = await state?.files();
  const coming = new Set(adds.map(({ path }) => path));
  const stay = [...vectors].flatMap(([path, vector]) => {
    const file = coming.has(path) ? undefined : files?.get(path);
    return file === undefined ? [] : [{ file, vector }];
  });
  return {
    adds: [
      ...adds.map((add) => {
        const vector = vectors.get(add.path);
        return vector === undefined ? add : withDeletedRows({ ...add, rows: undefined }, vector);
      }),
      ...stay.map(({ file, vector }) => withDeletedRows(file, vector)),
    ],
    removes: [...removes, ...stay.map(({ file }) => file)],
  };
}

/** Rows on another branch than `main`, or staged on none, would be there for Iceberg's readers only. */
function refuseSideBranches(before: TableMetadata | undefined, after: TableMetadata): void {
  const known = new Set((before?.snapshots ?? []).map((one) => one["snapshot-id"]));
  const parents = new Map(after.snapshots.map((one) => [one["snapshot-id"], one["parent-snapshot-id"]]));
  const onMain = new Set<bigint>();
  for (let id = after["current-snapshot-id"]; id != null && !onMain.has(id); id = parents.get(id))
    onMain.add(id);
  const aside = after.snapshots.find(
    (one) => !known.has(one["snapshot-id"]) && !onMain.has(one["snapshot-id"]),
  );
  if (aside === undefined) return;
  throw noEqual(
    `The snapshot ${aside["snapshot-id"]} is not on the branch main, and Delta has no other.`,
    "Commit to main: without a branch, and without write-audit-publish (unset write.wap.enabled and wap.branch).",
  );
}

async function manifestsAfter(
  store: Store,
  folder: string,
  side: IcebergSide | undefined,
  wanted: TableMetadata,
): Promise<IcebergSide["manifests"]> {
  const [was, is] = [side && currentSnapshot(side.metadata), currentSnapshot(wanted)];
  if (side !== undefined && was?.["snapshot-id"] === is?.["snapshot-id"]) return side.manifests;
  if (is === undefined) return [];
  const { "manifest-list": list } = is;
  const manifests = await manifestsOf(store, folder, wanted);
  for (const place of [list, ...manifests.map((one) => one.manifest_path)])
    if (!pathOfLocation(store, folder, place).startsWith("_iceberg/"))
      throw invalid(
        `${place} is not in the table's folder _iceberg, and Delta's VACUUM would delete it.`,
        `Have the engine obey the table's property write.metadata.path, or set it to ${wanted.location}/_iceberg.`,
      );
  return manifests;
}

/** The log's own entries of files that leave: a remove has to say what the add said. */
async function filesOf(
  store: Store,
  folder: string,
  state: LogState,
  removed: readonly Told[],
): Promise<DataFile[]> {
  if (removed.length === 0) return [];
  const files = await state.files();
  const outside = elsewhere(store, state.metaData.configuration);
  return removed.map(({ file }) => {
    const known = files.get(pathOfLocation(store, folder, file.file_path, outside));
    if (known !== undefined) return known;
    throw invalid(`${file.file_path} leaves the table, and is not in it.`);
  });
}

/** Where a data file is. In the table's folder it may not be where either format keeps its own. */
function pathOf(store: Store, folder: string, { file }: Told, filesOutside: boolean): string {
  if (file.file_format.toUpperCase() !== "PARQUET")
    throw noEqual(
      `${file.file_path} is a file of the format ${file.file_format}, and Delta has Parquet only.`,
      "Set write.format.default=parquet.",
    );
  const path = pathOfLocation(store, folder, file.file_path, filesOutside ? outsidePath : undefined);
  if (path.startsWith("//") || !/(^|\/)[_.]|[\0\\]/.test(path)) return path;
  throw invalid(
    `${file.file_path} is where the table keeps its logs.`,
    "Write data files into data/ in the table's folder.",
  );
}

function specOf(metadata: TableMetadata, { specId, file }: Told) {
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === specId);
  if (spec === undefined) throw invalid(`The partition spec ${specId} of ${file.file_path} is not there.`);
  return spec;
}

/** Whether one of the new snapshots on main says that rows changed; a rewrite of files says `replace`. */
function changesRowsOf(before: TableMetadata | undefined, after: TableMetadata): boolean {
  const known = new Set((before?.snapshots ?? []).map((one) => one["snapshot-id"]));
  const made = after.snapshots.filter((one) => !known.has(one["snapshot-id"]));
  return made.length === 0 || made.some((one) => one.summary["operation"] !== "replace");
}

/** A file is in a Delta table once. */
async function refuseTwice(
  state: LogState | undefined,
  adds: readonly NewFile[],
  removes: readonly DataFile[],
): Promise<void> {
  const files = await state?.files();
  const gone = new Set(removes.map(({ path }) => path));
  const seen = new Set<string>();
  for (const { path } of adds) {
    if (seen.has(path) || (files?.get(path) !== undefined && !gone.has(path)))
      throw invalid(`${path} is in the table already.`, "Add each file once.");
    seen.add(path);
  }
}
