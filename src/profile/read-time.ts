import { ident, literal } from "../engine/index.ts";

/**
 * Reads columns of text as times and days, as sources write them: ISO 8601 with or without an offset, `2024/1/5`,
 * `20240105`, `05.01.2024`, `1/5/2024 1:05 PM`, `5-Jan-2024`, `Jan 5, 2024`, and seconds, milliseconds or
 * microseconds since 1970.
 *
 * `times` become instants (TIMESTAMP WITH TIME ZONE), null when the text is none, or lies outside of the years
 * 1900…2199, where only placeholders such as 9999-12-31 lie; `zone` is that of times which state none, a day is its
 * first moment there. `days` become text `YYYY-MM-DD`; a text that is no day stays as it is.
 *
 * Whether `03/04/2024` is in April is learned for each column from its values that can be read in one way only
 * (`25/12/2024`): equal texts of a column are equal days.
 */
export function readTimes(
  relation: string,
  columns: { readonly times: readonly string[]; readonly days: readonly string[] },
  zone: string,
): string {
  const { times, days } = columns;
  const all = [...times, ...days];
  if (all.length === 0) return relation;
  const helper = (column: string, step: "day_first" | "iso" | "instant"): string =>
    ident(`${column} ${step}`);
  const votes = all.map((column) => `${dayFirstVote(ident(column))} AS ${helper(column, "day_first")}`);
  const isos = all.map((column) => {
    const text = days.includes(column) ? fourFigureYear(ident(column)) : ident(column);
    return `${isoOf(text, helper(column, "day_first"))} AS ${helper(column, "iso")}`;
  });
  const instants = times.map(
    (column) => `${instantOf(ident(column), helper(column, "iso"), zone)} AS ${helper(column, "instant")}`,
  );
  const read = [
    ...times.map((column) => `${plausible(helper(column, "instant"))} AS ${ident(column)}`),
    ...days.map(
      (column) =>
        `coalesce(strftime(${zoneless(helper(column, "iso"))}, '%Y-%m-%d'), ${ident(column)}) AS ${ident(column)}`,
    ),
  ];
  const helpers = [
    ...all.flatMap((column) => [helper(column, "day_first"), helper(column, "iso")]),
    ...times.map((column) => helper(column, "instant")),
  ];
  // In layers, so that no long expression is written, or evaluated, more than once.
  return `(SELECT * EXCLUDE (${helpers.join(", ")}) REPLACE (${read.join(", ")})
    FROM (SELECT *${instants.map((sql) => `, ${sql}`).join("")}
    FROM (SELECT *, ${isos.join(", ")}
    FROM ${relation} CROSS JOIN (SELECT ${votes.join(", ")} FROM ${relation}))))`;
}

function dayFirstVote(text: string): string {
  const above12 = (position: 1 | 2): string =>
    `count(*) FILTER (WHERE regexp_matches(${text}, '^[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{2}')
      AND TRY_CAST(regexp_extract(${text}, '^([0-9]{1,2})[/-]([0-9]{1,2})', ${position}) AS INTEGER) > 12)`;
  return `${above12(1)} > ${above12(2)}`;
}

/** The text with its date written `YYYY-MM-DD`. Points between the figures mean day first, everywhere. */
function isoOf(text: string, dayFirst: string): string {
  const rearranged = (order: string): string =>
    `regexp_replace(${text}, '^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})', '${order}')`;
  const figure = (position: 1 | 2): string =>
    `TRY_CAST(regexp_extract(${text}, '^([0-9]{1,2})[/.-]([0-9]{1,2})', ${position}) AS INTEGER)`;
  return `CASE
    WHEN ${text} LIKE '____-__-__%' THEN ${text}
    WHEN regexp_matches(${text}, '^[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2}')
      THEN regexp_replace(${text}, '^([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})', '\\1-\\2-\\3')
    WHEN regexp_matches(${text}, '^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}') THEN
      CASE WHEN ${figure(2)} <= 12 AND (${figure(1)} > 12 OR regexp_matches(${text}, '^[0-9]+\\.') OR ${dayFirst})
      THEN ${rearranged("\\3-\\2-\\1")} ELSE ${rearranged("\\3-\\1-\\2")} END
    WHEN regexp_full_match(${text}, '(18|19|20|21)[0-9]{6}')
      THEN regexp_replace(${text}, '^(....)(..)(..)$', '\\1-\\2-\\3')
    ELSE ${text} END`;
}

/** Years of two figures: 30…99 are 1930…1999, the others 2000…2029. */
function fourFigureYear(text: string): string {
  const year = `right(${text}, 2)`;
  return `CASE WHEN regexp_full_match(${text}, '[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}')
    THEN left(${text}, -2) || CASE WHEN ${year} >= '30' THEN '19' ELSE '20' END || ${year} ELSE ${text} END`;
}

const offset = "[0-9]{1,2}:[0-9]{2}.*(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$";

function instantOf(text: string, iso: string, zone: string): string {
  // Below 2^53, where doubles hold every microsecond.
  const sinceEpoch = (microseconds: string): string =>
    `make_timestamptz(TRY_CAST(TRY_CAST(${text} AS DOUBLE) * ${microseconds} AS BIGINT))`;
  return `CASE
    WHEN len(${iso}) = 10 AND ${iso} LIKE '____-__-__' THEN timezone(${literal(zone)}, TRY_CAST(${iso} AS TIMESTAMP))
    WHEN regexp_matches(${iso}, '${offset}') THEN TRY_CAST(regexp_replace(${iso}, ' ?(UTC|GMT)$', 'Z') AS TIMESTAMPTZ)
    WHEN regexp_full_match(${text}, '[0-9]{9,10}(\\.[0-9]+)?') THEN ${sinceEpoch("1e6")}
    WHEN regexp_full_match(${text}, '[0-9]{12,13}(\\.0)?') THEN ${sinceEpoch("1e3")}
    WHEN regexp_full_match(${text}, '[0-9]{15,16}(\\.0)?') THEN ${sinceEpoch("1")}
    ELSE timezone(${literal(zone)}, ${zoneless(iso)}) END`;
}

function zoneless(iso: string): string {
  const named = ["%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y"];
  const times = ["%H:%M", "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S"];
  const timed = ["%Y-%m-%d", ...named].flatMap((day) => times.map((time) => `${day} ${time}`));
  const formats = [...named, ...timed].map(literal).join(", ");
  return `coalesce(TRY_CAST(${iso} AS TIMESTAMP), try_strptime(${iso}, [${formats}]))`;
}

function plausible(instant: string): string {
  const from = "TIMESTAMPTZ '1900-01-01 00:00:00+00'";
  return `CASE WHEN ${instant} >= ${from} AND ${instant} < TIMESTAMPTZ '2200-01-01 00:00:00+00' THEN ${instant} END`;
}
