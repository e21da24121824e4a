import type { IcebergSide, TableAccess } from "../access.ts";
import type { LogState } from "../delta/replay.ts";
import type { IcebergDataChange } from "../iceberg/change.ts";
import { converted } from "./convert.ts";
import { convertible, healVersion } from "./heal.ts";
import { newestPointer } from "./pointer.ts";
import { readSide } from "./side.ts";

/** What a commit builds on: an Iceberg side, the version that it shows, and what foreign versions did since. */
export interface Ground {
  readonly iceberg: IcebergSide;
  readonly at: LogState;
  readonly since: IcebergDataChange | undefined;
}

/** So often a lost race is followed by healing version by version, as long as no more versions than these have come. */
const patientAttempts = 3;
const patientVersions = 10;

/**
 * The ground after others have won. Foreign versions are healed one by one; a writer that has lost several times,
 * since a foreign one commits without pause, takes what these did into its own snapshot instead: such a version has no
 * Iceberg metadata of its own, its rows are in the next one's. What a writer has to do between two looks at the log must
 * not grow with what it has lost, or a fast foreign writer keeps it out for ever: when much has come together, the newest
 * version alone is healed, which nobody can win against us, and the count begins anew.
 */
export async function groundAfterRace(
  table: TableAccess,
  before: Ground,
  newest: LogState,
  attempt: number,
): Promise<Ground> {
  const { store, folder } = table;
  // Somebody else may have healed meanwhile: readers have been given those snapshots, and are to find them again.
  const pointer = await newestPointer(store, folder, newest);
  const isNewer = pointer !== undefined && pointer.version > before.iceberg.version;
  const behind = newest.version - (isNewer ? pointer.version : before.iceberg.version);
  if (behind === 0 || (attempt < patientAttempts && behind <= patientVersions))
    return { iceberg: await table.iceberg(newest), at: newest, since: undefined };
  const iceberg = isNewer ? await readSide(store, folder, pointer) : before.iceberg;
  const at = isNewer ? await table.stateAt(iceberg.version) : before.at;
  if (behind > patientVersions)
    return {
      iceberg: await healVersion(store, folder, newest, iceberg, at),
      at: newest,
      since: undefined,
    };
  const { target, files } = await convertible(store, folder, newest, iceberg, at);
  const { change } = await converted(store, folder, files, target);
  return { iceberg, at, since: change };
}

/** Whether somebody has given a version an Iceberg side that the ground took in: readers have been given its snapshot, and are to find it again. */
export async function isHealedSince(
  { store, folder }: TableAccess,
  { iceberg, since }: Ground,
  state: LogState,
): Promise<boolean> {
  if (since === undefined) return false;
  const pointer = await newestPointer(store, folder, state);
  return pointer !== undefined && pointer.version > iceberg.version;
}
