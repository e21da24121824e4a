import { literal, type Session } from "../../engine/index.ts";
import { folded } from "./fold.ts";
import { withoutPlaceholder } from "./placeholder.ts";

/** An address as written, both of its columns: SQL over `identity_written`. */
const written = "CASE WHEN address2 IS NULL THEN address ELSE concat(address, chr(31), address2) END";

/** Its shape: figures are many and say nothing of what stands where, so a shape is read once for all its addresses. */
const shapeOf = (text: string): string => `regexp_replace(${text}, '[0-9]+', '0', 'g')`;

/** What is read in an address. `street` and `line2` have their words in their short forms. */
const pieces = ["number", "street", "line2", "unit"] as const;

/**
 * Makes `identity_address_shape(shape, whole, number, number_figure, street, street_figure, …)` for each shape of an address. In its pieces the
 * figure that stands n-th in the address is written n, and `…_figure` is that n, null where the piece has no figure. A
 * shape whose pieces have several figures, or too many to be numbered so, is marked `whole`: such addresses are read one
 * by one, to `identity_address_whole(text, number, street, line2, unit)`.
 */
export async function standardiseAddresses(session: Session): Promise<void> {
  const several = (piece: string): string =>
    `regexp_matches(${piece}, '[0-9].*[0-9]|(^| )(${spelledOrdinals}).*[0-9]|[0-9].*(${spelledOrdinals})( |$)')`;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_address_shape AS
    SELECT shape, len(string_split(shape, '0')) > 10 OR ${pieces.map((piece) => `coalesce(${several(piece)}, false)`).join(" OR ")} AS whole,
      ${pieces.map((piece) => `${withOrdinals(piece)} AS ${piece}, try_cast(regexp_extract(${piece}, '[0-9]') AS INTEGER) AS ${piece}_figure`).join(", ")}
    FROM (${readAddresses(`
      SELECT shape, array_to_string([CASE WHEN i = 1 THEN p ELSE CAST(i - 1 AS VARCHAR) || p END FOR p, i IN string_split(shape, '0')], '') AS text
      FROM (SELECT DISTINCT ${shapeOf("text")} AS shape FROM (SELECT ${written} AS text FROM identity_written WHERE coalesce(address, address2) IS NOT NULL))`)})`);
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_address_whole AS
    SELECT text, ${pieces.map((piece) => `${withOrdinals(piece)} AS ${piece}`).join(", ")}
    FROM (${readAddresses(`
      SELECT DISTINCT text FROM (SELECT text, ${shapeOf("text")} AS shape FROM (SELECT ${written} AS text FROM identity_written WHERE coalesce(address, address2) IS NOT NULL))
      WHERE shape IN (SELECT shape FROM identity_address_shape WHERE whole)`)})`);
}

/** How a record `w` of `identity_written` finds its address, after {@link standardiseAddresses}: columns to be selected from joins to `written`, a column of w. */
export const addressOfRecord = {
  written,
  joins: `LEFT JOIN identity_address_shape a ON a.shape = ${shapeOf("w.address_written")}
    LEFT JOIN identity_address_whole aw ON aw.text = CASE WHEN a.whole THEN w.address_written END`,
  columns: pieces
    .map((piece) => {
      const figure = `a.${piece}_figure`;
      return `CASE WHEN a.whole THEN aw.${piece} WHEN ${figure} IS NULL THEN a.${piece}
        WHEN a.${piece} = '1' THEN regexp_extract(w.address_written, '[0-9]+')
        WHEN ${figure} = 1 THEN replace(a.${piece}, '1', regexp_extract(w.address_written, '[0-9]+'))
        ELSE replace(a.${piece}, CAST(${figure} AS VARCHAR), regexp_extract_all(w.address_written, '[0-9]+')[${figure}]) END AS ${piece}`;
    })
    .join(", "),
} as const;

