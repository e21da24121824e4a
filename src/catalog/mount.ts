import { isAbsolute, join } from "node:path";
import { openStore } from "../storage/index.ts";
import { type Snapshot, readDeltaSnapshot } from "../table/index.ts";

export interface MountConfig {
  /** The Delta table's folder, relative to the configuration's, or a URL. */
  readonly delta: string;
}

/** The newest version of a table that lives elsewhere, read in place. `baseFolder`: what a relative path starts from. Fails as `readDeltaSnapshot` does. */
export async function openMount(definition: MountConfig, baseFolder: string): Promise<Snapshot> {
  return await readDeltaSnapshot(openStore(addressOf(definition, baseFolder)), "");
}

/** The folder of a mount, whether or not it can be read now. Fails as `openStore` does. */
export function mountFolder(definition: MountConfig, baseFolder: string): string {
  return openStore(addressOf(definition, baseFolder)).locate("");
}

function addressOf({ delta }: MountConfig, baseFolder: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(delta);
  return isUrl || isAbsolute(delta) ? delta : join(baseFolder, delta);
}
