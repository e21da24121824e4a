import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js";
import { literal, type Session } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";
import { textColumn } from "../literal-column.ts";
import { readNational } from "./national-number.ts";

/** Tried, in this order, for national numbers of a table that does not say its country. */
const candidates: readonly CountryCode[] = [
  "US", "GB", "DE", "FR", "AU", "CA", "ES", "IT", "NL", "CH", "AT", "BE", "SE", "PL", "IE", "NZ", "IN", "BR", "MX", "JP", "ZA",
]; // prettier-ignore

/** A country with fewer numbers is not worth a statement. */
const fewest = 100;

/**
 * Makes `identity_phone(i, phone)`, by the rows of `identity_written`: numbers as E.164. A number with a country code needs only its
 * digits; a national one is read by the rules of the record's country, or else of the country by whose rules most
 * national numbers of the table are valid. Digits that no country knows stay as they are, when there are 7 or more.
 */
export async function standardisePhones(session: Session, facts: Facts): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_phone_figures AS
      SELECT i, country, international, CASE WHEN international AND starts_with(all_digits, '00') AND NOT contains(raw, '+') THEN substr(all_digits, 3) ELSE all_digits END AS digits
      FROM (SELECT *, regexp_matches(raw, '^[^0-9]*(\\+|00[1-9])') AS international,
        CASE WHEN contains(raw, '(0)') THEN regexp_replace(raw, '\\(0\\)|[^0-9]', '', 'g') WHEN regexp_full_match(raw, '[0-9]+') THEN raw
          ELSE regexp_replace(raw, '[^0-9]+', '', 'g') END AS all_digits
      FROM (SELECT rowid AS i, country, CASE WHEN regexp_matches(phone, '[a-zA-Z#]') THEN regexp_replace(phone, '(?i)(ext|x|#|durchwahl).*$', '') ELSE phone END AS raw
        FROM identity_written WHERE phone IS NOT NULL));
    CREATE OR REPLACE TEMP TABLE identity_phone_dialled AS
    SELECT i, country, international, digits AS dialled FROM identity_phone_figures
    WHERE len(digits) BETWEEN 7 AND 15 AND NOT regexp_full_match(digits, '[0-9]?(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)')
      AND digits NOT IN ('1234567', '12345678', '123456789', '1234567890', '0123456789');
    DROP TABLE identity_phone_figures`);
  const home = await facts.text("home country", () => countryOfTable(session));
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_phone_national AS
    SELECT i, coalesce(country, '${home}') AS country, dialled FROM identity_phone_dialled WHERE NOT international;
    CREATE OR REPLACE TEMP TABLE identity_phone AS SELECT i, '+' || dialled AS phone FROM identity_phone_dialled WHERE international;
    DROP TABLE identity_phone_dialled`);
  const countries = await session.rows<{ country: string; n: number }>(
    "SELECT country, count(*) AS n FROM identity_phone_national GROUP BY 1 ORDER BY 1",
  );
  const many = countries.filter(({ n }) => n >= fewest).map(({ country }) => country as CountryCode);
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_phone_read AS
    SELECT i, country, dialled, CAST(NULL AS VARCHAR) AS phone FROM identity_phone_national WHERE country NOT IN (${[...many, ""].map(literal).join(", ")})
    ${many.map((country) => `UNION ALL ${readNational("identity_phone_national", country)}`).join(" ")};
    INSERT INTO identity_phone SELECT i, phone FROM identity_phone_read WHERE phone IS NOT NULL`);
  const rest = await session.rows<{ country: string; dialled: string }>(
    "SELECT DISTINCT country, dialled FROM identity_phone_read WHERE phone IS NULL ORDER BY country, dialled",
  );
  const parsed = rest.map(({ country, dialled }) => e164(dialled, country as CountryCode));
  await session.run(`
    INSERT INTO identity_phone SELECT i, p.phone FROM identity_phone_read r JOIN (
      SELECT ${textColumn(rest.map((row) => row.country))} AS country, ${textColumn(rest.map((row) => row.dialled))} AS dialled, ${textColumn(parsed)} AS phone) p
      USING (country, dialled) WHERE r.phone IS NULL;
    DROP TABLE identity_phone_national; DROP TABLE identity_phone_read`);
}

/** As libphonenumber reads figures in a country; what is no possible number stays as it is. */
export function e164(dialled: string, country: CountryCode): string {
  const number = parsePhoneNumberFromString(dialled, country);
  return number !== undefined && number.isPossible() ? number.number : dialled;
}

/**
 * The first country by whose numbering plan nearly as many of a sample are valid as by any other's: some plans (the
 * German one) take almost any figures for a number, so the most valid numbers alone prove little.
 */
async function countryOfTable(session: Session): Promise<CountryCode> {
  const ofNoCountry = "FROM identity_phone_dialled WHERE country IS NULL AND NOT international";
  const [counted] = await session.rows<{ n: number }>(`SELECT count(*) AS n ${ofNoCountry}`);
  const sample = await session.rows<{ dialled: string }>(
    `SELECT DISTINCT dialled ${ofNoCountry} AND hash(dialled) % ${Math.max(1, Math.floor(counted!.n / 2000))} = 0
     ORDER BY hash(dialled), dialled LIMIT 400`,
  );
  const valid = candidates.map(
    (country) => sample.filter(({ dialled }) => isNational(dialled, country)).length,
  );
  const most = Math.max(...valid);
  return candidates[valid.findIndex((count) => count >= 0.9 * most)]!;
}

/** North America by its shape alone: its invented numbers (555) are not valid, and they are everywhere. */
function isNational(digits: string, country: CountryCode): boolean {
  if (country === "US") return /^1?[2-9]\d\d[2-9]\d{6}$/.test(digits);
  return parsePhoneNumberFromString(digits, country)?.isValid() ?? false;
}
