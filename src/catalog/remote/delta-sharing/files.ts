import { OneCopyError } from "../../../base/index.ts";
import {
  type ByteRange,
  type GetOutcome,
  type HeadOutcome,
  type ObjectEntry,
  type Store,
} from "../../../storage/index.ts";
import { askRemote, badAnswer, bodyOf } from "../http.ts";
import type { Link } from "./lines.ts";
import { isAllowedAddress } from "./profile.ts";

/** An address is not used in its last minute: a download takes its time. */
const spareMs = 60_000;
const mostBytes = 2 ** 31 - 1;

export interface SharedFilesOptions {
  /** `delta-sharing://<host>/<share>.<schema>.<table>/`: a name, which nothing but messages and caches use. */
  readonly url: string;
  readonly server: URL;
  /** The links of the same version anew. */
  readonly relist: () => Promise<ReadonlyMap<string, Link>>;
}

/**
 * The files of a shared table at one version, for reading. Their addresses are signed and end; one that has ended, or is
 * refused, is asked for again, once for all files that need it.
 */
export class SharedFiles implements Store {
  readonly url: string;
  readonly remote = { kind: "download" } as const;
  private listing: Promise<void> | undefined;

  constructor(
    private readonly options: SharedFilesOptions,
    private links: ReadonlyMap<string, Link>,
  ) {
    this.url = options.url;
  }

  /** The whole of an object has at most 2 GiB; larger ones are read in ranges. Fails with `remote.files_gone`. */
  async get(key: string, range?: ByteRange): Promise<GetOutcome> {
    const response = await this.fetch(key, range);
    if (response === undefined) return { kind: "absent" };
    const whom = this.whom(key);
    if (response.status === 416) {
      await response.body?.cancel();
      throw badAnswer(whom, "the file is shorter than the share says");
    }
    const wanted = range?.length ?? mostBytes;
    const chunks: Uint8Array[] = [];
    let got = 0;
    // Whoever ignores the range sends the whole file: then only its beginning can be taken.
    let skip = response.status === 206 ? 0 : (range?.offset ?? 0);
    for await (const chunk of bodyOf(response, whom)) {
      const from = Math.min(skip, chunk.length);
      skip -= from;
      const taken = chunk.subarray(from, from + wanted - got);
      chunks.push(taken);
      got += taken.length;
      if (got === wanted) break;
    }
    const sizeBytes = sizeOf(response) ?? (range?.offset ?? 0) + got;
    if (range !== undefined && got < Math.min(range.length, sizeBytes - range.offset))
      throw badAnswer(whom, "the file was cut off");
    return { kind: "found", body: Buffer.concat(chunks), entry: entryOf(key, sizeBytes) };
  }

  /** Nothing is asked: a file is known by its id, which is its key, and never changes. */
  async head(key: string): Promise<HeadOutcome> {
    return this.links.has(key) ? { kind: "found", entry: entryOf(key, 0) } : { kind: "absent" };
  }

  async put(): Promise<never> {
    throw this.readOnly();
  }

  async *list(): AsyncIterable<ObjectEntry> {
    for (const key of this.links.keys()) yield entryOf(key, 0);
  }

  async delete(): Promise<never> {
    throw this.readOnly();
  }

  locate(key: string): string {
    return this.url + key;
  }

  async stagingFolder(): Promise<undefined> {}

  async adopt(): Promise<never> {
    throw this.readOnly();
  }

  private async fetch(key: string, range: ByteRange | undefined): Promise<Response | undefined> {
    const link = this.links.get(key);
    if (link === undefined) return undefined;
    const isEnding = link.expiresMs !== undefined && link.expiresMs - spareMs < Date.now();
    if (!isEnding) {
      const response = await this.ask(key, link, range, [401, 403, 404, 410, 416]);
      if (response.ok || response.status === 416) return response;
      await response.body?.cancel();
    }
    // Others may have got new ones meanwhile.
    if (this.links.get(key) === link) await this.renew();
    return await this.ask(key, this.links.get(key)!, range, [416]);
  }

  private async ask(
    key: string,
    link: Link,
    range: ByteRange | undefined,
    accepts: readonly number[],
  ): Promise<Response> {
    const whom = this.whom(key);
    const url = URL.canParse(link.url) ? new URL(link.url) : undefined;
    if (url === undefined || !isAllowedAddress(url, this.options.server))
      throw badAnswer(whom, "the address of the file is not one of https");
    const last = range === undefined ? "" : range.offset + Math.max(range.length, 1) - 1;
    // No token: the address itself is the permission, and is perhaps another server's.
    const headers = range === undefined ? {} : { range: `bytes=${range.offset}-${last}` };
    // Nor is the request sent on: to an address that nobody looked at.
    return await askRemote({ url, whom, headers, accepts, redirects: false });
  }

  /** Everybody who needs new links meanwhile waits for the same ones. */
  private async renew(): Promise<void> {
    this.listing ??= this.options
      .relist()
      .then((links) => {
        const gone = [...this.links.keys()].find((key) => !links.has(key));
        if (gone !== undefined) throw filesGone(this.url);
        this.links = links;
      })
      .finally(() => (this.listing = undefined));
    await this.listing;
  }

  private whom(key: string): string {
    return `the store of the shared file ${this.url}${key}`;
  }

  private readOnly(): OneCopyError {
    return new OneCopyError("remote.read_only", `${this.url} belongs to somebody else, and is only read.`);
  }
}

function entryOf(key: string, sizeBytes: number): ObjectEntry {
  return { key, sizeBytes, etag: key, modifiedMs: 0 };
}

/** `Content-Range: bytes 0-99/1234` (RFC 9110 §14.4); of a whole answer its length. */
function sizeOf({ status, headers }: Response): number | undefined {
  const text =
    status === 206
      ? /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1]
      : headers.has("content-encoding")
        ? undefined
        : (headers.get("content-length") ?? undefined);
  return text === undefined ? undefined : Number(text);
}

function filesGone(url: string): OneCopyError {
  return new OneCopyError(
    "remote.files_gone",
    `${url} has another version now, and the addresses of the one that is being read have ended.`,
    {
      remedy: "Run again: the new version is read then. A share with history keeps old versions readable.",
    },
  );
}
