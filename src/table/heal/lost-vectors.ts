import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { IcebergSide } from "../access.ts";
import { type LostVector, deletionVectorPath, putVectorsBack } from "../deletion/index.ts";
import type { LogState } from "../delta/replay.ts";
import { liveEntries, manifestBodies } from "../iceberg/live.ts";
import { contentDeletes } from "../iceberg/manifest.ts";
import { elsewhere } from "../elsewhere.ts";
import { keptVersions } from "../maintain/kept.ts";
import { keyIn, pathOfLocation } from "../path.ts";
import type { DataFile } from "../snapshot.ts";
import { newestPointer } from "./pointer.ts";
import { readSide } from "./side.ts";
import { stateAt } from "./state-at.ts";

/** Whether a commit says that somebody else cleaned up. */
export function isVacuum({ commitInfo }: LogState): boolean {
  return commitInfo?.onecopy === undefined && (commitInfo?.operation ?? "").startsWith("VACUUM");
}

/**
 * Puts deletion vectors back that somebody else's clean-up deleted. delta-rs does not know them, and takes them in a full
 * vacuum for files that nobody names, also those of the newest version. The position deletes of the same versions in
 * `_iceberg/`, which no VACUUM looks at, say the same. For the versions that are kept; what is gone of older ones stays so.
 */
export async function putLostVectorsBack(store: Store, folder: string, state: LogState): Promise<void> {
  const oldest = await oldestKept(store, folder, state);
  const lost = new Map<string, Map<string, LostVector>>();
  const known = new Map<string, boolean>();
  let earlier: LogState | undefined;
  for (let version = oldest; version <= state.version; version++) {
    const at = version === state.version ? state : await stateAt(store, folder, version, earlier);
    if (at === undefined) continue;
    earlier = at;
    const files: { file: DataFile; key: string }[] = [];
    for (const file of await at.files()) {
      const path = file.deletionVector && deletionVectorPath(store, folder, file.deletionVector);
      if (path === undefined) continue;
      const key = keyIn(folder, path);
      if (!known.has(key)) known.set(key, (await store.head(key)).kind === "absent");
      if (known.get(key) === true) files.push({ file, key });
    }
    const missing = files.filter(({ file, key }) => lost.get(key)?.has(nameOf(file)) !== true);
    if (missing.length === 0) continue;
    const pointer = await newestPointer(store, folder, at);
    if (pointer === undefined) continue;
    const deletes = await deletesOf(store, folder, at, await readSide(store, folder, pointer));
    for (const { file, key } of missing) {
      const found = deletes.get(file.path);
      if (found?.rows !== file.deletionVector!.cardinality) continue;
      const inFile = lost.get(key) ?? new Map<string, LostVector>();
      lost.set(key, inFile.set(nameOf(file), { vector: file.deletionVector!, deletesKey: found.key }));
    }
  }
  for (const [key, vectors] of lost) await putVectorsBack(store, key, [...vectors.values()]);
}

async function oldestKept(store: Store, folder: string, { version }: LogState): Promise<number> {
  try {
    return Math.min((await keptVersions(store, folder, Date.now()))?.oldest ?? version, version);
  } catch (error) {
    // A property that somebody set, and that says no time.
    if (error instanceof OneCopyError && error.code === "table.property_unsupported") return version;
    throw error;
  }
}

function nameOf({ deletionVector: vector }: DataFile): string {
  return `${vector!.pathOrInlineDv}@${vector!.offset}`;
}

/** The position-delete file of each data file. */
async function deletesOf(
  store: Store,
  folder: string,
  state: LogState,
  { manifests }: IcebergSide,
): Promise<Map<string, { readonly key: string; readonly rows: number }>> {
  const found = new Map<string, { key: string; rows: number }>();
  const outside = elsewhere(store, state.metaData.configuration);
  const deletes = manifests.filter(({ content }) => content === contentDeletes);
  for await (const manifest of manifestBodies(store, folder, deletes))
    for (const { data_file: file } of await liveEntries(manifest))
      if (file.referenced_data_file != null)
        found.set(pathOfLocation(store, folder, file.referenced_data_file, outside), {
          key: keyIn(folder, pathOfLocation(store, folder, file.file_path)),
          rows: Number(file.record_count),
        });
  return found;
}
