import { createHash } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { objectMissing, objectUnstable } from "./partial-copy.ts";

const atOnce = 6;
/** Memory stays at `atOnce` pieces, whatever the size of the objects. */
const pieceBytes = 8 * 2 ** 20;

interface Copy {
  readonly etag: string;
  readonly path: string;
}

/** Copies of objects in a folder, one for each version of an object that was asked for. */
export class Downloads {
  private readonly folder: string;
  private readonly copies = new Map<string, Promise<Copy>>();
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(scratchFolder: string) {
    this.folder = join(scratchFolder, "objects");
  }

  async path(store: Store, key: string): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    const id = createHash("sha256").update(`${store.url}\0${key}`).digest("hex").slice(0, 32);
    const known = this.copies.get(id);
    const present = known === undefined ? undefined : await known.catch(() => undefined);
    if (present !== undefined && (await this.inTurn(() => isCurrent(store, key, present))))
      return present.path;
    // Somebody else may have started meanwhile.
    if (this.copies.get(id) !== known) return (await this.copies.get(id)!).path;
    const copy = this.inTurn(() => download(store, key, this.folder, id));
    this.copies.set(id, copy);
    return (await copy).path;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running === atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}

async function isCurrent(store: Store, key: string, copy: Copy): Promise<boolean> {
  const head = await store.head(key);
  return head.kind === "found" && head.entry.etag === copy.etag;
}

/** A copy never changes once it is made: another version of the object becomes another file. */
async function download(store: Store, key: string, folder: string, id: string): Promise<Copy> {
  const path = join(folder, `${id}-${newId()}${/^\.[a-z0-9]{1,8}$/.exec(extname(key))?.[0] ?? ""}`);
  const file = await open(path, "wx", 0o600);
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      const etag = await copyPieces(store, key, (body, offset) => file.write(body, 0, body.length, offset));
      if (etag !== undefined) return { etag, path };
      await file.truncate();
    }
    throw objectUnstable(store, key);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The etag of what was copied; nothing when the object changed meanwhile. */
async function copyPieces(
  store: Store,
  key: string,
  write: (body: Uint8Array, offset: number) => Promise<unknown>,
): Promise<string | undefined> {
  let etag: string | undefined;
  for (let offset = 0; ; offset += pieceBytes) {
    const got = await store.get(key, { offset, length: pieceBytes });
    if (got.kind === "absent") {
      if (etag !== undefined) return undefined;
      throw objectMissing(store, key);
    }
    if (etag !== undefined && got.entry.etag !== etag) return undefined;
    etag = got.entry.etag;
    await write(got.body, offset);
    if (offset + got.body.length >= got.entry.sizeBytes) return etag;
  }
}
