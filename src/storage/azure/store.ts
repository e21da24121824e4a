import { readFile, rm, stat } from "node:fs/promises";
import { newId } from "../../base/index.ts";
import { adoptByPut, notWritten } from "../adopt.ts";
import type { Environment } from "../environment.ts";
import { objectExists } from "../exists.ts";
import { badKey, checkKey, checkPrefix } from "../key.ts";
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
import { type AzureClients, openAzure } from "./client.ts";
import { azureEntry, azureEtag } from "./entry.ts";
import { azureCode, azureError, isDoubtful, statusOf } from "./error.ts";
import { listBlobs } from "./list.ts";
import { type AzureSettings, azureSettings } from "./settings.ts";

const blockBytes = 16 * 2 ** 20;
const noAnswerAfterMs = 30_000;
const slowestBytesPerMs = 50;
/** In the blob's metadata, so that an upload in doubt can be told from somebody else's. */
const uploadMark = "onecopyupload";

/** A container of Azure Blob Storage, or of Data Lake Storage Gen2. A lost race is 409 or 412 there. */
export class AzureStore implements Store {
  readonly url: string;
  readonly remote = { kind: "download" } as const;
  private readonly settings: AzureSettings;
  private opened: Promise<AzureClients> | undefined;

  constructor(address: string, environment: Environment) {
    this.settings = azureSettings(address, environment);
    const { account, container, prefix } = this.settings;
    this.url = `abfss://${container}@${account}.dfs.core.windows.net/${prefix}`;
  }

  async get(key: string, range?: ByteRange): Promise<GetOutcome> {
    checkName(key);
    sliceOf(0, range);
    if (range?.length === 0) return this.nothingOf(key);
    try {
      const { repeating } = await this.clients();
      const blob = repeating.getBlobClient(this.settings.prefix + key);
      const answer = await blob.download(range?.offset ?? 0, range?.length, { maxRetryRequests: 3 });
      const pieces: Uint8Array[] = [];
      for await (const piece of answer.readableStreamBody!) pieces.push(piece as Buffer);
      const body = new Uint8Array(Buffer.concat(pieces));
      const total = /\/(\d+)$/.exec(answer.contentRange ?? "")?.[1] ?? answer.contentLength ?? body.length;
      // The answer is an object of getters, which a spread would not copy.
      const { etag, lastModified, metadata } = answer;
      const entry = azureEntry(key, { etag, lastModified, metadata, contentLength: Number(total) });
      return entry === undefined ? { kind: "absent" } : { kind: "found", body, entry };
    } catch (error) {
      if (statusOf(error) === 416) return this.nothingOf(key);
      if (isAbsent(error)) return { kind: "absent" };
      throw azureError("read", this.url + key, error);
    }
  }

  async head(key: string): Promise<HeadOutcome> {
    checkName(key);
    try {
      const { repeating } = await this.clients();
      const entry = azureEntry(
        key,
        await repeating.getBlobClient(this.settings.prefix + key).getProperties(),
      );
      return entry === undefined ? { kind: "absent" } : { kind: "found", entry };
    } catch (error) {
      if (isAbsent(error)) return { kind: "absent" };
      throw azureError("read", this.url + key, error);
    }
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome> {
    checkName(key);
    const bytes = Buffer.from(body as Uint8Array);
    const clients = await this.clients();
    const client = condition === undefined ? clients.repeating : clients.once;
    try {
      const answer = await client.getBlockBlobClient(this.settings.prefix + key).upload(bytes, bytes.length, {
        conditions: conditionsOf(condition),
        abortSignal: AbortSignal.timeout(noAnswerAfterMs + Math.ceil(bytes.length / slowestBytesPerMs)),
      });
      return { kind: "written", etag: azureEtag(answer.etag) };
    } catch (error) {
      if (condition !== undefined && isLostRace(error, condition)) return { kind: "conflict" };
      if (condition !== undefined && isDoubtful(error)) return { kind: "unknown", cause: error };
      throw azureError("write", this.url + key, error);
    }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectEntry> {
    checkPrefix(prefix);
    const { repeating } = await this.clients();
    try {
      yield* listBlobs(repeating, this.settings.prefix, prefix, options.startAfter || undefined);
    } catch (error) {
      throw azureError("list", this.url + prefix, error);
    }
  }

  async delete(key: string): Promise<void> {
    checkName(key);
    try {
      const { repeating } = await this.clients();
      await repeating
        .getBlobClient(this.settings.prefix + key)
        .deleteIfExists({ deleteSnapshots: "include" });
    } catch (error) {
      throw azureError("delete", this.url + key, error);
    }
  }

  locate(key: string): string {
    if (key === "") return this.url;
    checkName(key);
    return this.url + key;
  }

  async stagingFolder(): Promise<undefined> {}

  async adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }> {
    checkName(key);
    const { size: sizeBytes } = await stat(localPath);
    if (sizeBytes > blockBytes) await this.adoptLarge(localPath, sizeBytes, key);
    else await adoptByPut(this, await readFile(localPath), key);
    await rm(localPath);
    return { sizeBytes };
  }

  /** The blob is there, whole, when its list of blocks is committed; blocks of an upload that failed go by themselves. */
  private async adoptLarge(localPath: string, sizeBytes: number, key: string): Promise<void> {
    const { repeating } = await this.clients();
    const blob = repeating.getBlockBlobClient(this.settings.prefix + key);
    const mark = newId();
    try {
      await blob.uploadFile(localPath, {
        blockSize: Math.max(blockBytes, Math.ceil(sizeBytes / 40_000)),
        concurrency: 4,
        conditions: { ifNoneMatch: "*" },
        metadata: { [uploadMark]: mark },
      });
    } catch (error) {
      if (!isDoubtful(error) && !isLostRace(error, { ifAbsent: true }))
        throw azureError("write", this.url + key, error);
      const found = await blob.getProperties().catch(() => undefined);
      if (found === undefined) throw notWritten(this.url, key, error);
      if (found.metadata?.[uploadMark] !== mark) throw objectExists(this.url, key);
    }
  }

  private async nothingOf(key: string): Promise<GetOutcome> {
    const head = await this.head(key);
    return head.kind === "absent" ? head : { ...head, body: new Uint8Array() };
  }

  private clients(): Promise<AzureClients> {
    this.opened ??= openAzure(this.settings);
    return this.opened;
  }
}

/** Azure takes a backslash for a slash: two keys would be one. */
function checkName(key: string): void {
  checkKey(key);
  if (key.includes("\\")) throw badKey(key, "Azure has no backslash in a name");
}

function conditionsOf(condition: PutCondition | undefined): { ifNoneMatch?: string; ifMatch?: string } {
  if (condition === undefined) return {};
  return "ifAbsent" in condition ? { ifNoneMatch: "*" } : { ifMatch: `"${condition.ifMatch}"` };
}

function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && azureCode(error) !== "ContainerNotFound";
}

/** 409 BlobAlreadyExists, 412 ConditionNotMet; other conflicts (a lease, a container that is being deleted) are errors. */
function isLostRace(error: unknown, condition: PutCondition): boolean {
  const status = statusOf(error);
  if (status === 412) return azureCode(error) !== "LeaseIdMissing";
  if (status === 409) return azureCode(error) === "BlobAlreadyExists";
  return status === 404 && "ifMatch" in condition && azureCode(error) !== "ContainerNotFound";
}
