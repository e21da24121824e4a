import { createReadStream } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { newId } from "../../base/index.ts";
import { adoptByPut, notWritten } from "../adopt.ts";
import { badUrl } from "../bad-url.ts";
import { parseBucketAddress } from "../bucket-address.ts";
import type { Environment } from "../environment.ts";
import { objectExists } from "../exists.ts";
import { compareKeys } from "../key-order.ts";
import { checkKey, checkPrefix, isKey } from "../key.ts";
import { sliceOf } from "../range.ts";
import type {
  ByteRange,
  GetOutcome,
  HeadOutcome,
  ObjectEntry,
  PutCondition,
  PutOutcome,
  Store,
} from "../store.ts";
import { type GcsClients, openGcs } from "./client.ts";
import { gcsEntry } from "./entry.ts";
import { gcsError, isDoubtful, statusOf } from "./error.ts";

const largestPutBytes = 16 * 2 ** 20;
const pageObjects = 1000;
/** In the object's metadata, so that an upload in doubt can be told from somebody else's. */
const uploadMark = "onecopy-upload";

/** A bucket of Google Cloud Storage. Conditions are on an object's generation; a lost race is 412. */
export class GcsStore implements Store {
  readonly url: string;
  readonly remote = { kind: "download" } as const;
  private readonly bucket: string;
  private readonly prefix: string;
  private opened: Promise<GcsClients> | undefined;

  constructor(
    address: string,
    private readonly environment: Environment,
  ) {
    const { host, prefix } = parseBucketAddress(address, "gs://bucket/prefix");
    if (host.includes("@"))
      throw badUrl(
        "there is an @ before the bucket",
        "Keys do not belong in an address: set GOOGLE_APPLICATION_CREDENTIALS.",
      );
    this.bucket = host;
    this.prefix = prefix;
    this.url = `gs://${host}/${prefix}`;
  }

  /** Two requests: the bytes are those of the generation whose size and time are given. */
  async get(key: string, range?: ByteRange): Promise<GetOutcome> {
    checkKey(key);
    sliceOf(0, range);
    const { repeating } = await this.clients();
    for (;;) {
      const head = await this.head(key);
      if (head.kind === "absent") return head;
      const { from, to } = sliceOf(head.entry.sizeBytes, range);
      if (from === to) return { ...head, body: new Uint8Array() };
      const file = repeating.file(this.prefix + key, { generation: head.entry.etag });
      try {
        const part = range === undefined ? {} : { start: from, end: to - 1 };
        const [body] = await file.download({ ...part, decompress: false });
        return { ...head, body: new Uint8Array(body) };
      } catch (error) {
        if (statusOf(error) === 404) continue; // replaced or deleted meanwhile
        throw gcsError("read", this.url + key, error);
      }
    }
  }

  async head(key: string): Promise<HeadOutcome> {
    checkKey(key);
    const { repeating } = await this.clients();
    try {
      const [metadata] = await repeating.file(this.prefix + key).getMetadata();
      return { kind: "found", entry: gcsEntry(key, metadata) };
    } catch (error) {
      if (statusOf(error) === 404) return { kind: "absent" };
      throw gcsError("read", this.url + key, error);
    }
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    const { repeating, once } = await this.clients();
    const file = (condition === undefined ? repeating : once).file(this.prefix + key);
    try {
      await file.save(Buffer.from(body as Uint8Array), {
        resumable: false,
        ...(condition === undefined ? {} : { preconditionOpts: preconditionOf(condition) }),
      });
      return { kind: "written", etag: gcsEntry(key, file.metadata).etag };
    } catch (error) {
      if (condition !== undefined && isLostRace(error, condition)) return { kind: "conflict" };
      if (condition !== undefined && isDoubtful(error)) return { kind: "unknown", cause: error };
      throw gcsError("write", this.url + key, error);
    }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectEntry> {
    checkPrefix(prefix);
    const { repeating } = await this.clients();
    const { startAfter = "" } = options;
    let pageToken: string | undefined;
    do {
      const [files, next] = await repeating
        .getFiles({
          prefix: this.prefix + prefix,
          autoPaginate: false,
          maxResults: pageObjects,
          ...(startAfter === "" ? {} : { startOffset: this.prefix + startAfter }),
          ...(pageToken === undefined ? {} : { pageToken }),
        })
        .catch((error: unknown) => {
          throw gcsError("list", this.url + prefix, error);
        });
      for (const file of files) {
        const key = file.name.slice(this.prefix.length);
        if (isKey(key) && compareKeys(key, startAfter) > 0) yield gcsEntry(key, file.metadata);
      }
      pageToken = (next as { readonly pageToken?: string } | null)?.pageToken;
    } while (pageToken !== undefined);
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const { repeating } = await this.clients();
    try {
      await repeating.file(this.prefix + key).delete({ ignoreNotFound: true });
    } catch (error) {
      throw gcsError("delete", this.url + key, error);
    }
  }

  locate(key: string): string {
    if (key === "") return this.url;
    checkKey(key);
    return this.url + key;
  }

  async stagingFolder(): Promise<undefined> {}

  async adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }> {
    checkKey(key);
    const { size: sizeBytes } = await stat(localPath);
    if (sizeBytes > largestPutBytes) await this.adoptLarge(localPath, key);
    else await adoptByPut(this, await readFile(localPath), key);
    await rm(localPath);
    return { sizeBytes };
  }

  /** A resumable upload: the library sends what is missing again, and the object is there when all of it is. */
  private async adoptLarge(localPath: string, key: string): Promise<void> {
    const { repeating } = await this.clients();
    const file = repeating.file(this.prefix + key);
    const mark = newId();
    try {
      await pipeline(
        createReadStream(localPath),
        file.createWriteStream({
          resumable: true,
          chunkSize: largestPutBytes,
          preconditionOpts: { ifGenerationMatch: 0 },
          metadata: { metadata: { [uploadMark]: mark } },
        }),
      );
    } catch (error) {
      if (!isDoubtful(error) && statusOf(error) !== 412) throw gcsError("write", this.url + key, error);
      const [found] = await file.getMetadata().catch(() => [undefined]);
      if (found === undefined) throw notWritten(this.url, key, error);
      if (found.metadata?.[uploadMark] !== mark) throw objectExists(this.url, key);
    }
  }

  private clients(): Promise<GcsClients> {
    this.opened ??= openGcs(this.bucket, this.environment);
    return this.opened;
  }
}

function preconditionOf(condition: PutCondition): { ifGenerationMatch: number | string } {
  return { ifGenerationMatch: "ifAbsent" in condition ? 0 : condition.ifMatch };
}

function isLostRace(error: unknown, condition: PutCondition): boolean {
  return statusOf(error) === 412 || ("ifMatch" in condition && statusOf(error) === 404);
}
