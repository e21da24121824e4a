import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What lies somewhere; `problem` says why it may be more. */
export interface Size {
  readonly files: number;
  readonly sizeBytes: number;
  readonly problem?: string;
}

export const NOTHING: Size = { files: 0, sizeBytes: 0 };

/**
 * Files and bytes under a folder; nothing when it is not there. A link counts as itself. `countedElsewhere`: files and
 * folders under it that are left out.
 */
export async function measureFolder(
  folder: string,
  countedElsewhere: (path: string) => boolean,
): Promise<Size> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return NOTHING;
    const why = code === "ENOTDIR" ? "is not a folder" : `cannot be read (${code})`;
    return { ...NOTHING, problem: `${folder} ${why}` };
  }
  const paths = names.map((name) => join(folder, name)).filter((path) => !countedElsewhere(path));
  const sizes = await Promise.all(paths.map((path) => measurePath(path, countedElsewhere)));
  return sizes.reduce(add, NOTHING);
}

async function measurePath(path: string, countedElsewhere: (path: string) => boolean): Promise<Size> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return NOTHING;
  return found.isDirectory() ? measureFolder(path, countedElsewhere) : { files: 1, sizeBytes: found.size };
}

function add(a: Size, b: Size): Size {
  const problem = a.problem ?? b.problem;
  const sum = { files: a.files + b.files, sizeBytes: a.sizeBytes + b.sizeBytes };
  return problem === undefined ? sum : { ...sum, problem };
}
