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
   * Objects whose key starts with `prefix`, in the order of their UTF-8 bytes, streamed; `startAfter` is a key
   * and exclusive.
   */
  list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectEntry>;

  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;

  /** The address by which an engine reads or writes the object itself: a path, or an `s3://` URL. */
  locate(key: string): string;

  /** Makes objects that an engine wrote through {@link locate} durable. Nothing to do on an object store. */
  persist(keys: readonly string[]): Promise<void>;
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
