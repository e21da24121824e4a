import { constants, rmSync } from "node:fs";
import { copyFile, mkdir, open, readdir, readFile, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { liveness, newId, processTag } from "../../base/index.ts";
import { hiddenFolder } from "../key.ts";
import { sync } from "./durable.ts";
import { isAbsence } from "./error.ts";

const abandonedAfterMs = 24 * 3600 * 1000;

/** Where a file store keeps what is not an object yet. On the store's file system, so that a link can publish it. */
export class TemporaryFolder {
  readonly path: string;
  private readonly staging: string;
  private swept: Promise<void> | undefined;

  constructor(root: string) {
    this.path = join(root, hiddenFolder);
    this.staging = join(this.path, `${processTag}.${newId()}.stage`);
  }

  /** The folder in which an engine may make files, for this object alone; wiped when the process ends. */
  async stagingFolder(): Promise<string> {
    await mkdir(this.staging, { recursive: true, mode: 0o700 });
    await (this.swept ??= this.sweep());
    wipeAtExit(this.staging);
    return this.staging;
  }

  /** A new file with this content, synced; its name says whose it is. */
  async write(body: Uint8Array | string, options: { readonly durable: boolean }): Promise<string> {
    const path = await this.newPath();
    const handle = await open(path, "wx");
    try {
      await handle.writeFile(body);
      if (options.durable) await handle.sync();
    } catch (error) {
      await this.remove(path);
      throw error;
    } finally {
      await handle.close();
    }
    return path;
  }

  /** A new file with the content of one elsewhere, synced. */
  async copy(localPath: string): Promise<string> {
    const path = await this.newPath();
    try {
      await copyFile(localPath, path, constants.COPYFILE_EXCL);
      await sync(path);
    } catch (error) {
      await this.remove(path);
      throw error;
    }
    return path;
  }

  private async newPath(): Promise<string> {
    await mkdir(this.path, { recursive: true });
    await (this.swept ??= this.sweep());
    return join(this.path, `${processTag}.${newId()}.tmp`);
  }

  async remove(path: string): Promise<void> {
    await unlink(path).catch((error: unknown) => {
      if (!isAbsence(error)) throw error;
    });
  }

  /** Removes what dead processes left; it may hold customers' values. (A dead lock holds none, and falls when wanted.) */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.path)) {
      const path = join(this.path, name);
      if (!/\.(tmp|stage)$/.test(name) || !(await isAbandoned(path, name))) continue;
      await rm(path, { recursive: true, force: true });
    }
  }
}

const staged = new Set<string>();

function wipeAtExit(folder: string): void {
  if (staged.size === 0)
    process.once("exit", () => {
      for (const path of staged) rmSync(path, { recursive: true, force: true });
    });
  staged.add(folder);
}

/** Of a process that no longer runs; where that cannot be told, a day old. */
async function isAbandoned(path: string, owner: string): Promise<boolean> {
  const state = liveness(owner);
  if (state !== "elsewhere") return state === "gone";
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs;
}

export async function readOrAbsent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
