import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js";
import type { Session } from "../../engine/index.ts";
import { textColumn } from "../literal-column.ts";

/** Tried, in this order, for national numbers of a table that does not say its country. */
const candidates: readonly CountryCode[] = [
  "US", "GB", "DE", "FR", "AU", "CA", "ES", "IT", "NL", "CH", "AT", "BE", "SE", "PL", "IE", "NZ", "IN", "BR", "MX", "JP", "ZA",
]; // prettier-ignore

/**
 * Makes `identity_phone(raw, country, phone)`: numbers as E.164. A number with a country code needs only its
 * digits; a national one is read by the rules of the record's country, or else of the country by whose rules most
 * national numbers of the table are valid. Digits that no country knows stay as they are, when there are 7 or more.
 */
export async function standardisePhones(session: Session): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_phone_written AS
    SELECT raw, country, CASE WHEN international THEN '+' ELSE '' END || digits AS dialled FROM (
      SELECT raw, country, regexp_matches(raw, '^[^0-9]*(\\+|00[1-9])') AS international,
        CASE WHEN regexp_matches(raw, '^[^0-9+]*00[1-9]') THEN substr(all_digits, 3) ELSE all_digits END AS digits
      FROM (SELECT *, regexp_replace(regexp_replace(raw, '(?i)(ext|x|#|durchwahl).*$', ''), '\\(0\\)|[^0-9]', '', 'g') AS all_digits
      FROM (SELECT DISTINCT phone AS raw, country FROM identity_raw WHERE phone IS NOT NULL)))
    WHERE len(digits) BETWEEN 7 AND 15 AND NOT regexp_full_match(digits, '[0-9]?(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)')
      AND digits NOT IN ('1234567', '12345678', '123456789', '1234567890', '0123456789')`);
  const national = await session.rows<{ country: string | null; dialled: string; n: number }>(
    `SELECT country, dialled, count(*) AS n FROM identity_phone_written WHERE dialled NOT LIKE '+%' GROUP BY ALL ORDER BY dialled, country`,
  );
  const fallback = countryOf(national.filter((row) => row.country === null).map((row) => row.dialled));
  const parsed = national.map(({ country, dialled }) => {
    const region = country !== null && isSupportedCountry(country) ? country : fallback;
    const number = parsePhoneNumberFromString(dialled, region);
    return number !== undefined && number.isPossible() ? number.number : dialled;
  });
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_phone AS
    WITH parsed AS (SELECT ${textColumn(national.map((row) => row.dialled))} AS dialled,
      nullif(${textColumn(national.map((row) => row.country ?? ""))}, '') AS country, ${textColumn(parsed)} AS phone)
    SELECT w.raw, w.country, coalesce(p.phone, w.dialled) AS phone
    FROM identity_phone_written w
    LEFT JOIN parsed p ON p.dialled = w.dialled AND p.country IS NOT DISTINCT FROM w.country;
    DROP TABLE identity_phone_written`);
}

/**
 * The first country by whose numbering plan nearly as many of a sample are valid as by any other's: some plans (the
 * German one) take almost any figures for a number, so the most valid numbers alone prove little.
 */
function countryOf(dialled: readonly string[]): CountryCode {
  const step = Math.max(1, Math.floor(dialled.length / 400));
  const sample = dialled.filter((_, i) => i % step === 0);
  const valid = candidates.map((country) => sample.filter((digits) => isNational(digits, country)).length);
  const most = Math.max(...valid);
  return candidates[valid.findIndex((count) => count >= 0.9 * most)]!;
}

/** North America by its shape alone: its invented numbers (555) are not valid, and they are everywhere. */
function isNational(digits: string, country: CountryCode): boolean {
  if (country === "US") return /^1?[2-9]\d\d[2-9]\d{6}$/.test(digits);
  return parsePhoneNumberFromString(digits, country)?.isValid() ?? false;
}
