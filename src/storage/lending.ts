/**
 * How others get at objects by themselves for a while, without the store's own keys. What was lent can't be taken back:
 * it ends by itself.
 */
export interface Lending {
  /** Signs reads; undefined when there are no keys to sign with. */
  presigner(lifeSeconds: number): Presigner | undefined;

  /**
   * Keys that reach one folder; undefined when no role is set to take them from. Fails with `storage.denied`,
   * `storage.unreachable` or `storage.failed`.
   */
  readonly keysTo?: (folder: string, may: LentRight, holder: string) => Promise<LentKeys>;
}

/** Makes URLs that are all good from when it was made, for so long. */
export interface Presigner {
  readonly lifeSeconds: number;
  /** By which anybody may GET the object, whole or by Range; a HEAD is refused. */
  url(key: string): string;
}

/**
 * `read`: what is in the folder. `write`: that, and new objects in its `data/` and `_iceberg/`; never in its `_delta_log/`,
 * and nothing can be deleted.
 */
export type LentRight = "read" | "write";

/** Holds secrets: hand it on, never keep or log it. */
export interface LentKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
  readonly region: string;
  /** Scheme, host and port of a service of one's own; undefined: AWS. */
  readonly endpoint: string | undefined;
  readonly urlStyle: "path" | "vhost";
}
