import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../base/index.ts";

/** A process's own folder for what does not fit in memory: a copy of data, so it is wiped at start and exit. */
export interface SpillFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a folder of this process in `root`, and removes those of processes that no longer run. */
export async function openSpillFolder(root: string): Promise<SpillFolder> {
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const pid = /^(\d+)-[0-9a-f-]{36}$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(root, name), { recursive: true, force: true });
  }
  const path = join(root, `${process.pid}-${newId()}`);
  await mkdir(path);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
