import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { listDropFiles } from "../source/index.ts";

export interface Size {
  readonly files: number;
  readonly sizeBytes: number;
}

const NOTHING: Size = { files: 0, sizeBytes: 0 };

/** Files and bytes under a folder; nothing when it is not there. A link counts as itself. */
export async function measureFolder(folder: string): Promise<Size> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING;
    throw error;
  }
  const sizes = await Promise.all(names.map((name) => measurePath(join(folder, name))));
  return sizes.reduce(add, NOTHING);
}

/** Files and bytes that a source's glob matches. */
export async function measureGlob(folder: string, glob: string): Promise<Size> {
  const files = await listDropFiles(folder, glob);
  return files.reduce<Size>((sum, file) => add(sum, { files: 1, sizeBytes: file.sizeBytes }), NOTHING);
}

async function measurePath(path: string): Promise<Size> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return NOTHING;
  return found.isDirectory() ? measureFolder(path) : { files: 1, sizeBytes: found.size };
}

function add(a: Size, b: Size): Size {
  return { files: a.files + b.files, sizeBytes: a.sizeBytes + b.sizeBytes };
}
