import { lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { objectExists } from "../exists.ts";
import { checkKey, checkPrefix } from "../key.ts";
import type {
  ByteRange,
  GetOutcome,
  HeadOutcome,
  ObjectEntry,
  PutCondition,
  PutOutcome,
  Store,
} from "../store.ts";
import { appendAt } from "./append.ts";
import { Confined } from "./confine.ts";
import { DurableFolders, sync } from "./durable.ts";
import { codeOf, fileError } from "./error.ts";
import { listFiles } from "./list.ts";
import { withLock } from "./lock.ts";
import { readFile, statFile } from "./read.ts";
import { TemporaryFolder } from "./temporary.ts";
import { publish, publishIfAbsent, remove } from "./write.ts";

/**
 * A folder as an object store, for any number of processes of one machine at once. An object is written and synced
 * under a hidden name and published by one link or rename, so it is visible whole or not at all.
 *
 * Processes of several machines on a shared file system are as safe as its link(2) and rename(2) are; a lock left
 * by a dead process of another machine has to be removed by hand.
 */
export class FileStore implements Store {
  readonly url: string;
  private readonly temporary: TemporaryFolder;
  private readonly durable: DurableFolders;
  private readonly confined: Confined;

  /** `root`: an absolute path without `.` and `..`. */
  constructor(private readonly root: string) {
    this.url = pathToFileURL(root.endsWith("/") ? root : `${root}/`).href;
    this.temporary = new TemporaryFolder(root);
    this.durable = new DurableFolders(root);
    this.confined = new Confined(root);
  }

  get(key: string, range?: ByteRange): Promise<GetOutcome> {
    return this.at("read", key, (path) => readFile(path, key, range), "inFolder");
  }

  head(key: string): Promise<HeadOutcome> {
    return this.at("read", key, (path) => statFile(path, key), "inFolder");
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome> {
    return this.at("write", key, async (path) => {
      await mkdir(dirname(path), { recursive: true });
      const temporary = await this.temporary.write(body, { durable: true });
      try {
        const etag = await this.publish(temporary, path, key, condition);
        if (etag === undefined) return { kind: "conflict" };
        return await this.durable.sync(dirname(path)).then(
          () => ({ kind: "written", etag }),
          // It is visible, but a power cut could still undo it.
          (cause: unknown) => ({ kind: "unknown", cause }),
        );
      } finally {
        await this.temporary.remove(temporary);
      }
    });
  }

  async append(key: string, offset: number, lines: Uint8Array): Promise<void> {
    await this.at("write", key, async (path) => {
      if (offset === 0) await mkdir(dirname(path), { recursive: true });
      await appendAt(path, offset, lines);
      if (offset === 0) await this.durable.sync(dirname(path));
    });
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectEntry> {
    checkPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf("/"));
    if (prefix.includes("/")) this.confined.pathOf(folder);
    try {
      yield* listFiles(this.root, prefix, options.startAfter);
    } catch (cause) {
      throw fileError("list", prefix, this.root, cause);
    }
  }

  async delete(key: string): Promise<void> {
    await this.at("delete", key, async (path) => {
      if (statFile(path, key).kind === "absent") return;
      const removed = await withLock(this.temporary, key, () => remove(path));
      if (removed) await this.durable.sync(dirname(path));
    });
  }

  /** "" is the root. */
  locate(key: string): string {
    if (key === "") return this.root;
    checkKey(key);
    return this.confined.pathOf(key);
  }

  stagingFolder(): Promise<string> {
    return this.temporary.stagingFolder();
  }

  async adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }> {
    return this.at("write", key, async (path) => {
      await mkdir(dirname(path), { recursive: true });
      await sync(localPath);
      const etag = await this.publishFile(localPath, path);
      if (etag === undefined) throw objectExists(this.url, key);
      await this.durable.sync(dirname(path));
      await this.temporary.remove(localPath);
      return { sizeBytes: (await lstat(path)).size };
    });
  }

  /** A file of another file system, which no link can publish, is copied first. */
  private async publishFile(localPath: string, path: string): Promise<string | undefined> {
    try {
      return await publishIfAbsent(localPath, path);
    } catch (error) {
      if (codeOf(error) !== "EXDEV") throw error;
    }
    const temporary = await this.temporary.copy(localPath);
    try {
      return await publishIfAbsent(temporary, path);
    } finally {
      await this.temporary.remove(temporary);
    }
  }

  private publish(
    temporary: string,
    path: string,
    key: string,
    condition: PutCondition | undefined,
  ): Promise<string | undefined> {
    if (condition !== undefined && "ifAbsent" in condition) return publishIfAbsent(temporary, path);
    return withLock(this.temporary, key, () => publish(temporary, path, condition?.ifMatch));
  }

  private async at<T>(
    action: string,
    key: string,
    work: (path: string) => T | Promise<T>,
    looked?: "inFolder",
  ): Promise<T> {
    checkKey(key);
    try {
      return await work(looked === undefined ? this.confined.pathOf(key) : this.confined.pathInFolder(key));
    } catch (cause) {
      throw fileError(action, key, join(this.root, key), cause);
    }
  }
}
