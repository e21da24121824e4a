import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { newId } from "../../base/index.ts";
import type { S3Connection, Store } from "../../storage/index.ts";
import { Downloads } from "./download.ts";
import { ObjectServer } from "./object-server.ts";
import { PartialCopy } from "./partial-copy.ts";

/** How the engine opens objects by itself. */
export interface DirectReader {
  /** Makes the store at `scope` reachable for SQL; false when the engine cannot, or may not any more. */
  connect(connection: S3Connection): Promise<boolean>;
  /** The same for addresses of HTTP that begin with `scope`. */
  connectHttp(scope: string, bearerToken: string): Promise<boolean>;
}

/** In a URL these would be patterns, or begin something else. */
const special = /[*?[\]#%]/;
/** Up to here an object is copied whole: that takes fewer requests than its parts. */
const copiedBytes = 8 * 2 ** 20;

/** One engine's way to the objects of stores that are no folders. What it copies lives as long as the engine. */
export class Reach {
  private readonly downloads: Downloads;
  private readonly folder: string;
  private readonly partial = new Map<string, { readonly copy: PartialCopy; readonly address: string }>();
  private serving: Promise<ObjectServer | undefined> | undefined;
  private server: ObjectServer | undefined;
  /** Folders that SQL may open files of, with a slash at their end; undefined: all of them. */
  private open: readonly string[] | undefined;

  constructor(
    scratchFolder: string,
    private readonly direct: DirectReader,
  ) {
    this.downloads = new Downloads(scratchFolder);
    this.folder = join(scratchFolder, "ranges");
  }

  /** `sizes`: of the objects, in their order, where they are known: large ones need not be copied whole then. */
  async addresses(store: Store, keys: readonly string[], sizes: readonly number[] = []): Promise<string[]> {
    const isDirect = await this.reads(store);
    return await Promise.all(
      keys.map(async (key, i) => {
        if (isDirect && !special.test(store.locate(key))) return store.locate(key);
        const size = sizes[i] ?? 0;
        const served = size > copiedBytes ? await this.served(store, key, size) : undefined;
        return served ?? (await this.downloads.path(store, key));
      }),
    );
  }

  /** From now on SQL opens files of these folders alone. */
  confine(folders: readonly string[]): void {
    this.open = folders;
  }

  /** Whether the store is a folder whose files SQL may open. */
  opens(store: Store): boolean {
    if (store.remote !== undefined) return false;
    const root = `${resolve(store.locate(""))}/`;
    return this.open === undefined || this.open.some((folder) => root.startsWith(folder));
  }

  /** Whether SQL can read the store's objects at their own addresses. */
  async reads({ remote }: Store): Promise<boolean> {
    return remote?.kind === "s3" && (await this.direct.connect(await remote.connection()));
  }

  /** Makes sure, before the engine is confined, that large objects can be read by ranges, if it can do that at all. */
  async serves(): Promise<boolean> {
    this.serving ??= this.serve();
    return (await this.serving) !== undefined;
  }

  /** Why an object could not be read of which an error of the engine speaks. */
  causeOf(message: string): unknown {
    return this.server?.causeOf(message);
  }

  close(): void {
    this.server?.close();
  }

  private async served(store: Store, key: string, sizeBytes: number): Promise<string | undefined> {
    if (!(await this.serves())) return undefined;
    const id = `${store.url}\0${key}`;
    const known = this.partial.get(id);
    if (known !== undefined && (await known.copy.isCurrent())) return known.address;
    const copy = new PartialCopy(store, key, sizeBytes, join(this.folder, newId()));
    const address = this.server!.add(copy);
    this.partial.set(id, { copy, address });
    return address;
  }

  private async serve(): Promise<ObjectServer | undefined> {
    const server = await ObjectServer.start();
    if (!(await this.direct.connectHttp(server.scope, server.token))) {
      server.close();
      return undefined;
    }
    await mkdir(this.folder, { recursive: true });
    this.server = server;
    return server;
  }
}
