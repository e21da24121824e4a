import type { Lending } from "./lending.ts";

/**
 * The object-store port. Keys are relative to the store's root, separated by `/`, never start with `/`, and
 * hold no `.` or `..` segment (an adapter refuses such a key: `storage.bad_key`).
 *
 * What a caller must decide on is a value; everything else (no permission, no network, disk full) is thrown.
 */
export interface Store {
  /** The root as a URL that ends with `/`: `file:///data/lake/`, `s3://bucket/prefix/`. */
  readonly url: string;

  get(key: string, range?: ByteRange): Promise<GetOutcome>;
  head(key: string): Promise<HeadOutcome>;

  /** The object is visible whole or not at all, and durable when this returns `written`. */
  put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome>;

  /**
   * Lets a text file grow that nobody else writes: lines are durable when this returns, at the byte offset that all before them
   * end at; at 0 the file is made, which must be new. What comes after them is empty lines, if anything. Who reads meanwhile, and after this
   * failed, may find any part of the lines. Costs a fraction of a {@link put}; absent where an object can't grow.
   */
  append?(key: string, offset: number, lines: Uint8Array): Promise<void>;

  /**
   * Objects whose key starts with `prefix`, in the order of their UTF-8 bytes, streamed; `startAfter` is a key
   * and exclusive.
   */
  list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectEntry>;

  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;

  /**
   * The canonical address of an object, as table metadata states it: a path of the file system, or an `s3://`,
   * `abfss://`, `gs://` URL (raw, never percent-encoded). "" is the root.
   */
  locate(key: string): string;

  /** How an engine reaches objects by itself; absent where {@link locate} gives a path. */
  readonly remote?: RemoteAccess;

  /** Absent where all bytes go through this port. */
  readonly lending?: Lending;

  /**
   * A folder in which this process may make files that {@link adopt} then takes without copying them; it is made
   * if need be, and wiped when the process has ended. undefined: any folder of this machine does as well.
   */
  stagingFolder(): Promise<string | undefined>;

  /**
   * Makes a local file the object `key`, which must be new: whole, durable, and never in place of another one (that
   * fails with `storage.exists`). The local file is gone afterwards, unless this fails.
   */
  adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }>;
}

/**
 * `s3`: by S3's protocol, with what `connection` says. `download`: only through this port; an engine gets copies.
 */
export type RemoteAccess =
  | { readonly kind: "s3"; readonly connection: () => Promise<S3Connection> }
  | { readonly kind: "download" };

/** Holds secrets: ask for it where it is used, never keep or log it. */
export interface S3Connection {
  /** What it is good for: `s3://bucket/prefix/`. */
  readonly scope: string;
  readonly region: string;
  /** `host:port`, without a scheme. */
  readonly endpoint: string;
  readonly useTls: boolean;
  readonly urlStyle: "path" | "vhost";
  /** undefined: the bucket is read without a signature. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
}

/** `length` bytes from `offset`; fewer when the object ends before. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export type PutCondition = { readonly ifAbsent: true } | { readonly ifMatch: string };

export interface ObjectEntry {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
}

export type GetOutcome =
  | { readonly kind: "found"; readonly body: Uint8Array; readonly entry: ObjectEntry }
  | { readonly kind: "absent" };

export type HeadOutcome =
  | { readonly kind: "found"; readonly entry: ObjectEntry }
  | { readonly kind: "absent" };

/**
 * `conflict`: the condition did not hold, nothing was written. `unknown`: the put may or may not have happened
 * (a time-out after the request was sent); the caller reads the key back to find out.
 */
export type PutOutcome =
  | { readonly kind: "written"; readonly etag: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "unknown"; readonly cause: unknown };
