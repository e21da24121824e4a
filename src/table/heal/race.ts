import type { IcebergSide, TableAccess } from "../access.ts";
import type { LogState } from "../delta/replay.ts";
import type { IcebergDataChange } from "../iceberg/change.ts";
import { converted } from "./convert.ts";
import { convertible } from "./heal.ts";
import { readSide } from "./side.ts";

/** What a commit builds on: an Iceberg side, the version that it shows, and what foreign versions did since. */
export interface Ground {
  readonly iceberg: IcebergSide;
  readonly at: LogState;
  readonly since: IcebergDataChange | undefined;
}

/** So often a lost race is followed by healing version by version. */
const patientAttempts = 3;

/**
 * The ground after others have won. Foreign versions are healed one by one; a writer that has lost several times,
 * since a foreign one commits without pause, takes what these did into its own snapshot instead: such a version has no
 * Iceberg metadata of its own, its rows are in the next one's.
 */
export async function groundAfterRace(
  table: TableAccess,
  before: Ground,
  newest: LogState,
  attempt: number,
): Promise<Ground> {
  const { store, folder } = table;
  const pointer = newest.iceberg;
  if (pointer?.version === newest.version || attempt < patientAttempts)
    return { iceberg: await table.iceberg(newest), at: newest, since: undefined };
  const isNewer = pointer !== undefined && pointer.version > before.iceberg.version;
  const iceberg = isNewer ? await readSide(store, folder, pointer) : before.iceberg;
  const at = isNewer ? await table.stateAt(iceberg.version) : before.at;
  const { target, files } = await convertible(store, folder, newest, iceberg, at);
  const { change } = await converted(store, folder, files, target);
  return { iceberg, at, since: change };
}
