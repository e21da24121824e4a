import { closeSync, constants, fdatasync, fstatSync, openSync, write } from "node:fs";
import { promisify } from "node:util";

const writeLater = promisify(write);
const syncLater = promisify(fdatasync);

/**
 * How much a file grows by: empty lines, which later ones take the place of. A write into what is there already is on the disk
 * after one turn of it; one that makes the file longer takes a commit of the file system's journal.
 */
const roomBytes = 256 * 1024;

/**
 * Writes lines at an offset of a file, synced; at 0 it is made. Opened anew each time, so that who may not write any more does not,
 * and a file that somebody deleted gets nothing that would be lost with it.
 */
export async function appendAt(path: string, offset: number, lines: Uint8Array): Promise<void> {
  const { O_WRONLY, O_DSYNC, O_NOFOLLOW, O_NONBLOCK, O_CREAT, O_EXCL } = constants;
  const made = offset === 0 ? O_CREAT | O_EXCL : 0;
  const file = openSync(path, O_WRONLY | O_DSYNC | O_NOFOLLOW | O_NONBLOCK | made);
  try {
    const fits = offset + lines.length <= fstatSync(file).size;
    const body = fits ? lines : Buffer.concat([lines, Buffer.alloc(roomBytes, "\n")]);
    for (let done = 0; done < body.length;)
      done += (await writeLater(file, body, done, body.length - done, offset + done)).bytesWritten;
    // Elsewhere O_DSYNC leaves it in the drive's cache, or there is none.
    if (process.platform !== "linux") await syncLater(file);
    if (fstatSync(file).nlink === 0) throw new Error(`${path} was deleted while it was written.`);
  } finally {
    closeSync(file);
  }
}