/** `SELECT *, number, street, line2, unit` from a relation with a column `text`; ordinals stay spelled out. */
function readAddresses(relation: string): string {
  return `WITH written AS (SELECT *, replace(split_part(text, chr(31), 1), '#', ' unit ') AS address1, replace(split_part(text, chr(31), 2), '#', ' unit ') AS address2,
      strpos(split_part(text, chr(31), 1), '/') > 0 AS slashed FROM (${relation})),
    text AS (SELECT *, ${folded("address1")} AS folded1, nullif(${folded("address2")}, '') AS folded2 FROM written),
    line AS (SELECT * EXCLUDE (folded1, folded2), ${withoutPlaceholder("folded1")} AS line1, folded2 AS line2 FROM text),
    unit AS (
      SELECT * EXCLUDE (line2), regexp_extract(concat_ws(' ', line1, line2), '${unitWords}', 2) AS named_unit,
        regexp_replace(line1, '${unitWords}', ' ') AS rest, string_split(line2, ' ') AS words2 FROM line),
    words AS (
      SELECT *, [${shortened("w")} FOR w IN string_split(
        CASE WHEN regexp_matches(rest, '${germanStreet}') THEN regexp_replace(rest, '${germanStreet}', '\\1 str\\3', 'g') ELSE rest END, ' ') IF w <> ''] AS parts
      FROM unit),
    numbered AS (
      SELECT *, [w FOR w IN parts IF regexp_full_match(w, '[0-9]+[a-z]?')] AS figures,
        [w FOR w IN parts IF NOT regexp_full_match(w, '[0-9]+[a-z]?')] AS names FROM words)
    SELECT * EXCLUDE (address1, address2, slashed, line1, named_unit, rest, words2, parts, figures, names),
      nullif(array_to_string(names, ' '), '') AS street, nullif(array_to_string([${shortened("w")} FOR w IN words2], ' '), '') AS line2,
      CASE WHEN len(figures) > 1 AND slashed THEN figures[2] ELSE figures[1] END AS number,
      nullif(CASE WHEN named_unit <> '' THEN named_unit WHEN len(figures) > 1 AND slashed THEN figures[1] ELSE '' END, '') AS unit
    FROM numbered`;
}

const germanStreet = "([a-z])(strasse|str)( |$)";

const unitWords =
  "(^| )(?:apartment|apt|apmnt|unit|suite|ste|flat|room|rm|floor|fl|appt|wohnung|whg) ([a-z]?[0-9]+[a-z]?|[a-z])( |$)";

const shortForms: Readonly<Record<string, string>> = {
  st: "street str saint strasse",
  rd: "road",
  ave: "avenue av aven avenida",
  blvd: "boulevard boul bd",
  dr: "drive drv",
  ln: "lane",
  ct: "court crt",
  pl: "place plc platz",
  sq: "square",
  ter: "terrace terr tce",
  cres: "crescent cr crs",
  cct: "circuit cir circle",
  cl: "close",
  pde: "parade",
  hwy: "highway hway",
  pkwy: "parkway pky",
  gr: "grove grv",
  gdns: "gardens gdn",
  way: "wy weg",
  n: "north",
  s: "south",
  e: "east",
  w: "west",
  ne: "northeast",
  nw: "northwest",
  se: "southeast",
  sw: "southwest",
  mt: "mount",
};

const ordinals: Readonly<Record<string, string>> = {
  "1st": "first",
  "2nd": "second",
  "3rd": "third",
  "4th": "fourth",
  "5th": "fifth",
  "6th": "sixth",
  "7th": "seventh",
  "8th": "eighth",
  "9th": "ninth",
};

function shortened(word: string): string {
  const cases = Object.entries(shortForms).map(
    ([short, longs]) =>
      `WHEN ${word} IN (${longs.split(" ").map(literal).join(", ")}) THEN ${literal(short)}`,
  );
  return `CASE ${cases.join(" ")} ELSE ${word} END`;
}

const spelledOrdinals = Object.values(ordinals).join("|");

function withOrdinals(piece: string): string {
  const cases = Object.entries(ordinals).map(
    ([figure, word]) => `WHEN ${literal(word)} THEN ${literal(figure)}`,
  );
  return `CASE WHEN regexp_matches(${piece}, '(^| )(${spelledOrdinals})( |$)')
    THEN array_to_string([CASE w ${cases.join(" ")} ELSE w END FOR w IN string_split(${piece}, ' ')], ' ') ELSE ${piece} END`;
}
