import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  read,
  readSync,
} from "node:fs";
import { promisify } from "node:util";
import { OneCopyError } from "../../base/index.ts";
import { sliceOf } from "../range.ts";
import type { ByteRange, GetOutcome, HeadOutcome } from "../store.ts";
import { isLink } from "./confine.ts";
import { entryOf } from "./entry.ts";
import { codeOf, isAbsence } from "./error.ts";

const largestReadBytes = 2 ** 31 - 1; // read(2) moves no more at once
/**
 * What is no larger is read at once, as the file system is asked for what there is: a turn of the thread pool costs
 * several times what such a call does, and a log is hundreds of small files.
 */
const smallReadBytes = 64 * 1024;
const readLater = promisify(read);

/** A file is replaced, never changed: what is read through one descriptor is one version of the object. */
export async function readFile(path: string, key: string, range?: ByteRange): Promise<GetOutcome> {
  const file = openFile(path, key);
  if (file === undefined) return { kind: "absent" };
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile()) return { kind: "absent" };
    const entry = entryOf(key, stats);
    const { from, to } = sliceOf(entry.sizeBytes, range);
    if (to - from > largestReadBytes)
      throw new OneCopyError("storage.too_large", `${path} has ${to - from} bytes, too many for one read.`, {
        remedy: "Read it by ranges, or by the engine.",
      });
    const body = new Uint8Array(to - from);
    for (let done = 0; done < body.length;) {
      const left = body.length - done;
      const bytesRead =
        left <= smallReadBytes
          ? readSync(file, body, done, left, from + done)
          : (await readLater(file, body, done, left, from + done)).bytesRead;
      if (bytesRead === 0)
        throw new OneCopyError("storage.failed", `${path} became shorter while it was read.`, {
          remedy: "Something writes to the store's files in place; OneCopy never does. Find and stop it.",
        });
      done += bytesRead;
    }
    return { kind: "found", body, entry };
  } finally {
    closeSync(file);
  }
}

export function statFile(path: string, key: string): HeadOutcome {
  let stats: BigIntStats | undefined;
  try {
    stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  if (stats?.isSymbolicLink() === true) throw isLink(key, path);
  return stats?.isFile() === true ? { kind: "found", entry: entryOf(key, stats) } : { kind: "absent" };
}

/** Its descriptor; undefined: there is none. */
function openFile(path: string, key: string): number | undefined {
  try {
    // Not blocking: opening a named pipe would wait for its writer for ever.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw codeOf(error) === "ELOOP" ? isLink(key, path) : error;
  }
}
