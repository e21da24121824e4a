import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { openStore } from "../storage/index.ts";
import { type Snapshot, readDeltaSnapshot } from "../table/index.ts";

export const MountConfig = z.strictObject({
  delta: z
    .string()
    .min(1)
    .describe("Where the Delta table is: its folder, relative to the configuration file, or a URL."),
});

export type MountConfig = z.output<typeof MountConfig>;

/** The newest version of a table that lives elsewhere, read in place. `baseFolder`: what a relative path starts from. Fails as `readDeltaSnapshot` does. */
export async function openMount(definition: MountConfig, baseFolder: string): Promise<Snapshot> {
  const address = definition.delta;
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(address);
  const store = openStore(isUrl || isAbsolute(address) ? address : join(baseFolder, address));
  return await readDeltaSnapshot(store, "");
}
