import { OneCopyError } from "../../../base/index.ts";
import { type Schema, typeToDelta } from "../../../schema/index.ts";
import type { Store } from "../../../storage/index.ts";
import { type FileSet, fileSet } from "../../file-set.ts";
import { icebergLocation, keyIn } from "../../path.ts";
import type { DataFile, DeletionVector, Snapshot } from "../../snapshot.ts";
import type { IcebergContents, IcebergFile } from "./contents.ts";
import { DeleteIndex, type VectorFile } from "./deletes.ts";
import { isMetadataKey, newestMetadataKey } from "./find.ts";
import { type Locations, locationsOf } from "./location.ts";
import { type FileEntry, readLiveEntries } from "./manifest.ts";
import { type ManifestListEntry, readManifestListEntries } from "./manifest-list.ts";
import {
  type IcebergMetadata,
  type IcebergSnapshot,
  type PartitionSpec,
  parseIcebergMetadata,
  schemaById,
} from "./metadata.ts";
import { parseNameMapping } from "./name-mapping.ts";
import { identityValues, partitionKey, partitionRanges } from "./partition.ts";
import { statsText } from "./statistics.ts";
import { type IcebergField, type IcebergSchema, fieldsById, logicalSchema } from "./type.ts";
import { damaged, manifestDamaged, unsupported } from "./unsupported.ts";

export interface IcebergReadOptions {
  readonly snapshotId?: bigint | undefined;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** The snapshot that was current at that time. */
  readonly asOfMs?: number | undefined;
  /** The metadata file, where somebody else read it already; `address` is then the table's folder. `key` names it in messages. */
  readonly metadata?: { readonly key: string; readonly body: Uint8Array };
}

const mostManifestBytes = 256 * 2 ** 20;
const mostMetadataBytes = 256 * 2 ** 20;
const manifestsAtOnce = 4;

/**
 * A foreign Iceberg table (version 1, 2 or 3) as one of its snapshots has it; by default the newest. `address` is the
 * key of a metadata file, or a table's folder, whose newest metadata file is taken. Nothing outside of the table's
 * folder is read.
 *
 * Fails with `table.not_found`, `table.version_not_found`, `table.metadata_ambiguous`, `table.metadata_damaged`,
 * `table.manifest_damaged`, `table.path_outside`, and for what would be misread with `table.iceberg_feature_unsupported`
 * or `schema.type_unsupported`.
 */
export async function readIcebergSnapshot(
  store: Store,
  address: string,
  options: IcebergReadOptions = {},
): Promise<Snapshot> {
  const isKey = options.metadata === undefined && isMetadataKey(address);
  const key = options.metadata?.key ?? (isKey ? address : await newestMetadataKey(store, address));
  const folder = isKey ? parent(parent(address)) : address;
  const body = options.metadata?.body ?? (await read(store, key, mostMetadataBytes, notFound(store, key)));
  const metadata = parseIcebergMetadata(key, body);
  const locations = locationsOf(store, folder, metadata.location);
  const chosen = choose(key, metadata, options);
  const schema = schemaById(key, metadata, chosen.schemaId);
  const logical = logicalSchema(key, schema, metadata.lastColumnId);
  const contents = await contentsOf(store, folder, key, metadata, locations, chosen.snapshot, schema);
  return {
    store,
    folder,
    // Snapshot ids are random and too long; what is read changes with the metadata, or with the chosen snapshot.
    version: chosen.versionMs,
    rowsVersion: chosen.versionMs,
    timestampMs: chosen.snapshot?.["timestamp-ms"] ?? metadata.lastUpdatedMs,
    tableId: metadata.tableUuid ?? metadata.location,
    schema: logical,
    hasFieldIds: true,
    schemaString: schemaString(logical),
    partitionColumns: [],
    files: contents.fileSet,
    properties: metadata.properties,
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    transactions: new Map(),
    provenance: undefined,
    iceberg: { metadataKey: key, version: chosen.versionMs },
    foreignIceberg: contents,
  };
}

function parent(key: string): string {
  return key.slice(0, Math.max(key.lastIndexOf("/"), 0));
}

function schemaString({ fields }: Schema): string {
  return JSON.stringify(typeToDelta({ kind: "struct", fields }));
}

interface Chosen {
  /** `undefined`: the table has no snapshot yet. */
  readonly snapshot: IcebergSnapshot | undefined;
  readonly schemaId: number;
  /** Grows with whatever changes what is read. */
  readonly versionMs: number;
}

