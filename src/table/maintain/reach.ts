import type { Store } from "../../storage/index.ts";
import type { IcebergSnapshot } from "../iceberg/metadata.ts";
import { keyIn, versionName } from "../path.ts";
import type { IcebergPointer } from "../snapshot.ts";
import { cloneMarkers } from "./clone-marker.ts";
import { walkDelta } from "./delta-reach.ts";
import { type KeptSnapshots, keptSnapshots, keyOfLocation, snapshotWalk } from "./iceberg-reach.ts";
import { type KeptVersions, keptVersions } from "./kept.ts";
import { KeySet } from "./key-set.ts";

/** What the kept versions of a table need, in whichever format, and what its clones need of it. */
export interface Reach {
  readonly kept: KeptVersions;
  readonly iceberg: KeptSnapshots;
  /** Data files and deletion vectors of the newest version. */
  readonly current: KeySet;
  /** Everything else that is reached. */
  readonly older: KeySet;
  /** Snapshots of which a file is gone; the versions that have them can no longer be read. */
  readonly broken: readonly IcebergSnapshot[];
  /** Keys of markers whose clone is there, or may still come to be. */
  readonly markers: ReadonlySet<string>;
  /** Why no data file may be deleted: a clone whose files are not known. */
  readonly unknownClones: readonly string[];
}

export interface ReachOptions {
  readonly nowMs: number;
  /** A marker of a clone that never came to be counts for so long. */
  readonly graceMs: number;
}

export async function reachOf(kept: KeptVersions, options: ReachOptions): Promise<Reach> {
  const { store, folder } = kept;
  const [current, older] = [new KeySet(), new KeySet()];
  const { iceberg, broken } = await walkTable(
    kept,
    (key) => current.add(key),
    (key) => older.add(key),
  );
  const markers = new Set<string>();
  const unknownClones: string[] = [];
  for (const marker of await cloneMarkers(store, folder)) {
    const clone =
      marker.folder === undefined ? undefined : await keptVersions(store, marker.folder, options.nowMs);
    if (clone === undefined) {
      if (marker.folder !== undefined && marker.modifiedMs < options.nowMs - options.graceMs) continue;
      markers.add(marker.key);
      unknownClones.push(marker.folder ?? marker.key);
      continue;
    }
    markers.add(marker.key);
    await walkTable(
      clone,
      (key) => older.add(key),
      (key) => older.add(key),
    );
  }
  return { kept, iceberg, current, older, broken, markers, unknownClones };
}

async function walkTable(
  kept: KeptVersions,
  current: (key: string) => void,
  older: (key: string) => void,
): Promise<{ iceberg: KeptSnapshots; broken: IcebergSnapshot[] }> {
  const { store, folder } = kept;
  const pointers: IcebergPointer[] = [];
  await walkDelta(kept, { current, older, pointer: (pointer) => void pointers.push(pointer) });
  const iceberg = await keptSnapshots(kept, pointers);
  for (const { version, metadataKey } of iceberg.pointers) {
    older(metadataKey);
    older(keyIn(folder, `_iceberg/pointer/${versionName(version)}.json`));
  }
  for (const location of iceberg.statistics) {
    const key = keyOfLocation(store, location);
    if (key !== undefined) older(key);
  }
  const walk = snapshotWalk(store, await existing(store, folder), older);
  const broken: IcebergSnapshot[] = [];
  for (const snapshot of iceberg.snapshots) if (!(await walk(snapshot))) broken.push(snapshot);
  return { iceberg, broken };
}

/** The objects in a table's folder; what lies elsewhere counts as there. */
async function existing(store: Store, folder: string): Promise<(key: string) => boolean> {
  const prefix = keyIn(folder, "");
  const keys = new KeySet();
  for await (const { key } of store.list(prefix)) keys.add(key);
  return (key) => keys.has(key) || !key.startsWith(prefix);
}
