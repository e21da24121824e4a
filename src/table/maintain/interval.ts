import { OneCopyError } from "../../base/index.ts";

const unitMs: Readonly<Record<string, number>> = {
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
  microsecond: 0.001,
};

/**
 * Milliseconds of a time span as Delta's properties state it: `interval 30 days`, `interval 1 week 12 hours`; the word
 * `interval` may be left out. Months and years have no fixed length. Fails with `table.property_unsupported`.
 */
export function parseInterval(property: string, text: string): number {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, "")
    .split(/\s+/);
  let sum = 0;
  for (let i = 0; i < words.length; i += 2) {
    const unit = unitMs[words[i + 1]?.replace(/s$/, "") ?? ""];
    if (unit === undefined || !/^\d{1,9}$/.test(words[i]!))
      throw new OneCopyError(
        "table.property_unsupported",
        `${property} is ${JSON.stringify(text)}; expected a time span.`,
        { remedy: `Write it like "interval 7 days" (${Object.keys(unitMs).join(", ")}).` },
      );
    sum += Number(words[i]) * unit;
  }
  return sum;
}
