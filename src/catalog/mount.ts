import { isAbsolute, join } from "node:path";
import { openStore } from "../storage/index.ts";
import { type Snapshot, readDeltaSnapshot } from "../table/index.ts";

export interface MountConfig {
  /** The Delta table's folder, relative to the configuration's, or a URL. */
  readonly delta: string;
}

/** The newest version of a table that lives elsewhere, read in place. `baseFolder`: what a relative path starts from. Fails as `readDeltaSnapshot` does. */
export async function openMount(definition: MountConfig, baseFolder: string): Promise<Snapshot> {
  const address = definition.delta;
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(address);
  const store = openStore(isUrl || isAbsolute(address) ? address : join(baseFolder, address));
  return await readDeltaSnapshot(store, "");
}
