import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { IcebergSide, TableAccess } from "../access.ts";
import { readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import type { LogState } from "../delta/replay.ts";
import { keyIn, pathOfLocation } from "../path.ts";
import type { CommitOutcome } from "../snapshot.ts";
import { prepareVersion } from "../heal/heal.ts";
import { newestPointer } from "../heal/pointer.ts";
import { readSide } from "../heal/side.ts";

/**
 * Whether files of the newest Iceberg side are gone. Trino's VACUUM deletes by age whatever the Delta log does not name,
 * and spares no folder; so the oldest manifest is looked at beside what is newest.
 */
export async function isIcebergLost({ store, folder }: TableAccess, state: LogState): Promise<boolean> {
  const pointer = await newestPointer(store, folder, state);
  if (pointer === undefined) return false;
  try {
    const { manifests } = await readSide(store, folder, pointer);
    const [oldest] = [...manifests].sort((a, b) => Number(a.sequence_number - b.sequence_number));
    if (oldest === undefined) return false;
    const key = keyIn(folder, pathOfLocation(store, folder, oldest.manifest_path));
    return (await store.head(key)).kind === "absent";
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.iceberg_lost") return true;
    throw error;
  }
}

/**
 * A commit that changes no row, and whose Iceberg side is written anew from the Delta log: it knows of no earlier version.
 * Columns keep their ids, which stand in the Delta schema.
 */
export async function rebuildIceberg(table: TableAccess, state: LogState): Promise<CommitOutcome> {
  const { store, folder } = table;
  let side = await anew(store, folder, state);
  const { schema, partitionColumns } = metaOf(folder, state, side);
  const access: TableAccess = {
    store,
    folder,
    state: async () => await table.state(),
    stateAt: async (version) => await table.stateAt(version),
    iceberg: async (at) => (at.version === side.version ? side : (side = await anew(store, folder, at))),
    committed: (made, before) => table.committed(made, before),
    settled: async () => await table.settled(),
  };
  return await commit(access, state, {
    operation: "REBUILD ICEBERG",
    parameters: {},
    reads: { reads: readsNothing, schema, partitionColumns },
  });
}

async function anew(store: Store, folder: string, state: LogState): Promise<IcebergSide> {
  const { prepared } = await prepareVersion(store, folder, state, undefined, undefined);
  return { ...prepared, version: state.version };
}
