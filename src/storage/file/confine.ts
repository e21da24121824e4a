import { lstatSync } from "node:fs";
import { join } from "node:path";
import { badKey } from "../key.ts";

/**
 * The path of a checked key. Symbolic links below the root are not followed, wherever they lead (the root itself
 * may be one): a link is not an object, and one that leads out would let a key name any file of the machine.
 */
export function pathOf(root: string, key: string): string {
  let path = root;
  for (const segment of key.split("/")) {
    if (Buffer.byteLength(segment) > 255) throw badKey(key, "a name in it is longer than 255 bytes");
    path = join(path, segment);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) throw badKey(key, `${path} is a symbolic link`);
  }
  return path;
}
