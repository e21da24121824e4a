import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OneCopyError } from "../base/index.ts";
import type { Filter } from "../engine/index.ts";
import { type Store, openStore } from "../storage/index.ts";
import { type Snapshot, readDeltaSnapshot, readIcebergSnapshot } from "../table/index.ts";
import {
  type DeltaSharingPlace,
  type IcebergCatalogPlace,
  type RemoteVersion,
  catalogTableState,
  catalogTables,
  isPattern,
  openCatalogTable,
  openSharedTable,
  sharedChanges,
  sharedTables,
  sharedVersion,
} from "./remote/index.ts";

/**
 * A table that lives elsewhere: in storage that is reached from here (its address is relative to the configuration's
 * folder, or a URL), or behind somebody's server, which is asked for it.
 */
export type MountConfig = StoredMountConfig | ServedMountConfig;

type StoredMountConfig = DeltaMountConfig | IcebergMountConfig;
type ServedMountConfig = DeltaSharingMountConfig | IcebergCatalogMountConfig;

export interface DeltaMountConfig {
  /** The Delta table's folder. */
  readonly delta: string;
  /** Of the system that wrote it, for times that are written without a zone. */
  readonly timezone?: string | undefined;
}

export interface IcebergMountConfig {
  /** The Iceberg table's folder, or one of its metadata files. */
  readonly iceberg: string;
  /** At most one of these; else the table's newest snapshot. */
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** A snapshot's id, which may have more digits than a number keeps. */
  readonly snapshot?: string | number | undefined;
}

export interface DeltaSharingMountConfig {
  readonly delta_sharing: DeltaSharingPlace;
}

export interface IcebergCatalogMountConfig {
  readonly iceberg_catalog: IcebergCatalogPlace;
}

/**
 * A table that lives elsewhere, read in place. `baseFolder`: what a relative path starts from. `needed`: a server may
 * leave out files that hold none of these rows. Fails as `readDeltaSnapshot`, `readIcebergSnapshot`, `openSharedTable`
 * and `openCatalogTable` do.
 */
export async function openMount(
  definition: MountConfig,
  baseFolder: string,
  needed?: Filter,
): Promise<Snapshot> {
  if (isMountOfMany(definition)) {
    // It is opened only where its tables could not be listed: this says why.
    await mountsOfMany(definition, baseFolder);
    throw new OneCopyError(
      "remote.listed_late",
      `${mountAddress(definition)} could not be listed a moment ago.`,
      {
        remedy: "Run again: now it can be.",
      },
    );
  }
  if ("delta_sharing" in definition)
    return await openSharedTable(definition.delta_sharing, baseFolder, needed);
  if ("iceberg_catalog" in definition) return await openCatalogTable(definition.iceberg_catalog, baseFolder);
  const { root, metadataKey } = placeOf(definition, baseFolder);
  const store = openStore(root);
  if ("delta" in definition)
    return await readDeltaSnapshot(store, "", undefined, { writerZone: definition.timezone });
  const { branch, tag, snapshot } = definition;
  return await readIcebergSnapshot(store, metadataKey ?? "", {
    branch,
    tag,
    snapshotId: snapshot === undefined ? undefined : BigInt(snapshot),
  });
}

/** Whether a mount stands for all tables of a share, a schema or a namespace. */
export function isMountOfMany(definition: MountConfig): boolean {
  if ("delta_sharing" in definition) return isPattern(definition.delta_sharing.table);
  return "iceberg_catalog" in definition && isPattern(definition.iceberg_catalog.table);
}

/** The tables that it stands for now, each as a mount of its own, by name. Fails as {@link openMount} does. */
export async function mountsOfMany(
  definition: MountConfig,
  baseFolder: string,
): Promise<readonly { readonly name: string; readonly mount: MountConfig }[]> {
  if ("delta_sharing" in definition) {
    const { delta_sharing: place } = definition;
    const found = await sharedTables(place, baseFolder);
    return found.map(({ name, table }) => ({ name, mount: { delta_sharing: { ...place, table } } }));
  }
  if (!("iceberg_catalog" in definition)) return [];
  const { iceberg_catalog: place } = definition;
  const found = await catalogTables(place, baseFolder);
  return found.map(({ name, table }) => ({ name, mount: { iceberg_catalog: { ...place, table } } }));
}

/** What is known of a mount before its files are. */
export interface MountState extends RemoteVersion {
  /** Of a table behind a server it may be a newer version: then the next look at it shows that it changed. */
  readonly snapshot: () => Promise<Snapshot>;
}

/**
 * A mount's table, and the version since which none of its rows changed: of a server that is one small request, and its
 * files are listed only when they are asked for. Fails as {@link openMount} does.
 */
export async function mountState(definition: MountConfig, baseFolder: string): Promise<MountState> {
  const open = (): Promise<Snapshot> => openMount(definition, baseFolder);
  if (isMountOfMany(definition)) await open();
  if ("delta_sharing" in definition)
    return { ...(await sharedVersion(definition.delta_sharing, baseFolder)), snapshot: open };
  if ("iceberg_catalog" in definition) return await catalogTableState(definition.iceberg_catalog, baseFolder);
  const found = await open();
  return { tableId: found.tableId, version: found.rowsVersion, snapshot: async () => found };
}

/**
 * Rows of a mount that came, went or changed after a version, and perhaps others, where a server tells that;
 * undefined where it does not. Fails as {@link openMount} does.
 */
export async function mountChanges(
  definition: MountConfig,
  baseFolder: string,
  after: number,
): Promise<Snapshot | undefined> {
  return "delta_sharing" in definition
    ? await sharedChanges(definition.delta_sharing, baseFolder, after)
    : undefined;
}

/**
 * Where a mount is stored, whether or not it can be read now; undefined where only a server knows that. Fails as
 * `openStore` does.
 */
export function mountStore(definition: MountConfig, baseFolder: string): Store | undefined {
  if (isServed(definition)) return undefined;
  return openStore(placeOf(definition, baseFolder).root);
}

/** Whether somebody's server gives the mount's files. */
export function isServed(definition: MountConfig): definition is ServedMountConfig {
  return "delta_sharing" in definition || "iceberg_catalog" in definition;
}

/** The address of a mount, as it is configured. */
export function mountAddress(definition: MountConfig): string {
  if ("delta_sharing" in definition)
    return `${definition.delta_sharing.profile}#${definition.delta_sharing.table}`;
  if ("iceberg_catalog" in definition)
    return `${definition.iceberg_catalog.uri}#${definition.iceberg_catalog.table}`;
  return storedAddress(definition);
}

function storedAddress(definition: StoredMountConfig): string {
  return "delta" in definition ? definition.delta : definition.iceberg;
}

/** A metadata file lies in a folder of the table's folder, such as `metadata/`. */
function placeOf(
  definition: StoredMountConfig,
  baseFolder: string,
): { readonly root: string; readonly metadataKey?: string } {
  const text = storedAddress(definition);
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(text);
  const address = isUrl || isAbsolute(text) ? text : join(baseFolder, text);
  if ("delta" in definition || !/\.json(\.gz)?$/.test(address)) return { root: address };
  const parts = /^(.+)\/([^/]+\/[^/]+)$/.exec(address);
  if (parts === null)
    throw new OneCopyError("table.not_found", `${text} is in no folder of an Iceberg table.`, {
      remedy: "Give the table's folder, or the path <table>/metadata/<file>.metadata.json.",
    });
  const inFolder = parts[2]!;
  return {
    root: parts[1]!,
    metadataKey: /^file:/i.test(address) ? fileURLToPath(`file:///${inFolder}`).slice(1) : inFolder,
  };
}
