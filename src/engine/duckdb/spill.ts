import { rmSync } from "node:fs";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { liveness, newId, processTag } from "../../base/index.ts";

/** A process's own folder for what does not fit in memory: a copy of data, so it is wiped at start and exit. */
export interface SpillFolder {
  readonly path: string;
  remove(): Promise<void>;
}

const heartbeatMs = 60_000;
const abandonedAfterMs = 60 * heartbeatMs;

/** Makes a folder of this process in `root`, and removes those of processes that no longer run. */
export async function openSpillFolder(root: string): Promise<SpillFolder> {
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    if (await isAbandoned(root, name)) await rm(join(root, name), { recursive: true, force: true });
  }
  const path = join(root, `spill.${processTag}.${newId()}`);
  await mkdir(path, { mode: 0o700 });
  // Processes of other machines, containers and boots see by its time of change that the folder is in use.
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs).unref();
  // Again, when a query that is still under way adds a file meanwhile.
  const wipe = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  process.once("exit", wipe);
  return {
    path,
    remove: async () => {
      clearInterval(heartbeat);
      process.off("exit", wipe);
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function isAbandoned(root: string, name: string): Promise<boolean> {
  const tag = /^spill\.(.+)\.[0-9a-f-]{36}$/.exec(name)?.[1];
  if (tag === undefined) return false;
  const state = liveness(tag);
  if (state !== "elsewhere") return state === "gone";
  const found = await stat(join(root, name)).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs;
}
