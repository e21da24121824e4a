import { randomUUID } from "node:crypto";
import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { TableMeta } from "../commit/change.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { type NewFile, renderCommit } from "../delta/commit-file.ts";
import { propertyAppendOnly, protocolFloor, protocolFor } from "../delta/protocol.ts";
import type { LogState } from "../delta/replay.ts";
import { elsewhere, outsidePath } from "../elsewhere.ts";
import { manifestsOf } from "../iceberg/live.ts";
import { type TableMetadata, currentSnapshot, renderMetadata } from "../iceberg/metadata.ts";
import { earlierFiles, icebergProperties } from "../iceberg/next-metadata.ts";
import type { IcebergSide } from "../access.ts";
import { icebergLocation, keyIn, pathOfLocation } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import { rowsVersion } from "../read.ts";
import { type DataFile, identifyingColumns } from "../snapshot.ts";
import { addOf } from "./delta-file.ts";
import { type Difference, type Told, differenceOf } from "./difference.ts";
import { mirroredMeta } from "./mirror.ts";
import { invalid, noEqual } from "./refuse.ts";

/** A version that an Iceberg writer asks for, ready to be put: its metadata is there, and nothing points at it. */
export interface Adopted {
  readonly body: string;
  readonly txnId: string;
  readonly side: IcebergSide;
}

/** The table before, in both formats. */
export interface Ground {
  readonly state: LogState;
  readonly side: IcebergSide;
}

/**
 * Takes in what an Iceberg writer made: writes `wanted` as the metadata of the next version, and says what the Delta
 * log has to hold so that its readers see the same table. The writer's manifests and data files are used as they are.
 * Fails with `table.iceberg_no_equal`, `table.iceberg_update_invalid`, `table.path_outside`.
 */
export async function adopt(
  store: Store,
  folder: string,
  ground: Ground | undefined,
  wanted: TableMetadata,
  options: { readonly operation: string; readonly filesOutside: boolean },
): Promise<Adopted> {
  const { state, side } = ground ?? {};
  const version = (state?.version ?? -1) + 1;
  const timestampMs = Math.max(Date.now(), (state?.timestampMs ?? 0) + 1);
  const location = icebergLocation(store, keyIn(folder, "x")).slice(0, -2);
  refuseSideBranches(side?.metadata, wanted);
  const manifests = await manifestsAfter(store, folder, side, { ...wanted, location });
  const difference = await differenceOf(store, folder, side?.manifests ?? [], manifests);
  refuseDeletes(difference);

  const before = state && side && { metadata: side.metadata, meta: metaOf(folder, state, side) };
  const removes = state === undefined ? [] : await filesOf(store, folder, state, difference.removed);
  const paths = difference.added.map((told) => pathOf(store, folder, told, options.filesOutside));
  const staying = state === undefined ? 0 : (await state.files()).count - removes.length;
  const meta = mirroredMeta(before, { ...wanted, location }, folder, {
    stay: staying > 0,
    comeFromOutside: paths.some((path) => path.startsWith("//")),
  });
  const adds = difference.added.map((told, i) =>
    addOf(told.file, paths[i]!, specOf(wanted, told), meta, timestampMs),
  );
  const changesRows = changesRowsOf(side?.metadata, wanted);
  await refuseTwice(state, adds, removes);
  if (changesRows && removes.length > 0 && before?.meta.properties[propertyAppendOnly] === "true")
    throw noEqual("Rows of the table may only be added (delta.appendOnly).", "Append, and delete nothing.");

  const metadata: TableMetadata = {
    ...wanted,
    location,
    properties: icebergProperties(location, { ...meta, identifying: identifyingColumns(meta.properties) }),
    "metadata-log": side === undefined ? [] : logWith(store, side, meta),
  };
  const name = `${String(version).padStart(5, "0")}-${newId()}.metadata.json`;
  const metadataKey = keyIn(folder, `_iceberg/${name}`);
  await putSurely(store, metadataKey, renderMetadata(metadata));
  const txnId = randomUUID();
  const protocol = protocolFor(meta.schema, meta.properties, state?.protocol ?? protocolFloor);
  const sameMeta = before !== undefined && JSON.stringify(before.meta) === JSON.stringify(meta);
  const sameRows = adds.length + removes.length === 0 || !changesRows;
  const body = renderCommit({
    store,
    timestampMs,
    operation: options.operation,
    parameters: { catalog: "iceberg" },
    readVersion: state?.version,
    isBlindAppend: adds.length > 0 && removes.length === 0,
    txnId,
    icebergPath: `_iceberg/${name}`,
    ...(state !== undefined && sameRows && sameColumns(before!.meta, meta)
      ? { provenance: state.commitInfo?.onecopy?.provenance, rowsOf: rowsVersion(state) }
      : { provenance: undefined }),
    protocol: protocol === state?.protocol ? undefined : protocol,
    metaData: sameMeta
      ? undefined
      : {
          id: metadata["table-uuid"],
          name: meta.name,
          description: meta.description,
          createdTimeMs: state?.metaData.createdTime ?? timestampMs,
          schema: meta.schema,
          partitionColumns: meta.partitionColumns,
          configuration: meta.properties,
        },
    transactions: [],
    adds,
    removes,
    changesRows,
  });
  return { body, txnId, side: { metadata, metadataKey, manifests, version } };
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

function refuseDeletes({ addedDeletes, removedDeletes, removed }: Difference): void {
  const equality = addedDeletes.find(({ file }) => file.content === 2);
  if (equality !== undefined)
    throw noEqual(
      `${equality.file.file_path} deletes rows by their values (equality deletes), for which Delta has no equal.`,
      "Have the engine write the files again instead (copy-on-write), or write through Delta.",
    );
  if (addedDeletes.length > 0)
    throw noEqual(
      `${addedDeletes[0]!.file.file_path} marks rows as deleted (merge-on-read), and Delta's readers would still see them.`,
      "Set write.delete.mode, write.update.mode and write.merge.mode to copy-on-write in that engine; with Trino delete whole partitions, or write with another engine.",
    );
  const left = new Set(removed.map(({ file }) => file.file_path));
  const back = removedDeletes.find(({ file }) => !left.has(file.referenced_data_file ?? ""));
  if (back !== undefined)
    throw noEqual(
      `${back.file.file_path} leaves, and the rows that it deleted would come back for Iceberg's readers only.`,
      "Have the engine write the data files again as well (rewrite_data_files).",
    );
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

function logWith(store: Store, { metadata, metadataKey }: IcebergSide, meta: TableMeta) {
  const earlier = {
    "metadata-file": icebergLocation(store, metadataKey),
    "timestamp-ms": metadata["last-updated-ms"],
  };
  return [...metadata["metadata-log"], earlier].slice(-earlierFiles(meta.properties));
}

function sameColumns(a: TableMeta, b: TableMeta): boolean {
  const columns = ({ schema, partitionColumns }: TableMeta): string =>
    JSON.stringify([schema.fields, partitionColumns]);
  return columns(a) === columns(b);
}