/** A branch is read with the table's schema, one snapshot (and so a tag) with the schema of its time. */
function choose(key: string, metadata: IcebergMetadata, options: IcebergReadOptions): Chosen {
  const byId = (id: bigint): IcebergSnapshot => {
    const found = metadata.snapshots.find((one) => one["snapshot-id"] === id);
    if (found === undefined) throw versionNotFound(key, `snapshot ${id}`, snapshotList(metadata));
    return found;
  };
  const ofBranch = (id: bigint | undefined): Chosen => ({
    snapshot: id === undefined ? undefined : byId(id),
    schemaId: metadata.currentSchemaId,
    versionMs: metadata.lastUpdatedMs,
  });
  const ofSnapshot = (id: bigint): Chosen => {
    const snapshot = byId(id);
    return {
      snapshot,
      schemaId: snapshot["schema-id"] ?? metadata.currentSchemaId,
      versionMs: snapshot["timestamp-ms"],
    };
  };
  const { snapshotId, branch, tag, asOfMs } = options;
  if ([snapshotId, branch, tag, asOfMs].filter((one) => one !== undefined).length > 1)
    throw new OneCopyError(
      "table.version_not_found",
      "Name a branch or tag, a snapshot, or a time, and only one of them.",
    );
  if (snapshotId !== undefined) return ofSnapshot(snapshotId);
  if (asOfMs !== undefined) {
    const entry = metadata.snapshotLog.filter((one) => one["timestamp-ms"] <= asOfMs).at(-1);
    if (entry === undefined)
      throw versionNotFound(key, `snapshot at ${new Date(asOfMs).toISOString()}`, snapshotList(metadata));
    return ofSnapshot(entry["snapshot-id"]);
  }
  const named = (type: "branch" | "tag", name: string): bigint => {
    const found = metadata.refs.get(name);
    if (found?.type === type) return found.snapshotId;
    const all = [...metadata.refs].filter(([, ref]) => ref.type === type).map(([one]) => one);
    const list = all.slice(0, 20).join(", ") || "none";
    throw versionNotFound(key, `${type} ${JSON.stringify(name)}`, `It has: ${list}.`);
  };
  if (tag !== undefined) return ofSnapshot(named("tag", tag));
  // The current snapshot is that of the branch main, which older writers do not list.
  if (branch === undefined || (branch === "main" && !metadata.refs.has("main")))
    return ofBranch(metadata.currentSnapshotId);
  return ofBranch(named("branch", branch));
}

function snapshotList({ snapshots }: IcebergMetadata): string {
  const newest = snapshots
    .slice(-5)
    .map((one) => `${one["snapshot-id"]} (${one["timestamp-ms"]} ms)`)
    .join(", ");
  return snapshots.length === 0 ? "The table has no snapshot." : `The newest snapshots are: ${newest}.`;
}

function versionNotFound(key: string, what: string, remedy: string): OneCopyError {
  return new OneCopyError("table.version_not_found", `${key} has no ${what}.`, { remedy });
}

function notFound(store: Store, key: string): OneCopyError {
  return new OneCopyError("table.not_found", `There is no Iceberg metadata file at ${store.url}${key}.`, {
    remedy: "Check the address: it is a table's folder, or one of the files *.metadata.json in it.",
  });
}

async function contentsOf(
  store: Store,
  folder: string,
  key: string,
  metadata: IcebergMetadata,
  locations: Locations,
  snapshot: IcebergSnapshot | undefined,
  schema: IcebergSchema,
): Promise<IcebergContents & { readonly fileSet: FileSet }> {
  if (snapshot?.["key-id"] != null)
    throw unsupported(key, "encryption", "Have the table's owner provide a table that is not encrypted.");
  const fields = schema.fields;
  const current = fieldsById(fields);
  const pruned = new Set(fields.filter(({ type }) => type.kind === "primitive").map(({ id }) => id));
  const keepsBounds = (id: number): boolean => pruned.has(id) || id === filePathId;
  const paths = pathsOf(metadata, schema);
  const files = new Map<string, IcebergFile>();
  const data: { readonly entry: FileEntry; readonly path: string; readonly spec: PartitionSpec }[] = [];
  const deletes = new DeleteIndex();

  const take = (name: string, entry: FileEntry): void => {
    const spec = specOf(name, metadata, entry.specId);
    const path = locations.pathOf(entry.location);
    if (entry.content !== "data") {
      deletes.add(name, entry, path, spec);
      return;
    }
    if (entry.format !== "PARQUET")
      throw unsupported(
        name,
        `the data file ${entry.location} in the format ${entry.format}`,
        "Have the table's owner rewrite it as Parquet (write.format.default, rewrite_data_files).",
      );
    if (files.has(path)) throw manifestDamaged(name, `the snapshot lists ${entry.location} twice`);
    const scope = {
      location: entry.location,
      sequenceNumber: entry.sequenceNumber,
      partitionKey: partitionKey(entry, spec),
    };
    files.set(path, { ...scope, path, identity: identityValues(name, entry, spec, paths, current) });
    data.push({ entry, path, spec });
  };

  const manifests = snapshot === undefined ? [] : await manifestsOf(store, folder, key, locations, snapshot);
  const live = manifests.filter(({ mayBeLive }) => mayBeLive);
  for (let from = 0; from < live.length; from += manifestsAtOnce) {
    const batch = live.slice(from, from + manifestsAtOnce).map(async (manifest) => {
      const manifestKey = keyIn(folder, locations.pathOf(manifest.location));
      return { manifest, manifestKey, body: await readManifestFile(store, manifestKey) };
    });
    for (const { manifest, manifestKey, body } of await Promise.all(batch))
      for (const entry of readLiveEntries(manifestKey, body, manifest, keepsBounds)) take(manifestKey, entry);
  }
  const modifiedMs = snapshot?.["timestamp-ms"] ?? 0;
  const all = fileSet(
    data.map(({ entry, path, spec }): DataFile => {
      const vector = deletes.appliedTo(files.get(path)!).vector;
      const deletionVector = vector === undefined ? undefined : vectorOf(store, folder, vector);
      return {
        path,
        sizeBytes: entry.sizeBytes,
        rows: entry.rows,
        modifiedMs,
        stats: statsText(entry, partitionRanges(entry, spec, current), fields),
        partitionValues: {},
        tags: {},
        dataChange: true,
        deletionVector,
      };
    }),
  );
  return {
    fields,
    paths,
    nameMapping: parseNameMapping(key, metadata.properties["schema.name-mapping.default"]),
    files,
    deletes,
    // How many rows other deletes leave is not known before they are read.
    fileSet: deletes.onlyVectors ? all : withoutRowCount(all),
  };
}

