import type { Store } from "../../storage/index.ts";
import { type DataFile, inlineDeletionVector, keyIn } from "../../table/index.ts";
import type { FileLink } from "./lines.ts";
import { type AnswerClaims, FileSigner } from "./signed-url.ts";

/** How long a file URL is good for: long enough to read what was just queried, short enough for a revocation. */
const URL_TTL_MS = 15 * 60 * 1000;

/** Whose table it is that links are made for. */
export interface LinkedTable {
  readonly store: Store;
  readonly folder: string;
  readonly claims: Pick<AnswerClaims, "token" | "share" | "table">;
}

/** Links to the files of one answer, which all end at the same moment. */
export class FileLinks {
  /** Milliseconds since 1970. */
  readonly expires: number;
  private readonly signer: FileSigner;
  /** Of the files that links were made to. */
  files = 0;
  bytes = 0;

  constructor(
    readonly table: LinkedTable,
    secret: Uint8Array,
    /** Where files are answered, with `/` at its end. */
    private readonly address: string,
    nowMs: number,
  ) {
    this.expires = nowMs + URL_TTL_MS;
    const { claims, folder } = table;
    this.signer = new FileSigner(secret, { ...claims, folder, expires: this.expires });
  }

  /** Links to some files, in their order. A deletion vector goes along inside the line: clients cannot fetch it. */
  async of(files: readonly DataFile[]): Promise<FileLink[]> {
    const { store, folder } = this.table;
    const { expires } = this;
    this.files += files.length;
    for (const { sizeBytes } of files) this.bytes += sizeBytes;
    const inline = async ({ deletionVector: vector }: DataFile): Promise<FileLink["deletionVector"]> =>
      vector && (await inlineDeletionVector(store, folder, vector));
    const vectors = files.some((file) => file.deletionVector !== undefined)
      ? await Promise.all(files.map(inline))
      : undefined;
    return files.map(({ path }, i) => {
      // No address is given to what is not in the lake.
      keyIn(folder, path);
      return { url: this.address + this.signer.sign(path), expires, deletionVector: vectors?.[i] };
    });
  }

  /** PROTOCOL.md, "EndStreamAction": until when all of them are good; nothing when there are none. */
  end(): { readonly minUrlExpirationTimestamp?: number } {
    return this.files > 0 ? { minUrlExpirationTimestamp: this.expires } : {};
  }
}
