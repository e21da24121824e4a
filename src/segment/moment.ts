/** A day, or an instant in UTC without its zone, as engines read them. */
export interface Moment {
  readonly kind: "day" | "instant";
  readonly text: string;
}

/** Reads `2026-01-31` and `2026-01-31T12:00:00Z` (seconds, fraction and another offset too); undefined for anything else. */
export function momentOf(text: string): Moment | undefined {
  const day = /^(\d{4})-(\d{2})-(\d{2})/.exec(text)?.[0];
  if (day === undefined || !isDay(day)) return undefined;
  if (text === day) return { kind: "day", text };
  const form =
    /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;
  if (!form.test(text)) return undefined;
  const instant = new Date(text.replace(/(\.\d{3})\d+/, "$1"));
  const micros = /\.(\d{1,6})/.exec(text)?.[1]?.padEnd(6, "0") ?? "000000";
  return { kind: "instant", text: `${instant.toISOString().slice(0, 19).replace("T", " ")}.${micros}` };
}

/** Whether `YYYY-MM-DD` is a day of the calendar. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && !text.startsWith("0000");
}
