import type { TableAccess } from "../access.ts";
import { cloneMarkers } from "../maintain/clone-marker.ts";
import { defaultGraceMs } from "../maintain/kept.ts";
import { listLog } from "../maintain/log-listing.ts";
import { blocked } from "./incomplete.ts";

/** Folders of the clones that there are. Fails with `table.purge_blocked` where it is not known what one uses. */
export async function clonesOf({ store, folder }: TableAccess): Promise<string[]> {
  const now = Date.now();
  const clones: string[] = [];
  for (const { folder: clone, modifiedMs, key } of await cloneMarkers(store, folder)) {
    if (clone === undefined) throw blocked(folder, [key]);
    const { commits, checkpoints } = await listLog(store, clone);
    if (commits.length + checkpoints.length > 0) clones.push(clone);
    else if (modifiedMs > now - defaultGraceMs) throw blocked(folder, [clone]);
  }
  return clones;
}
