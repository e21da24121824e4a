import type { Store } from "../../storage/index.ts";
import { Downloads } from "./download.ts";

/** One engine's way to the objects of stores that are no folders. What it copies lives as long as the engine. */
export class Reach {
  private readonly downloads: Downloads;

  constructor(scratchFolder: string) {
    this.downloads = new Downloads(scratchFolder);
  }

  addresses(store: Store, keys: readonly string[]): Promise<string[]> {
    return this.downloads.paths(store, keys);
  }
}
