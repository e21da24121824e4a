import type { S3Connection, Store } from "../../storage/index.ts";
import { Downloads } from "./download.ts";

/** How the engine opens objects by itself. */
export interface DirectReader {
  /** Makes the store at `scope` reachable for SQL; false when the engine cannot, or may not any more. */
  connect(connection: S3Connection): Promise<boolean>;
}

/** In a URL these would be patterns, or begin something else. */
const special = /[*?[\]#%]/;

/** One engine's way to the objects of stores that are no folders. What it copies lives as long as the engine. */
export class Reach {
  private readonly downloads: Downloads;

  constructor(
    scratchFolder: string,
    private readonly direct: DirectReader,
  ) {
    this.downloads = new Downloads(scratchFolder);
  }

  async addresses(store: Store, keys: readonly string[]): Promise<string[]> {
    if (!(await this.reads(store))) return this.downloads.paths(store, keys);
    const copied = await this.downloads.paths(
      store,
      keys.filter((key) => special.test(store.locate(key))),
    );
    return keys.map((key) => (special.test(store.locate(key)) ? copied.shift()! : store.locate(key)));
  }

  /** Whether SQL can read the store's objects at their own addresses. */
  async reads({ remote }: Store): Promise<boolean> {
    return remote?.kind === "s3" && (await this.direct.connect(await remote.connection()));
  }
}
