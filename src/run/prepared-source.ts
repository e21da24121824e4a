import type { Tag } from "../source/index.ts";

/** A source as later steps use it: its relation as it is now, and what its columns mean. */
export interface PreparedSource {
  readonly name: string;
  /** `raw.<name>`, or the mount's name. */
  readonly relationName: string;
  /** Since which none of its rows changed. */
  readonly version: number;
  readonly tableId: string;
  /** SQL text that can stand after FROM. Asked for only by what is out of date: of a mount the files are listed then. */
  readonly relation: () => Promise<string>;
  readonly idColumn: string;
  readonly tags: Readonly<Record<string, Tag>>;
  readonly timezone: string | undefined;
}
