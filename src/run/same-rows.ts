import { OneCopyError } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import { type Snapshot, Table } from "../table/index.ts";

/**
 * Whether the rows of a Delta table are the same at two versions, as the commits in between tell: a load that wrote
 * everything again as it was, a foreign OPTIMIZE. False when that cannot be known any more.
 */
export async function sameRows(
  session: Session,
  { store, folder }: Pick<Snapshot, "store" | "folder">,
  from: number,
  to: number,
): Promise<boolean> {
  const changed = await unlessUntold(async () => {
    const table = await Table.open(store, folder);
    return await session.rows(`SELECT 1 FROM ${await table.changes(session, { from, to })} LIMIT 1`);
  });
  return changed?.length === 0;
}

/** What a log tells of changes; undefined where it does not tell them any more. */
export async function unlessUntold<Told>(tell: () => Promise<Told>): Promise<Told | undefined> {
  try {
    return await tell();
  } catch (error) {
    if (!(error instanceof OneCopyError) || error.code === "engine.cancelled") throw error;
    return undefined;
  }
}
