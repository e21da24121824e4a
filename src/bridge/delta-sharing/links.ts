import { LENT_LIFE_MS } from "../../access/index.ts";
import type { Presigner, Store } from "../../storage/index.ts";
import { type DataFile, inlineDeletionVector, keyIn } from "../../table/index.ts";
import type { FileLink } from "./lines.ts";
import { type AnswerClaims, FileSigner } from "./signed-url.ts";

/** Long enough to read what was just queried, short enough for a revocation. */
const URL_TTL_MS = LENT_LIFE_MS;

/** Whose table it is that links are made for, until when its token is good, and who makes the addresses of its files. */
export interface LinkedTable {
  readonly store: Store;
  readonly folder: string;
  readonly claims: Pick<AnswerClaims, "token" | "share" | "table">;
  readonly tokenEnds: Date;
}

/** Addresses of files: all are good until the same moment. */
interface Addresses {
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Of a file of the table, by its path in it and its key in the store. */
  of(path: string, key: string): string;
}

/** The store's own addresses of files, signed with its keys; undefined when it can't. No token outlives itself by them. */
export function storeAddresses({ store, tokenEnds }: LinkedTable, nowMs: number): Addresses | undefined {
  const lifeMs = Math.min(URL_TTL_MS, tokenEnds.getTime() - nowMs);
  const presigner: Presigner | undefined = store.lending?.presigner(lifeMs / 1000);
  if (presigner === undefined) return undefined;
  return { expires: nowMs + presigner.lifeSeconds * 1000, of: (_path, key) => presigner.url(key) };
}

/** Addresses at OneCopy itself, `address` with `/` at its end: it looks at each request for the bytes anew. */
export function ownAddresses(
  { folder, claims }: LinkedTable,
  {
    address,
    secret,
    nowMs,
  }: { readonly address: string; readonly secret: Uint8Array; readonly nowMs: number },
): Addresses {
  const expires = nowMs + URL_TTL_MS;
  const signer = new FileSigner(secret, { ...claims, folder, expires });
  return { expires, of: (path) => address + signer.sign(path) };
}

/** Links to the files of one answer. */
export class FileLinks {
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Of the files that links were made to. */
  files = 0;
  bytes = 0;

  constructor(
    private readonly table: Pick<LinkedTable, "store" | "folder">,
    private readonly addresses: Addresses,
  ) {
    this.expires = addresses.expires;
  }

  /** Links to some files, in their order. A deletion vector goes along inside the line: clients cannot fetch it. */
  async of(files: readonly DataFile[]): Promise<FileLink[]> {
    const { store, folder } = this.table;
    const { expires, addresses } = this;
    this.files += files.length;
    for (const { sizeBytes } of files) this.bytes += sizeBytes;
    const inline = async ({ deletionVector: vector }: DataFile): Promise<FileLink["deletionVector"]> =>
      vector && (await inlineDeletionVector(store, folder, vector));
    const vectors = files.some((file) => file.deletionVector !== undefined)
      ? await Promise.all(files.map(inline))
      : undefined;
    return files.map(({ path }, i) => {
      // Fails for what is not in the lake: no address is given to that.
      const key = keyIn(folder, path);
      return { url: addresses.of(path, key), expires, deletionVector: vectors?.[i] };
    });
  }

  /** PROTOCOL.md, "EndStreamAction": until when all of them are good; nothing when there are none. */
  end(): { readonly minUrlExpirationTimestamp?: number } {
    return this.files > 0 ? { minUrlExpirationTimestamp: this.expires } : {};
  }
}
