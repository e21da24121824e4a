import { lstatSync } from "node:fs";
import { badKey } from "../key.ts";

/** How long a folder is taken for what it was: whoever can make a link of it can do so between two system calls, too. */
const rememberedMs = 1000;
const mostRemembered = 10_000;

/**
 * The paths of checked keys. Symbolic links below the root are not followed, wherever they lead (the root itself
 * may be one): a link is not an object, and one that leads out would let a key name any file of the machine.
 */
export class Confined {
  private readonly above: string;
  /** Folders that are no links, and when that was seen. */
  private readonly folders = new Map<string, number>();

  constructor(root: string) {
    this.above = root.endsWith("/") ? root : `${root}/`;
  }

  pathOf(key: string): string {
    const path = this.pathInFolder(key);
    if (isLinkAt(path)) throw isLink(key, path);
    return path;
  }

  /** As {@link pathOf}, for who looks itself at what stands there. */
  pathInFolder(key: string): string {
    const slash = key.lastIndexOf("/");
    checkName(key.slice(slash + 1), key);
    if (slash > 0) this.checkFolder(key.slice(0, slash), key);
    return this.above + key;
  }

  private checkFolder(folder: string, key: string): void {
    const nowMs = performance.now();
    const seenMs = this.folders.get(folder);
    if (seenMs !== undefined && nowMs - seenMs < rememberedMs) return;
    const slash = folder.lastIndexOf("/");
    checkName(folder.slice(slash + 1), key);
    if (slash > 0) this.checkFolder(folder.slice(0, slash), key);
    const path = this.above + folder;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() === true) throw isLink(key, path);
    if (this.folders.size >= mostRemembered) this.folders.clear();
    if (found?.isDirectory() === true) this.folders.set(folder, nowMs);
  }
}

function checkName(name: string, key: string): void {
  if (name.length > 63 && Buffer.byteLength(name) > 255)
    throw badKey(key, "a name in it is longer than 255 bytes");
}

function isLinkAt(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** A link where an object would be. */
export function isLink(key: string, path: string): Error {
  return badKey(key, `${path} is a symbolic link`);
}
