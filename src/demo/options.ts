import type { System } from "./rates.ts";

export interface DemoOptions {
  /** Where the project goes; made when missing, and empty otherwise. */
  readonly folder: string;
  /** Real customers. Default: 20,000. */
  readonly people?: number;
  /** The same seed gives the same bytes. Default: 1. */
  readonly seed?: number;
  /** The last day on which something happens, `YYYY-MM-DD`. Default: the last day of calendar.ts. */
  readonly lastDay?: string;
}

export interface DemoSummary {
  readonly people: number;
  /** Well-formed records, all sources together. */
  readonly records: number;
  readonly recordsBySource: Readonly<Record<System, number>>;
  /** Lines that must end in the rejects. */
  readonly malformedLines: number;
}

export const DEFAULT_PEOPLE = 20_000;
export const DEFAULT_SEED = 1;
