import { OneCopyError } from "../base/index.ts";

/** Days of the demo are counted from the first one, 0, to the last one. */
export const HISTORY_YEARS = 4;
export const HISTORY_DAYS = HISTORY_YEARS * 365;

/** The day after which nothing happens; ages are counted on it. */
export const LAST_DAY = "2026-10-31";

const DAY_MS = 86_400_000;

/** Turns days of the demo into dates that end on a given one. */
export class Calendar {
  private readonly firstMs: number;

  constructor(lastDay: string) {
    const lastMs = /^\d{4}-\d{2}-\d{2}$/.test(lastDay) ? Date.parse(`${lastDay}T00:00:00Z`) : NaN;
    if (Number.isNaN(lastMs) || !new Date(lastMs).toISOString().startsWith(lastDay))
      throw new OneCopyError("demo.last_day_invalid", `The last day must be a date, not ${lastDay}.`, {
        remedy: `Write it as YYYY-MM-DD, for example ${LAST_DAY}.`,
      });
    this.firstMs = lastMs - HISTORY_DAYS * DAY_MS;
  }

  /** `YYYY-MM-DD` */
  date(day: number): string {
    return new Date(this.firstMs + day * DAY_MS).toISOString().slice(0, 10);
  }

  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  time(day: number, second: number): string {
    return new Date(this.firstMs + day * DAY_MS + second * 1000).toISOString().slice(0, 19).replace("T", " ");
  }
}
