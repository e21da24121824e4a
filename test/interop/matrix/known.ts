/** A reader's own limit, which the page explains. A failure that no entry is for fails the test; so does an entry without one. */
export interface Known {
  readonly readers: readonly string[];
  /** Start of the operations' names; absent: all. */
  readonly operations?: readonly string[];
  /** Absent: the reader refuses the table. */
  readonly types?: readonly string[];
  readonly why: string;
}

export const known: readonly Known[] = [];
