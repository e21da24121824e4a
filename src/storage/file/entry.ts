import type { BigIntStats } from "node:fs";
import type { ObjectEntry } from "../store.ts";

/**
 * The etag is time of last change, inode and size. Time and inode alone could come back (an inode is used again
 * within the tick of the file system's clock), so every write sets a time later than its predecessor's.
 */
export function etagOf(stats: BigIntStats): string {
  return [stats.mtimeNs, stats.ino, stats.size].map((part) => part.toString(36)).join("-");
}

export function entryOf(key: string, stats: BigIntStats): ObjectEntry {
  return { key, sizeBytes: Number(stats.size), etag: etagOf(stats), modifiedMs: Number(stats.mtimeMs) };
}
