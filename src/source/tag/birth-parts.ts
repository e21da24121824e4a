import type { PlainTag } from "./tag.ts";

/** Year, month and day of a birth date that stands in several columns. */
export const birthParts = ["birth_year", "birth_month", "birth_day"] as const satisfies readonly PlainTag[];
export type BirthPart = (typeof birthParts)[number];

/**
 * SQL: `YYYY-MM-DD` of trimmed texts that are null where nothing is filled in, whatever the order of their columns; zeros for a part that
 * is not known, null when none is. A month may be a name.
 */
export function birthdateOfParts(textOf: (part: BirthPart) => string): string {
  const [year, month, day] = birthParts.map(textOf) as [string, string, string];
  // Of a year of two figures it is the century that is not known.
  const fullYear = `CASE WHEN length(${year}) = 2 THEN CASE WHEN ${year} > strftime(current_date, '%y') THEN '19' ELSE '20' END || ${year} ELSE ${figures(year, 4)} END`;
  const [y, m, d] = [fullYear, figures(month, 2), figures(day, 2)];
  return `CASE WHEN regexp_matches(${month}, '\\p{L}') THEN concat(${d}, ' ', ${month}, ' ', ${y})
    WHEN coalesce(${year}, ${month}, ${day}) IS NOT NULL THEN concat(${y}, '-', ${m}, '-', ${d}) END`;
}

/** Zeros in front of what is shorter; a whole number that passed through floats (`7.0`) is what it was. */
function figures(text: string, width: number): string {
  const zeros = "0".repeat(width);
  const whole = `CASE WHEN ends_with(${text}, '.0') THEN left(${text}, length(${text}) - 2) ELSE ${text} END`;
  return `coalesce(CASE WHEN length(${text}) = ${width} THEN ${text} WHEN length(${whole}) < ${width} THEN right('${zeros}' || ${whole}, ${width}) ELSE ${whole} END, '${zeros}')`;
}
