import { realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Store } from "../storage/index.ts";

/** Where a path leads when all links are followed, also where its last parts do not exist. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

/** The real path of a store's folder. One that is no folder has its URL in its place, which no path begins with. */
export async function rootOf({ url }: Store): Promise<string> {
  return url.startsWith("file:") ? realPathOf(fileURLToPath(url)) : url;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The folders and files that an audit has rows for, by real path, so that each file is counted once: in the deepest. */
export class Places {
  private readonly places: ReadonlySet<string>;
  private readonly lakes: ReadonlySet<string>;

  /** `lake`: the lake's root and its tables' folders, which go before others of the same path. */
  constructor(
    private readonly root: string,
    tables: readonly string[],
    others: readonly string[],
  ) {
    this.lakes = new Set([root, ...tables]);
    this.places = new Set([...this.lakes, ...others]);
  }

  insideLake(path: string): boolean {
    return isWithin(path, this.root);
  }

  isOfLake(path: string): boolean {
    return this.lakes.has(path);
  }

  /** A file or folder that has a row of its own. */
  has(path: string): boolean {
    return this.places.has(path);
  }

  /** Whether a file of the lake is in a row that is not the lake's: its deepest place is neither the lake nor a table. */
  isSetApart(path: string): boolean {
    for (let at = path; at !== dirname(at); at = dirname(at)) {
      if (this.places.has(at)) return !this.lakes.has(at);
    }
    return false;
  }
}
