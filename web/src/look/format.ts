const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat("en", { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const percents = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const plainTimes = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const longTimes = new Intl.NumberFormat("en", {
  maximumSignificantDigits: 2,
  notation: "compact",
  compactDisplay: "long",
});
const weights = new Intl.NumberFormat("en", {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
});
const ages = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** 12345 → "12,345". */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** "1 record", "1,204 records". */
export function formatCountOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

export function formatDecimal(value: number): string {
  return oneDecimal.format(value);
}

/** An F1 between 0 and 1 with three digits, as the command prints it; nothing but 1 is rounded up to 1. */
export function formatShare(value: number): string {
  return shares.format(value < 1 ? Math.min(0.999, value) : value);
}

/** A share between 0 and 1: "0.011 %", "16.7 %"; what is not nothing never reads as 0, nor what is not all as 100. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.001) return "< 0.001 %";
  // Near the end the second decimal says something; cut, so that it does not round up to it.
  if (percent > 99 && percent < 100) return `${(Math.floor(percent * 100) / 100).toFixed(2)} %`;
  return `${percents.format(percent)} %`;
}

/** How many times, of which two digits are enough: "4,100", "12 million". */
export function formatTimes(times: number): string {
  return (times < 1e6 ? plainTimes : longTimes).format(Math.min(times, 9e14));
}

/** A weight in powers of two, with its sign: "+7.2", "−3.0". */
export function formatWeight(weight: number): string {
  return weights.format(weight).replace("-", "−");
}

/** 1234567 → "1.2 MB" (powers of 1000). */
export function formatBytes(sizeBytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? counts.format(value) : oneDecimal.format(value)} ${units[unit]}`;
}

/** "3 minutes ago" for a moment before `nowMs`; the text as it is when it is no moment. */
export function formatAge(at: string, nowMs: number): string {
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) return at;
  const seconds = Math.min(0, Math.round((atMs - nowMs) / 1000));
  const steps = [
    ["second", 60],
    ["minute", 60],
    ["hour", 24],
    ["day", 365],
  ] as const;
  let value = seconds;
  for (const [unit, size] of steps) {
    if (Math.abs(value) < size) return ages.format(Math.round(value), unit);
    value /= size;
  }
  return ages.format(Math.round(value), "year");
}

/** An attribute as text: numbers with separators; a decimal comes as text and keeps its own digits. */
export function formatAttribute(value: unknown): string | undefined {
  if (typeof value === "number") return decimals(2).format(value);
  if (typeof value !== "string") return formatCell(value);
  const fraction = /^-?\d{1,15}\.(\d{1,6})$/.exec(value)?.[1];
  if (fraction !== undefined) return decimals(fraction.length, fraction.length).format(Number(value));
  return formatCell(value);
}

function decimals(most: number, least = 0): Intl.NumberFormat {
  return new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most });
}

/** A table's value as text; undefined where there is none. Times are UTC, without fractions; midnight is a day. */
export function formatCell(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "string") {
    const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(value) ?? [];
    return time === undefined ? value : time === "00:00:00" ? day : `${day} ${time}`;
  }
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return JSON.stringify(value);
}

/** As a sentence begins. */
export function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase("en") + text.slice(1);
}
