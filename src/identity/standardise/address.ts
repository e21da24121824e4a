import { literal, type Session } from "../../engine/index.ts";
import { folded } from "./fold.ts";
import { withoutPlaceholder } from "./placeholder.ts";

/**
 * Makes `identity_address(address, address2, number, street, line2, unit)` and `identity_place(city, state, postal, country →
 * town, region, zip)` for each distinct value as written. `street` has its words in their short forms and no figures.
 */
export async function standardiseAddresses(session: Session): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_address AS
    WITH text AS (
      SELECT address, address2, ${withoutPlaceholder(folded(spacedUnits("address")))} AS line, ${folded(spacedUnits("address2"))} AS line2
      FROM (SELECT DISTINCT address, address2 FROM identity_raw WHERE coalesce(address, address2) IS NOT NULL)),
    unit AS (
      SELECT *, concat_ws(' ', line, line2) AS whole, regexp_extract(concat_ws(' ', line, line2), '${unitWords}', 2) AS named_unit,
        trim(regexp_replace(line, '${unitWords}', ' ')) AS rest FROM text),
    words AS (
      SELECT *, [coalesce(map_extract(${abbreviations}, w)[1], w)
                 FOR w IN string_split(trim(regexp_replace(rest, '([a-z])(strasse|straße|str)( |$)', '\\1 str\\3', 'g')), ' ') IF w <> ''] AS parts
      FROM unit),
    numbered AS (
      SELECT *, [w FOR w IN parts IF regexp_full_match(w, '[0-9]+[a-z]?')] AS figures,
        [w FOR w IN parts IF NOT regexp_full_match(w, '[0-9]+[a-z]?')] AS names,
        [coalesce(map_extract(${abbreviations}, w)[1], w) FOR w IN string_split(line2, ' ')] AS names2 FROM words)
    SELECT address, address2, nullif(array_to_string(names, ' '), '') AS street, nullif(array_to_string(names2, ' '), '') AS line2,
      CASE WHEN len(figures) > 1 AND strpos(address, '/') > 0 THEN figures[2] ELSE figures[1] END AS number,
      nullif(CASE WHEN named_unit <> '' THEN named_unit WHEN len(figures) > 1 AND strpos(address, '/') > 0 THEN figures[1] ELSE '' END, '') AS unit
    FROM numbered;

    CREATE OR REPLACE TEMP TABLE identity_place AS
    SELECT city, state, postal, country, ${withoutPlaceholder(folded("city"))} AS town, nullif(${folded("state")}, '') AS region,
      nullif(CASE WHEN regexp_full_match(postal, '[0-9]{5}-?[0-9]{4}') THEN left(postal, 5)
             ELSE replace(${folded("regexp_replace(postal, '\\.0$', '')")}, ' ', '') END, '') AS zip
    FROM (SELECT DISTINCT city, state, postal, country FROM identity_raw WHERE coalesce(city, state, postal) IS NOT NULL)`);
}

/** `#12` says what `unit 12` says. */
function spacedUnits(text: string): string {
  return `replace(${text}, '#', ' unit ')`;
}

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

const abbreviations = `MAP {${Object.entries(shortForms)
  .flatMap(([short, longs]) => longs.split(" ").map((long) => `${literal(long)}: ${literal(short)}`))
  .join(", ")}}`;
