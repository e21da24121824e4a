import { rm } from "node:fs/promises";
import { adoptByPut, notWritten } from "../adopt.ts";
import type { Environment } from "../environment.ts";
import { objectExists } from "../exists.ts";
import { checkKey, checkPrefix } from "../key.ts";
import { localFile } from "../local-file.ts";
import type { Lending } from "../lending.ts";
import { sliceOf } from "../range.ts";
import type {
  ByteRange,
  GetOutcome,
  HeadOutcome,
  ObjectEntry,
  PutCondition,
  PutOutcome,
  RemoteAccess,
  S3Connection,
  Store,
} from "../store.ts";
import { type RequestListener, S3Client } from "./client.ts";
import { entryOf, etagOf } from "./entry.ts";
import { errorCode, s3Error } from "./error.ts";
import { s3Lending } from "./lending.ts";
import { listObjects } from "./list.ts";
import { type Source, partBytes, uploadParts } from "./multipart.ts";
import { s3Settings } from "./settings.ts";

const largestReadBytes = 2 ** 31 - 1;
const largestSinglePutBytes = 64 * 2 ** 20;

/**
 * A bucket of S3, or of a store that speaks its protocol and honours `If-None-Match: *` and `If-Match` on PUT.
 * A conditional put is never sent twice: where it may have been carried out, its outcome is `unknown`.
 */
export class S3Store implements Store {
  readonly url: string;
  readonly remote: RemoteAccess;
  readonly lending: Lending;
  private readonly client: S3Client;
  private readonly prefix: string;

  constructor(
    address: string,
    environment: Environment,
    options: { readonly onRequest?: RequestListener; readonly nowMs?: () => number } = {},
  ) {
    const settings = s3Settings(address, environment);
    this.url = `s3://${settings.bucket}/${settings.prefix}`;
    this.prefix = settings.prefix;
    this.client = new S3Client(settings, options.onRequest, options.nowMs ?? Date.now);
    this.remote = { kind: "s3", connection: async () => this.connection() };
    this.lending = s3Lending(this.client);
  }

  async get(key: string, range?: ByteRange): Promise<GetOutcome> {
    checkKey(key);
    sliceOf(0, range);
    if (range?.length === 0) return this.nothingOf(key);
    const last = range === undefined ? 0 : range.offset + range.length - 1;
    const response = await this.client.send({
      method: "GET",
      objectKey: this.prefix + key,
      mostBytes: largestReadBytes,
      ...(range === undefined ? {} : { headers: { range: `bytes=${range.offset}-${last}` } }),
    });
    if (response.status === 416) return this.nothingOf(key); // it begins where the object ends, or later
    if (response.status === 404 && errorCode(response) !== "NoSuchBucket") return { kind: "absent" };
    if (response.status !== 200 && response.status !== 206)
      throw s3Error("read", this.prefix + key, this.client.settings, response);
    const entry = entryOf(key, response.headers);
    const whole = response.status === 200 && range !== undefined; // a store that knows no ranges
    if (!whole) return { kind: "found", body: response.body, entry };
    const { from, to } = sliceOf(response.body.length, range);
    return { kind: "found", body: response.body.subarray(from, to), entry };
  }

  async head(key: string): Promise<HeadOutcome> {
    checkKey(key);
    const response = await this.client.send({ method: "HEAD", objectKey: this.prefix + key });
    if (response.status === 404) return { kind: "absent" };
    if (response.status !== 200) throw s3Error("read", this.prefix + key, this.client.settings, response);
    return { kind: "found", entry: entryOf(key, response.headers) };
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    if (condition !== undefined) return this.putIf(key, bytes, condition);
    const objectKey = this.prefix + key;
    if (bytes.length > largestSinglePutBytes)
      return uploadParts(this.client, objectKey, bytesOf(bytes), false);
    const response = await this.client.send({ method: "PUT", objectKey, body: bytes });
    if (response.status !== 200) throw s3Error("write", objectKey, this.client.settings, response);
    return { kind: "written", etag: etagOf(response.headers.get("etag")) };
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectEntry> {
    checkPrefix(prefix);
    yield* listObjects(this.client, prefix, options.startAfter);
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const response = await this.client.send({ method: "DELETE", objectKey: this.prefix + key });
    const done = response.status === 204 || response.status === 200 || errorCode(response) === "NoSuchKey";
    if (!done) throw s3Error("delete", this.prefix + key, this.client.settings, response);
  }

  locate(key: string): string {
    if (key === "") return this.url;
    checkKey(key);
    return this.url + key;
  }

  async stagingFolder(): Promise<undefined> {}

  async adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }> {
    checkKey(key);
    const file = await localFile(localPath);
    try {
      if (file.sizeBytes > partBytes) await this.adoptLarge(file, key);
      else await adoptByPut(this, await file.read(0, file.sizeBytes), key);
    } finally {
      await file.close();
    }
    await rm(localPath);
    return { sizeBytes: file.sizeBytes };
  }

  private async adoptLarge(source: Source, key: string): Promise<void> {
    // Not every store knows the condition on the last request of an upload.
    if ((await this.head(key)).kind === "found") throw objectExists(this.url, key);
    const outcome = await uploadParts(this.client, this.prefix + key, source, true);
    if (outcome.kind === "written") return;
    if (outcome.kind === "conflict") throw objectExists(this.url, key);
    const found = await this.head(key);
    if (found.kind === "absent") throw notWritten(this.url, key, outcome.cause);
    const isMd5 = /^[0-9a-f]{32}-\d+$/.test(found.entry.etag);
    if (found.entry.sizeBytes !== source.sizeBytes || (isMd5 && found.entry.etag !== outcome.etag))
      throw objectExists(this.url, key);
  }

  private async putIf(key: string, body: Uint8Array, condition: PutCondition): Promise<PutOutcome> {
    const headers: Record<string, string> =
      "ifAbsent" in condition ? { "if-none-match": "*" } : { "if-match": `"${condition.ifMatch}"` };
    const answer = await this.client.sendOnce({ method: "PUT", objectKey: this.prefix + key, headers, body });
    if ("unknown" in answer) return { kind: "unknown", cause: answer.unknown };
    if (answer.status === 200) return { kind: "written", etag: etagOf(answer.headers.get("etag")) };
    if (answer.status === 412) return { kind: "conflict" };
    const error = s3Error("write", this.prefix + key, this.client.settings, answer);
    // Another put of the same key was under way; which of the two won is not said (ConditionalRequestConflict).
    if (answer.status === 409) return { kind: "unknown", cause: error };
    if (answer.status === 404 && "ifMatch" in condition && errorCode(answer) !== "NoSuchBucket")
      return { kind: "conflict" };
    throw error;
  }

  private async nothingOf(key: string): Promise<GetOutcome> {
    const head = await this.head(key);
    return head.kind === "absent" ? head : { ...head, body: new Uint8Array() };
  }

  private connection(): S3Connection {
    const { endpoint, region, urlStyle, credentials } = this.client.settings;
    const path = endpoint.pathname.replace(/\/$/, "");
    return {
      scope: this.url,
      region,
      endpoint: endpoint.host + path,
      useTls: endpoint.protocol === "https:",
      urlStyle,
      credentials,
    };
  }
}

function bytesOf(body: Uint8Array): Source {
  return { sizeBytes: body.length, read: async (offset, length) => body.subarray(offset, offset + length) };
}
