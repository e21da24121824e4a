import { type Dirent, lstatSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { hiddenFolder } from "../key.ts";
import { compareKeys } from "../key-order.ts";
import type { ObjectEntry } from "../store.ts";
import { entryOf } from "./entry.ts";
import { isAbsence } from "./error.ts";

const statsAtOnce = 64;

/**
 * The objects below `root` with a prefix, in key order, one folder in memory at a time. `prefix` is checked.
 * Symbolic links, and names that are not UTF-8, are no objects.
 */
export async function* listFiles(
  root: string,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<ObjectEntry> {
  yield* listFolder(root, prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix, startAfter);
}

/** `above` is the folder's own key with a closing slash, or "" for the root. */
async function* listFolder(
  root: string,
  above: string,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<ObjectEntry> {
  const children = (await entriesAfter(root, above, startAfter))
    .map((found) => childOf(above, found))
    .filter((child) => child !== undefined)
    .filter(({ key, isFolder }) =>
      isFolder ? key.startsWith(prefix) || prefix.startsWith(key) : key.startsWith(prefix),
    )
    .filter(
      ({ key, isFolder }) =>
        startAfter === undefined ||
        compareKeys(key, startAfter) > 0 ||
        (isFolder && startAfter.startsWith(key)),
    )
    .sort((a, b) => compareKeys(a.key, b.key));
  for (let from = 0; from < children.length; from += statsAtOnce) {
    const some = children.slice(from, from + statsAtOnce);
    const entries = await Promise.all(
      some.map(async ({ key, isFolder }) => (isFolder ? undefined : entryAt(root, key))),
    );
    for (const [i, { key, isFolder }] of some.entries()) {
      const entry = entries[i];
      if (isFolder) yield* listFolder(root, key, prefix, startAfter);
      else if (entry !== undefined) yield entry;
    }
  }
}

/** A folder's key ends with its slash, so that it sorts as the keys below it do: `a.b` comes before `a/b`. */
function childOf(above: string, found: FolderEntry): { key: string; isFolder: boolean } | undefined {
  if (found.isFile()) return { key: above + found.name, isFolder: false };
  if (found.isDirectory() && found.name !== hiddenFolder)
    return { key: `${above}${found.name}/`, isFolder: true };
  return undefined;
}

type FolderEntry = Pick<Dirent, "name" | "isFile" | "isDirectory">;

/**
 * What is in a folder, and may come after a key. A writer asks a long log for what is new before every commit: names alone
 * are read in half the time, and only of the few that are new one has to know what they are.
 */
async function entriesAfter(
  root: string,
  above: string,
  startAfter: string | undefined,
): Promise<readonly FolderEntry[]> {
  const folder = join(root, above);
  const withTypes = (): Promise<Dirent[]> => orNone(readdir(folder, { withFileTypes: true }));
  if (startAfter === undefined || !startAfter.startsWith(above)) return await withTypes();
  const after = startAfter.slice(above.length);
  const names = (await orNone(readdir(folder))).filter(
    (name) => compareKeys(`${name}/`, after) > 0 || after.startsWith(`${name}/`),
  );
  if (names.length > statsAtOnce) return await withTypes();
  return names.flatMap((name) => {
    const type = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (type === undefined) return [];
    return [{ name, isFile: () => type.isFile(), isDirectory: () => type.isDirectory() }];
  });
}

/** A folder that is not there has nothing in it. */
async function orNone<T>(entries: Promise<T[]>): Promise<T[]> {
  try {
    return await entries;
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function entryAt(root: string, key: string): Promise<ObjectEntry | undefined> {
  try {
    return entryOf(key, await stat(join(root, key), { bigint: true }));
  } catch (error) {
    if (isAbsence(error)) return undefined; // deleted since the folder was read
    throw error;
  }
}
