import type { Session } from "../../engine/index.ts";
import { folded, phonetic } from "./fold.ts";
import { nicknames } from "./nickname-list.ts";
import { withoutPlaceholder } from "./placeholder.ts";

const titles =
  "(mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|rev|reverend|hon|capt|herr|frau|hr|fr|dipl|ing|med|mme|mlle|monsieur|madame|" +
  "senor|senora|sr|sra|don|dona|sig|signor|signora|dhr|mevr|mw)";
const generations = "(jr|junior|sr|senior|ii|iii|iv|2nd|3rd|4th)";
const degrees = "(phd|md|esq|mba|cpa|dds|ba|bsc|msc|ma|obe|mbe)";
/** What begins a surname of several words. */
const particles =
  "(van|von|vom|zu|zum|zur|de|del|della|di|da|dos|das|do|du|des|la|le|lo|los|las|den|der|ten|ter|op|bin|ibn|al|el|abu|ben|mac|mc|st|san|santa|saint)";

/**
 * Makes `identity_name(given_name, surname, full_name → given, middle, initial, family, last_part, suffix, given_root, roots,
 * given_sound, family_sound)` for each distinct name as written. A full name is split at its comma
 * ("LAST, FIRST"), else before its first particle, else before its last word. Columns that hold a person's name and
 * those that hold a shop's are told apart by {@link looksLikePeople}.
 */
export async function standardiseNames(session: Session): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_name_words AS
    SELECT given_name, surname, full_name,
      string_split(${withoutPlaceholder(folded("given_name"))}, ' ') AS g,
      string_split(${withoutPlaceholder(folded("surname"))}, ' ') AS s,
      string_split(${withoutPlaceholder(folded("split_part(full_name, ',', 1)"))}, ' ') AS f1,
      string_split(${withoutPlaceholder(folded("substr(full_name, strpos(full_name || ',', ',') + 1)"))}, ' ') AS f2
    FROM (SELECT DISTINCT given_name, surname, full_name FROM identity_raw
          WHERE coalesce(given_name, surname, full_name) IS NOT NULL);

    CREATE OR REPLACE TEMP TABLE identity_name_clean AS
    SELECT * REPLACE (${["g", "s", "f1", "f2"].map((words) => `${bare(words)} AS ${words}`).join(", ")}),
      regexp_extract(concat_ws(' ', array_to_string(g, ' '), array_to_string(s, ' '), array_to_string(f1, ' '), array_to_string(f2, ' ')),
        ' (${generations})$', 1) AS suffix
    FROM identity_name_words;

    CREATE OR REPLACE TEMP TABLE identity_name_parts AS
    WITH split AS (
      SELECT *, CASE WHEN len(f2) > 0 THEN len(f1) ELSE coalesce(
        list_min([i FOR i IN range(2, len(f1) + 1) IF regexp_full_match(f1[i], '${particles}') AND i < len(f1)]),
        CASE WHEN len(f1) > 1 THEN len(f1) END) END AS cut
      FROM identity_name_clean)
    SELECT given_name, surname, full_name, nullif(suffix, '') AS suffix,
      CASE WHEN len(g) > 0 THEN g WHEN len(f2) > 0 THEN f2 WHEN cut IS NULL THEN CASE WHEN len(s) > 0 THEN f1 END
           ELSE f1[1:cut - 1] END AS given_words,
      CASE WHEN len(s) > 0 THEN s WHEN len(f2) > 0 THEN f1 WHEN cut IS NULL THEN CASE WHEN len(g) > 0 THEN NULL ELSE f1 END
           ELSE f1[cut:] END AS family_words
    FROM split;

    CREATE OR REPLACE TEMP TABLE identity_nickname AS
    WITH listed AS (
      SELECT split_part(line, ':', 1) AS root, unnest(string_split(split_part(line, ':', 2), ',')) AS name
      FROM (SELECT unnest(string_split('${nicknames.trim()}', chr(10))) AS line))
    SELECT name, root FROM listed UNION SELECT root, root FROM listed;

    CREATE OR REPLACE TEMP TABLE identity_given_root AS
    WITH counted AS (SELECT given_words[1] AS name, count(*) AS n FROM identity_name_parts
                     WHERE len(given_words) > 0 GROUP BY 1)
    SELECT name, list(root ORDER BY root) AS roots, first(root ORDER BY frequency DESC, root = name DESC, root) AS root
    FROM (SELECT c.name, k.root, coalesce(f.n, 0) AS frequency FROM counted c
          JOIN identity_nickname k USING (name) LEFT JOIN counted f ON f.name = k.root)
    GROUP BY name;

    CREATE OR REPLACE TEMP TABLE identity_name AS
    SELECT given_name, surname, full_name, suffix, given, middle, family, last_part, coalesce(root, given) AS given_root,
      coalesce(roots, [given]) AS roots, ${phonetic("given")} AS given_sound, ${phonetic("family")} AS family_sound
    FROM (SELECT *, given_words[1] AS given, nullif(array_to_string(given_words[2:], ' '), '') AS middle,
            nullif(array_to_string(family_words, ''), '') AS family, family_words[-1] AS last_part FROM identity_name_parts)
    LEFT JOIN identity_given_root ON name = given;
    DROP TABLE identity_name_words; DROP TABLE identity_name_clean; DROP TABLE identity_name_parts`);
}

/** Without titles before, generations and degrees behind. */
function bare(words: string): string {
  return `[w FOR w, i IN ${words} IF NOT (
    (i = 1 AND len(${words}) > 1 AND regexp_full_match(w, '${titles}'))
    OR (i > 1 AND i = len(${words}) AND regexp_full_match(w, '${generations}|${degrees}')))]`;
}

/**
 * Whether the full names are those of people: nearly all have two to four words and no figure in them (a few names decide nothing). Otherwise
 * they are names of places or firms, and to split them in given name and surname would invent evidence.
 */
export async function looksLikePeople(session: Session): Promise<boolean> {
  const [counted] = await session.rows<{ named: number; people: number }>(
    `SELECT count(*) AS named, count(*) FILTER (len(string_split(name, ' ')) BETWEEN 2 AND 4 AND NOT regexp_matches(name, '[0-9]')) AS people
     FROM (SELECT ${folded("full_name")} AS name FROM identity_raw WHERE full_name IS NOT NULL AND coalesce(given_name, surname) IS NULL)`,
  );
  return counted!.named < 20 || counted!.people >= 0.75 * counted!.named;
}
