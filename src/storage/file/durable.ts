import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./error.ts";

/** Makes what was written to a file, or what changed in a folder, survive a power cut. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file is durable only when every folder above it is, whichever process made that folder. */
export class DurableFolders {
  private readonly known = new Set<string>();

  constructor(private readonly root: string) {}

  /** Syncs a folder of the store, and those above it that this object has not synced yet. */
  async sync(folder: string): Promise<void> {
    await sync(folder);
    for (let path = folder; path !== this.root && !this.known.has(path); path = dirname(path)) {
      await sync(dirname(path));
      this.known.add(path);
    }
    if (!this.known.has(this.root)) {
      // The folder above the root is not ours, and may not even be readable.
      await sync(dirname(this.root)).catch((error: unknown) => {
        if (codeOf(error) !== "EACCES" && codeOf(error) !== "EPERM") throw error;
      });
      this.known.add(this.root);
    }
  }
}
