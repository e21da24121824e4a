import { open } from "node:fs/promises";
import { OneCopyError } from "../base/index.ts";

/** A file of this machine that is to become an object, read in pieces. */
export interface LocalFile {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function localFile(path: string): Promise<LocalFile> {
  const handle = await open(path, "r");
  const { size: sizeBytes } = await handle.stat();
  return {
    sizeBytes,
    async read(offset, length) {
      const body = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(body, done, length - done, offset + done);
        if (bytesRead === 0)
          throw new OneCopyError("storage.failed", `${path} became shorter while it was read.`, {
            remedy: "Something else writes to OneCopy's temporary files. Find and stop it.",
          });
        done += bytesRead;
      }
      return body;
    },
    close: () => handle.close(),
  };
}