const filePathId = 2_147_483_546;

async function manifestsOf(
  store: Store,
  folder: string,
  key: string,
  locations: Locations,
  snapshot: IcebergSnapshot,
): Promise<ManifestListEntry[]> {
  const list = snapshot["manifest-list"];
  if (list != null) {
    const listKey = keyIn(folder, locations.pathOf(list));
    return readManifestListEntries(listKey, await readManifestFile(store, listKey));
  }
  // Early writers of version 1 listed the manifests in the snapshot itself.
  const { manifests } = snapshot;
  if (manifests == null) throw damaged(key, `snapshot ${snapshot["snapshot-id"]} has no manifest-list`);
  return manifests.map((location) => ({
    location,
    specId: undefined,
    content: "data",
    sequenceNumber: 0n,
    mayBeLive: true,
  }));
}

async function readManifestFile(store: Store, key: string): Promise<Uint8Array> {
  return await read(
    store,
    key,
    mostManifestBytes,
    manifestDamaged(key, "it is missing, and the snapshot needs it"),
  );
}

async function read(store: Store, key: string, mostBytes: number, absent: OneCopyError): Promise<Uint8Array> {
  const found = await store.get(key, { offset: 0, length: mostBytes });
  if (found.kind === "absent") throw absent;
  if (found.entry.sizeBytes > mostBytes)
    throw damaged(key, `it has ${found.entry.sizeBytes} bytes; up to ${mostBytes} are read`);
  return found.body;
}

function specOf(name: string, metadata: IcebergMetadata, id: number): PartitionSpec {
  const spec = metadata.specs.get(id);
  if (spec === undefined)
    throw manifestDamaged(name, `its partition spec ${id} is not in the table's metadata`);
  return spec;
}

/** The chosen schema's first, then the newest that has the field. */
function pathsOf(metadata: IcebergMetadata, chosen: IcebergSchema): Map<number, readonly IcebergField[]> {
  const paths = new Map<number, readonly IcebergField[]>();
  const visit = (field: IcebergField, above: readonly IcebergField[]): void => {
    const path = [...above, field];
    if (!paths.has(field.id)) paths.set(field.id, path);
    // Not into lists and maps: nothing that is asked for by its path is in them.
    if (field.type.kind === "struct") for (const child of field.type.fields) visit(child, path);
  };
  const newestFirst = [...metadata.schemas].sort((a, b) => b.id - a.id);
  for (const schema of [chosen, ...newestFirst]) for (const field of schema.fields) visit(field, []);
  return paths;
}

/** As Delta would name it: the blob in a Puffin file is what a `.bin` file has behind its first byte. */
function vectorOf(store: Store, folder: string, vector: VectorFile): DeletionVector {
  const location = icebergLocation(store, keyIn(folder, vector.path));
  return {
    storageType: "p",
    pathOrInlineDv: location
      .split("/")
      .map((part, i) => (i === 0 ? part : encodeURIComponent(part)))
      .join("/"),
    offset: vector.offset,
    sizeInBytes: vector.lengthBytes - 8,
    cardinality: vector.rows,
  };
}

/** A set that does not say how many rows are left. */
function withoutRowCount(files: FileSet): FileSet {
  return {
    count: files.count,
    sizeBytes: files.sizeBytes,
    rows: undefined,
    withDeletedRows: files.withDeletedRows,
    get: (path) => files.get(path),
    paths: () => files.paths(),
    some: (test) => files.some(test),
    changed: (changes) => withoutRowCount(files.changed(changes)),
    [Symbol.iterator]: () => files[Symbol.iterator](),
  };
}
