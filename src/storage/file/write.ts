import type { BigIntStats } from "node:fs";
import { link, lstat, rename, unlink, utimes } from "node:fs/promises";
import { codeOf, isAbsence } from "./error.ts";
import { etagOf } from "./entry.ts";

/** Gives an unpublished file the name `path` if nothing has it. Nothing when something does. */
export async function publishIfAbsent(temporary: string, path: string): Promise<string | undefined> {
  const etag = await stamp(temporary, undefined);
  try {
    await link(temporary, path);
    return etag;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    await refuseFolder(path);
    return undefined;
  }
}

/**
 * Gives an unpublished file the name `path`, in place of what has it. With `ifMatch`, nothing happens unless that
 * is the present etag. For the holder of the key's lock only: between looking and renaming nobody else may write.
 */
export async function publish(
  temporary: string,
  path: string,
  ifMatch?: string,
): Promise<string | undefined> {
  const present = await presentAt(path);
  if (ifMatch !== undefined && (present === undefined || etagOf(present) !== ifMatch)) return undefined;
  const etag = await stamp(temporary, present);
  await rename(temporary, path);
  return etag;
}

/** For the holder of the key's lock only. Whether there was something to remove. */
export async function remove(path: string): Promise<boolean> {
  const present = await presentAt(path);
  if (present === undefined) return false;
  await unlink(path);
  return true;
}

async function presentAt(path: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function refuseFolder(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR" });
}

const microsecond = 1e-6;

/** Sets a time of change that is now, and later than the predecessor's; see {@link etagOf}. Returns the new etag. */
async function stamp(temporary: string, predecessor: BigIntStats | undefined): Promise<string> {
  const now = Date.now() / 1000 + Math.random() / 1000;
  const after =
    predecessor === undefined ? 0 : Number(predecessor.mtimeNs / 1000n) * microsecond + 10 * microsecond;
  const time = Math.max(now, after);
  await utimes(temporary, time, time);
  return etagOf(await lstat(temporary, { bigint: true }));
}
