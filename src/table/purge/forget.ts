import type { TableAccess } from "../access.ts";
import { writeCheckpoint } from "../delta/write-checkpoint.ts";
import { kindOf } from "../maintain/inventory.ts";
import { defaultGraceMs, keptVersionsOf } from "../maintain/kept.ts";
import { writePurged } from "../maintain/mark.ts";
import { reachOf } from "../maintain/reach.ts";
import { sweep } from "../maintain/vacuum.ts";
import { keyIn } from "../path.ts";
import { blocked } from "./incomplete.ts";
import { forgetLog } from "./log.ts";

/** Longer than any retention: files that left are then not in a checkpoint. */
const longAfterMs = 1000 * 365 * 86_400_000;

/**
 * Deletes everything from which only versions before `fence` are made, as far as it was there before (`wasThere`): what
 * came later may belong to a new write. Of objects that no table has, those that hold a value go (`found`). Gives how many
 * objects went. Fails with `table.purge_blocked`.
 */
export async function forget(
  table: TableAccess,
  fence: number,
  wasThere: (key: string) => boolean,
  found: ReadonlySet<string>,
): Promise<number> {
  const { store, folder } = table;
  const state = await table.stateAt(fence);
  // What is known of the files comes from a checkpoint that is just going.
  await state.files();
  await (await table.state()).files();
  await writeCheckpoint(store, folder, state, { now: Date.now() + longAfterMs });
  const now = Date.now();
  const kept = { ...(await keptVersionsOf(store, folder, now)), oldest: fence };
  const reach = await reachOf(kept, { nowMs: now, graceMs: defaultGraceMs });
  if (reach.unknownClones.length > 0) throw blocked(folder, reach.unknownClones);
  // From here on no version before counts: should this die, the next vacuum takes what only they had.
  await writePurged(store, folder, { version: fence, isFinished: false });
  let deleted = await forgetLog(store, folder, fence, wasThere);
  const swept = await sweep(reach, ({ key }) => wasThere(key), false, {});
  deleted += swept.deleted.reduce((sum, { objects }) => sum + objects, 0);
  const prefix = keyIn(folder, "");
  for (const key of found) {
    if (!key.startsWith(prefix) || kindOf(key.slice(prefix.length)) !== "unknown") continue;
    await store.delete(key);
    deleted++;
  }
  // Before the last look: who writes a checkpoint looks for this afterwards, so that one of both sees the other.
  await writePurged(store, folder, { version: fence, isFinished: true });
  return deleted;
}
