import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { OneCopyError } from "../../base/index.ts";
import { sliceOf } from "../range.ts";
import type { ByteRange, GetOutcome, HeadOutcome } from "../store.ts";
import { entryOf } from "./entry.ts";
import { isAbsence } from "./error.ts";

const largestReadBytes = 2 ** 31 - 1; // read(2) moves no more at once

/** A file is replaced, never changed: what is read through one handle is one version of the object. */
export async function readFile(path: string, key: string, range?: ByteRange): Promise<GetOutcome> {
  return withFile(path, async (handle, stats) => {
    const entry = entryOf(key, stats);
    const { from, to } = sliceOf(entry.sizeBytes, range);
    if (to - from > largestReadBytes)
      throw new OneCopyError("storage.too_large", `${path} has ${to - from} bytes, too many for one read.`, {
        remedy: "Read it by ranges, or by the engine.",
      });
    const body = new Uint8Array(to - from);
    for (let done = 0; done < body.length;) {
      const { bytesRead } = await handle.read(body, done, body.length - done, from + done);
      if (bytesRead === 0)
        throw new OneCopyError("storage.failed", `${path} became shorter while it was read.`, {
          remedy: "Something writes to the store's files in place; OneCopy never does. Find and stop it.",
        });
      done += bytesRead;
    }
    return { kind: "found", body, entry };
  });
}

export async function statFile(path: string, key: string): Promise<HeadOutcome> {
  return withFile(path, async (_handle, stats) => ({ kind: "found", entry: entryOf(key, stats) }));
}

async function withFile<T>(
  path: string,
  work: (handle: FileHandle, stats: BigIntStats) => Promise<T>,
): Promise<T | { readonly kind: "absent" }> {
  let handle: FileHandle;
  try {
    // Not blocking: opening a named pipe would wait for its writer for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsence(error)) return { kind: "absent" };
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() ? await work(handle, stats) : { kind: "absent" };
  } finally {
    await handle.close();
  }
}
