import type { Session } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";

/**
 * Makes `identity_birthdate(raw, birth)`: `YYYY-MM-DD`, with zeros for what is not known, and impossible
 * dates kept as written (`1980-13-32`), since most of their digits are still evidence. Whether the first or the second figure of
 * `03/04/1980` is the month is learned from the dates of the table that can be read in one way only. A first of January is a
 * year of which no more is known, where the table has far more of them than birthdays.
 */
export async function standardiseBirthdates(session: Session, facts: Facts): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_birthdate_figures AS
    SELECT raw, n, ${monthNamed(`regexp_extract(lower(strip_accents(day)), '${monthWord}')`)} AS month_name,
      [CAST(f AS INTEGER) FOR f IN regexp_extract_all(day, '[0-9]{1,4}')] AS figures,
      regexp_extract_all(day, '[0-9]{1,4}') AS texts, regexp_extract(day, '^[0-9]{8}$') AS compact
    FROM (SELECT regexp_replace(regexp_replace(birthdate, '[T ][0-9]{1,2}:.*$', ''), '^([0-9]+)\\.0+$', '\\1') AS day, birthdate AS raw, count(*) AS n
          FROM identity_written WHERE birthdate IS NOT NULL GROUP BY birthdate)`);
  const ask = async (query: string): Promise<number> => (await session.rows<{ n: number }>(query))[0]!.n;
  const dayFirst = await facts.number("day first", () =>
    ask(`SELECT CAST(coalesce(sum(n) FILTER (figures[1] > 12 AND figures[2] <= 12), 0) >
             coalesce(sum(n) FILTER (figures[2] > 12 AND figures[1] <= 12), 0) AS INTEGER) AS n
      FROM identity_birthdate_figures WHERE len(texts[1]) <= 2 AND len(figures) >= 3 AND month_name = 0`),
  );
  const newest = await facts.number("newest two-figure year", () =>
    ask("SELECT CAST(year(current_date) % 100 AS INTEGER) AS n"),
  );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_birthdate_read AS
    WITH dmy AS (SELECT ${dayFirst === 1} AS day_first),
    read AS (SELECT raw, n,
      CASE
        WHEN compact <> '' AND (substr(compact, 1, 2) IN ('18', '19', '20') OR substr(compact, 5, 2) <= '12' AND substr(compact, 1, 1) = '1')
          THEN [substr(compact, 1, 4)::INTEGER, substr(compact, 5, 2)::INTEGER, substr(compact, 7, 2)::INTEGER]
        WHEN compact <> '' THEN [substr(compact, 5, 4)::INTEGER,
          CASE WHEN day_first THEN substr(compact, 3, 2) ELSE substr(compact, 1, 2) END::INTEGER,
          CASE WHEN day_first THEN substr(compact, 1, 2) ELSE substr(compact, 3, 2) END::INTEGER]
        WHEN month_name > 0 AND len(figures) >= 2 AND len(texts[1]) = 4 THEN [figures[1], month_name, figures[2]]
        WHEN month_name > 0 AND len(figures) >= 2 THEN [figures[2], month_name, figures[1]]
        WHEN month_name > 0 AND len(figures) = 1 THEN [figures[1], month_name, 0]
        WHEN len(figures) >= 3 AND len(texts[1]) = 4 THEN figures[1:3]
        WHEN len(figures) >= 3 AND (figures[1] > 12 OR day_first) AND figures[2] <= 12 THEN [figures[3], figures[2], figures[1]]
        WHEN len(figures) >= 3 THEN [figures[3], figures[1], figures[2]]
        WHEN len(figures) = 2 AND len(texts[1]) = 4 THEN [figures[1], figures[2], 0]
        WHEN len(figures) = 2 AND len(texts[2]) = 4 THEN [figures[2], figures[1], 0]
        WHEN len(figures) = 1 AND len(texts[1]) = 4 THEN [figures[1], 0, 0]
      END AS ymd, texts
      FROM identity_birthdate_figures, dmy),
    century AS (SELECT raw, n, CASE
        WHEN ymd[1] < 100 AND NOT starts_with(texts[1], '0000') THEN ymd[1] + CASE WHEN ymd[1] > ${newest} THEN 1900 ELSE 2000 END
        ELSE ymd[1] END AS y, least(ymd[2], 99) AS m, least(ymd[3], 99) AS d FROM read)
    SELECT raw, n, y, m, d FROM century WHERE y BETWEEN 1 AND 9999 OR y = 0 AND m > 0 AND d > 0`);
  const newYearsAreYears = await facts.number("first of January is a year", () => ask(newYearsQuery));
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_birthdate AS
    SELECT raw, printf('%04d-%02d-%02d', y, ${newYearsAreYears === 1 ? "CASE WHEN m = 1 AND d = 1 THEN 0 ELSE m END, CASE WHEN m = 1 AND d = 1 THEN 0 ELSE d END" : "m, d"}) AS birth
    FROM identity_birthdate_read;
    DROP TABLE identity_birthdate_read;
    DROP TABLE identity_birthdate_figures`);
}

/** Five times what birthdays would be. */
const mostNewYears = 5 / 365.25;
/** So many years may be what a form or a program has where it knows nothing: 1900-01-01, 1970-01-01. */
const defaultDates = 6;
/** Among fewer dates some firsts of January say nothing. */
const fewDates = 300;

const newYearsQuery = `
  SELECT CAST(coalesce(sum(new_year) - sum(new_year) FILTER (place <= ${defaultDates}) > ${mostNewYears} * greatest(sum(n), ${fewDates}), false) AS INTEGER) AS n
  FROM (SELECT *, row_number() OVER (ORDER BY new_year DESC, y) AS place
        FROM (SELECT y, sum(n) FILTER (d > 0) AS n, coalesce(sum(n) FILTER (m = 1 AND d = 1), 0) AS new_year FROM identity_birthdate_read GROUP BY y))`;

/** Beginnings of the months' names in English, German, French, Spanish, Italian and Dutch, without accents. */
const months: readonly string[] = [
  "jan|ene|gen", "feb|fev|fevr", "mar|mrz|maa", "apr|avr|abr", "may|mai|mei|mag", "jun|jui|giu", "jul|juil|lug",
  "aug|aou|ago", "sep|set", "oct|okt|ott", "nov", "dec|dez|dic",
]; // prettier-ignore

/** Whatever other words stand before it ("about", "bef."). */
const monthWord = `\\b(?:${months.join("|")})[a-z]*`;

/** 1…12, or 0 for a word that is no month. */
function monthNamed(word: string): string {
  const cases = months.map((names, i) => `WHEN regexp_matches(${word}, '^(${names})') THEN ${i + 1}`);
  // "juin" and "juil" begin alike in three letters, so July is asked for first.
  return `CASE ${[cases[6]!, ...cases].join(" ")} ELSE 0 END`;
}
