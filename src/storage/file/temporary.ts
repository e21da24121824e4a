import { mkdir, open, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { liveness, newId, processTag } from "../../base/index.ts";
import { hiddenFolder } from "../key.ts";
import { isAbsence } from "./error.ts";

const abandonedAfterMs = 24 * 3600 * 1000;

/** Where a file store keeps what is not an object yet. On the store's file system, so that a link can publish it. */
export class TemporaryFolder {
  readonly path: string;
  private swept: Promise<void> | undefined;

  constructor(root: string) {
    this.path = join(root, hiddenFolder);
  }

  /** A new file with this content, synced; its name says whose it is. */
  async write(body: Uint8Array | string, options: { readonly durable: boolean }): Promise<string> {
    await mkdir(this.path, { recursive: true });
    await (this.swept ??= this.sweep());
    const path = join(this.path, `${processTag}.${newId()}.tmp`);
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

  async remove(path: string): Promise<void> {
    await unlink(path).catch((error: unknown) => {
      if (!isAbsence(error)) throw error;
    });
  }

  /** Removes what dead processes left; it may hold customers' values. (A dead lock holds none, and falls when wanted.) */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.path)) {
      const path = join(this.path, name);
      if (name.endsWith(".tmp") && (await isAbandoned(path, name))) await this.remove(path);
    }
  }
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
