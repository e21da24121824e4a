import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OneCopyError } from "../base/index.ts";
import { type Store, openStore } from "../storage/index.ts";
import { type Snapshot, readDeltaSnapshot, readIcebergSnapshot } from "../table/index.ts";

/** A table that lives elsewhere. Its address is relative to the configuration's folder, or a URL. */
export type MountConfig = DeltaMountConfig | IcebergMountConfig;

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

/**
 * A table that lives elsewhere, read in place. `baseFolder`: what a relative path starts from. Fails as
 * `readDeltaSnapshot` and `readIcebergSnapshot` do.
 */
export async function openMount(definition: MountConfig, baseFolder: string): Promise<Snapshot> {
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

/** Where a mount is, whether or not it can be read now. Fails as `openStore` does. */
export function mountStore(definition: MountConfig, baseFolder: string): Store {
  return openStore(placeOf(definition, baseFolder).root);
}

/** The address of a mount, as it is configured. */
export function mountAddress(definition: MountConfig): string {
  return "delta" in definition ? definition.delta : definition.iceberg;
}

/** A metadata file lies in a folder of the table's folder, such as `metadata/`. */
function placeOf(
  definition: MountConfig,
  baseFolder: string,
): { readonly root: string; readonly metadataKey?: string } {
  const text = mountAddress(definition);
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
