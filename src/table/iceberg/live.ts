import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { keyIn, pathOfLocation } from "../path.ts";
import { type ManifestEntry, entryDeleted, readManifest } from "./manifest.ts";
import { type ManifestFile, readManifestList } from "./manifest-list.ts";
import { type TableMetadata, currentSnapshot } from "./metadata.ts";

/** The manifests of a metadata's current snapshot, as its list names them. */
export async function manifestsOf(
  store: Store,
  folder: string,
  metadata: TableMetadata,
): Promise<ManifestFile[]> {
  const snapshot = currentSnapshot(metadata);
  if (snapshot === undefined) return [];
  const { key, body } = await read(store, folder, snapshot["manifest-list"]);
  return await readManifestList(key, body);
}

/** The entries of a manifest that are still in the table. */
export async function liveEntries(
  store: Store,
  folder: string,
  manifest: ManifestFile,
): Promise<ManifestEntry[]> {
  const { key, body } = await read(store, folder, manifest.manifest_path);
  const entries = await readManifest(key, body, manifest);
  return entries.filter((entry) => entry.status !== entryDeleted);
}

async function read(store: Store, folder: string, location: string) {
  const key = keyIn(folder, pathOfLocation(store, folder, location));
  const found = await store.get(key);
  if (found.kind === "absent")
    throw new OneCopyError(
      "table.manifest_damaged",
      `${key} is missing; the table's Iceberg metadata needs it.`,
      {
        remedy: "Restore it from a backup of the lake. The Delta side of the table is not affected.",
      },
    );
  return { key, body: found.body };
}
