import type { Recorded } from "../dirt.ts";
import type { Random } from "../random.ts";

/** Ten digits put where the pattern has a 9: `(999) 999-9999`. */
export function phoneAs(pattern: string, digits: string): string {
  let next = 0;
  return pattern.replace(/9/g, () => digits[next++]!);
}

/** `YYYY-MM-DD` → `MM/DD/YYYY` */
export function americanDate(date: string): string {
  const [year, month, day] = date.split("-") as [string, string, string];
  return `${month}/${day}/${year}`;
}

export function phoneInOneOf(
  random: Random,
  patterns: readonly string[],
  { phone }: Recorded,
): string | null {
  return phone === null ? null : phoneAs(random.pick(patterns), phone);
}
