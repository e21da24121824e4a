/** ISO 8601 in the proleptic Gregorian calendar, for every day and moment of the engine: JavaScript's Date ends in the year 275760. */

const secondsOfDay = 86_400n;

/** `days` since 1970-01-01. A year outside 0000…9999 has a sign and six digits, as ISO 8601 asks. */
export function isoDate(days: number): string {
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${isoYear(year)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/** `ticks` since 1970 of which a second has `perSecond`; the fraction only when there is one. Without a zone. */
export function isoTimestamp(ticks: bigint, perSecond: bigint): string {
  const fraction = modulo(ticks, perSecond);
  const seconds = (ticks - fraction) / perSecond;
  const inDay = modulo(seconds, secondsOfDay);
  const date = isoDate(Number((seconds - inDay) / secondsOfDay));
  const time = [inDay / 3600n, (inDay / 60n) % 60n, inDay % 60n]
    .map((part) => digits(Number(part), 2))
    .join(":");
  const places = String(perSecond).length - 1;
  return `${date}T${time}${fraction === 0n ? "" : `.${String(fraction).padStart(places, "0")}`}`;
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return digits(year, 4);
  return `${year < 0 ? "-" : "+"}${digits(Math.abs(year), 6)}`;
}

function digits(value: number, places: number): string {
  return String(value).padStart(places, "0");
}

/** The remainder that is never negative, so that moments before 1970 count upwards within their second too. */
function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
