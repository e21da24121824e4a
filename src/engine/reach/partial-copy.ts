import { constants, open } from "node:fs/promises";
import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";

/** What is fetched at least: footers and columns lie close together, and each request takes its time. */
const blockBytes = 256 * 1024;
const mostBytesAtOnce = 8 * 2 ** 20;

/** A local copy of an object that holds what was asked for so far, and gaps. Each block is fetched once. */
export class PartialCopy {
  private readonly blocks = new Map<number, Promise<void>>();
  private etag: string | undefined;

  constructor(
    private readonly store: Store,
    private readonly key: string,
    readonly sizeBytes: number,
    /** Where it may be made. */
    private readonly path: string,
  ) {}

  /** Whether the object is still the one that this is a copy of; one that was not asked for yet is. */
  async isCurrent(): Promise<boolean> {
    if (this.etag === undefined) return true;
    const head = await this.store.head(this.key);
    return head.kind === "found" && head.entry.etag === this.etag;
  }

  /** The bytes from `offset` to `end`, in pieces; while one is taken, the next is fetched. */
  async *read(offset: number, end: number): AsyncGenerator<Uint8Array> {
    const pieces: { readonly from: number; readonly to: number }[] = [];
    for (let from = offset; from < end; from += mostBytesAtOnce)
      pieces.push({ from, to: Math.min(end, from + mostBytesAtOnce) });
    let next = pieces[0] && this.have(pieces[0].from, pieces[0].to);
    for (const [i, { from, to }] of pieces.entries()) {
      await next;
      const following = pieces[i + 1];
      next = following && this.have(following.from, following.to);
      // Whoever stops taking does not hear of it.
      next?.catch(() => undefined);
      yield await this.stored(from, to);
    }
  }

  private async have(from: number, to: number): Promise<void> {
    const [first, last] = [Math.floor(from / blockBytes), Math.floor((to - 1) / blockBytes)];
    for (let block = first; block <= last; block++) {
      if (this.blocks.has(block)) continue;
      let after = block + 1;
      while (after <= last && !this.blocks.has(after)) after += 1;
      const fetched = this.fetch(block * blockBytes, Math.min(after * blockBytes, this.sizeBytes));
      for (let one = block; one < after; one++) {
        this.blocks.set(one, fetched);
        fetched.catch(() => this.blocks.delete(one));
      }
    }
    for (let block = first; block <= last; block++) await this.blocks.get(block);
  }

  private async fetch(offset: number, end: number): Promise<void> {
    const got = await this.store.get(this.key, { offset, length: end - offset });
    if (got.kind === "absent") throw objectMissing(this.store, this.key);
    this.etag ??= got.entry.etag;
    if (got.entry.etag !== this.etag || got.body.length !== end - offset)
      throw objectUnstable(this.store, this.key);
    const file = await open(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      await file.write(got.body, 0, got.body.length, offset);
    } finally {
      await file.close();
    }
  }

  private async stored(from: number, to: number): Promise<Uint8Array> {
    const file = await open(this.path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(to - from), 0, to - from, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

export function objectMissing(store: Store, key: string): OneCopyError {
  return new OneCopyError("engine.object_missing", `${store.url}${key} is not there.`, {
    remedy: "Something other than OneCopy deleted it: see who else may write to this storage.",
  });
}

export function objectUnstable(store: Store, key: string): OneCopyError {
  return new OneCopyError("engine.object_unstable", `${store.url}${key} changed while it was read.`, {
    remedy: "A table's files are never changed in place. Find and stop what writes there.",
  });
}
