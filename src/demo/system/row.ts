import type { System } from "../rates.ts";

/** One record on its way into a system's files; all values as text, in the order of the system's columns. */
export interface Row {
  readonly system: System;
  readonly id: string;
  readonly values: readonly (string | null)[];
}
