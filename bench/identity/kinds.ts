import { writeRetail } from "./retail.ts";

/** Something that makes labelled files: `<source>.csv` for each source, `truth.csv` and `why.csv` (see LabelledFiles). */
export interface Kind {
  readonly write: (folder: string, records: number, seed: number) => Promise<void>;
  /** Records, where none are asked for. */
  readonly size: number;
}

export const kinds: Readonly<Record<string, Kind>> = {
  retail: { write: writeRetail, size: 60_000 },
};
