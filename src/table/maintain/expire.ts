import type { TableAccess } from "../access.ts";
import { readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import type { LogState } from "../delta/replay.ts";
import type { CommitOutcome } from "../snapshot.ts";

/**
 * Takes Iceberg snapshots out of the metadata; one commit, which changes no row and conflicts with nobody. `undefined`:
 * none of them is there.
 */
export async function expireSnapshots(
  table: TableAccess,
  base: LogState,
  ids: ReadonlySet<bigint>,
): Promise<CommitOutcome | undefined> {
  const side = await table.iceberg(base);
  const expired = new Set(
    side.metadata.snapshots
      .map((one) => one["snapshot-id"])
      .filter((id) => ids.has(id) && id !== side.metadata["current-snapshot-id"]),
  );
  if (expired.size === 0) return undefined;
  const { schema, partitionColumns } = metaOf(table.folder, base, side);
  return await commit(table, base, {
    operation: "EXPIRE SNAPSHOTS",
    parameters: { snapshots: String(expired.size) },
    reads: { reads: readsNothing, schema, partitionColumns },
    expired,
  });
}
