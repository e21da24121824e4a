import { readFile, rm } from "node:fs/promises";
import { objectExists } from "./exists.ts";
import { checkKey, checkPrefix } from "./key.ts";
import { compareKeys } from "./key-order.ts";
import type {
  ByteRange,
  GetOutcome,
  HeadOutcome,
  ObjectEntry,
  PutCondition,
  PutOutcome,
  Store,
} from "./store.ts";
import { sliceOf } from "./range.ts";

interface MemoryObject {
  readonly body: Uint8Array;
  readonly entry: ObjectEntry;
}

/** A store that lives and dies with this object; nothing is shared with another one, nor with a caller's buffers. */
export class MemoryStore implements Store {
  readonly url = "memory:///";
  readonly remote = { kind: "download" } as const;
  private readonly objects = new Map<string, MemoryObject>();
  private writes = 0;

  async get(key: string, range?: ByteRange): Promise<GetOutcome> {
    checkKey(key);
    const found = this.objects.get(key);
    if (found === undefined) return { kind: "absent" };
    const { from, to } = sliceOf(found.body.length, range);
    return { kind: "found", body: found.body.slice(from, to), entry: found.entry };
  }

  async head(key: string): Promise<HeadOutcome> {
    checkKey(key);
    const found = this.objects.get(key);
    return found === undefined ? { kind: "absent" } : { kind: "found", entry: found.entry };
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    const present = this.objects.get(key);
    if (condition !== undefined) {
      if ("ifAbsent" in condition && present !== undefined) return { kind: "conflict" };
      if ("ifMatch" in condition && present?.entry.etag !== condition.ifMatch) return { kind: "conflict" };
    }
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : Uint8Array.from(body);
    const etag = String(++this.writes);
    const entry = { key, sizeBytes: bytes.length, etag, modifiedMs: Date.now() };
    this.objects.set(key, { body: bytes, entry });
    return { kind: "written", etag };
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectEntry> {
    checkPrefix(prefix);
    const { startAfter } = options;
    const keys = [...this.objects.keys()].filter(
      (key) => key.startsWith(prefix) && (startAfter === undefined || compareKeys(key, startAfter) > 0),
    );
    for (const key of keys.sort(compareKeys)) {
      const found = this.objects.get(key);
      if (found !== undefined) yield found.entry;
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    this.objects.delete(key);
  }

  /** A name in metadata: what reads it in this process comes back to this object. */
  locate(key: string): string {
    if (key !== "") checkKey(key);
    return `${this.url}${key}`;
  }

  async stagingFolder(): Promise<undefined> {}

  async adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }> {
    const body = await readFile(localPath);
    if ((await this.put(key, body, { ifAbsent: true })).kind !== "written") throw objectExists(this.url, key);
    await rm(localPath);
    return { sizeBytes: body.length };
  }
}
