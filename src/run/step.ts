import type { Movement } from "../identity/index.ts";

/** What of the people was resolved again, because something changed in it. */
export interface Touched {
  /** Records that changed, and that what changed says something else of. */
  readonly changed: number;
  /** Records of the components that these are in. */
  readonly records: number;
  readonly components: number;
}

/** What a run did, or had no need to do, for one thing that can be out of date. */
export interface Step {
  readonly kind: "source" | "table" | "identity" | "sync" | "upkeep";
  /** The table, source or sync; `upkeep` is of a table. */
  readonly target: string;
  readonly action: "done" | "unchanged" | "failed";
  /** Why it was out of date, that nothing changed, or what went wrong. */
  readonly why: string;
  /** The error's code, of a step that failed with one. */
  readonly code?: string;
  /** The table version that the step made or found. */
  readonly version?: number;
  readonly rows?: number;
  /** How many records moved to another profile, of a step that resolved people who had been resolved before. */
  readonly movement?: Movement;
  /** Of a step that resolved no more people than it had to. */
  readonly touched?: Touched;
  readonly seconds: number;
  /** What a person should look at, although the step went well: rejected rows, files that are gone. */
  readonly alerts?: readonly string[];
}

export type StepEvent =
  | { readonly kind: "started"; readonly target: string }
  | { readonly kind: "progress"; readonly target: string; readonly note: string }
  | { readonly kind: "finished"; readonly step: Step };

export interface RunReport {
  readonly runId: string;
  readonly revision: number;
  readonly asOf: string;
  readonly steps: readonly Step[];
  /** Whether any step did something. */
  readonly changed: boolean;
  readonly failed: boolean;
  /** Whether the run stopped at a question: more records would move to another profile than it may move unasked. */
  readonly asks: boolean;
  readonly seconds: number;
}
