import type { Store } from "../../storage/index.ts";
import { deletionVectorPath } from "../deletion/index.ts";
import { icebergPointer } from "../delta/find-pointer.ts";
import { readCommits } from "../delta/read-commits.ts";
import { type Elsewhere, elsewhere, isOutside } from "../elsewhere.ts";
import { decodePath, keyIn } from "../path.ts";
import type { DeletionVector, IcebergPointer } from "../snapshot.ts";
import { keyOfLocation } from "./iceberg-reach.ts";
import type { KeptVersions } from "./kept.ts";

const commitsAtOnce = 64;

/** What the Delta log of the kept versions names: keys of data files and deletion vectors. */
export interface DeltaReach {
  readonly current: (key: string) => void;
  readonly older: (key: string) => void;
  /** The Iceberg metadata that a commit of a kept version names. */
  readonly pointer: (pointer: IcebergPointer) => void;
}

/**
 * A file that an older kept version has is either in the newest one, or was removed since. Files outside the lake have no
 * key: only their deletion vectors are the table's.
 */
export async function walkDelta(kept: KeptVersions, reach: DeltaReach): Promise<void> {
  const { store, folder, newest, oldest, listing } = kept;
  const name = (found: (key: string) => void, path: string, vector: DeletionVector | undefined): void => {
    if (!isOutside({ path })) found(keyIn(folder, path));
    if (vector === undefined) return;
    const stored = deletionVectorPath(store, folder, vector);
    if (stored !== undefined) found(keyIn(folder, stored));
  };
  for (const { path, deletionVector } of await newest.files()) name(reach.current, path, deletionVector);
  const outside = elsewhere(store, newest.metaData.configuration);
  // The oldest version's own commit may be gone: a checkpoint stands for it.
  const first = Math.max(oldest, listing.commits[0]?.version ?? oldest);
  for (let from = first; from <= newest.version; from += commitsAtOnce) {
    const to = Math.min(newest.version, from + commitsAtOnce - 1);
    for (const { version, actions } of await readCommits(store, folder, from, to)) {
      const path = actions.commitInfo?.onecopy?.iceberg;
      const pointer = path === undefined ? undefined : icebergPointer(folder, version, path);
      if (pointer !== undefined) reach.pointer(pointer);
      if (version === oldest) continue;
      for (const removed of actions.removes)
        name(reach.older, pathOf(store, removed.path, outside), removed.deletionVector);
    }
  }
}

/** Also of a clone that was replaced since, whose properties no longer say where its files were. */
function pathOf(store: Store, encoded: string, outside: Elsewhere): string {
  return decodePath(encoded, (location) => {
    const key = keyOfLocation(store, location);
    return key === undefined ? outside(location) : `/${key}`;
  });
}
