import type { Session } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";
import { folded, withSound } from "./fold.ts";
import { nicknames } from "./nickname-list.ts";
import { withoutPlaceholder } from "./placeholder.ts";

/** Before a name. The second ones are given names or surnames as well. */
const titles =
  "(mr|mrs|ms|miss|mx|dr|prof|professor|sir|rev|reverend|herr|frau|hr|dipl|mme|mlle|monsieur|madame|" +
  "senor|senora|sr|sra|signor|signora|dhr|mevr|mw|lord|lady|captain|colonel|lieutenant|lt|sergeant|sgt|general|admiral|commodore|brigadier|" +
  "viscount|viscountess|countess|baroness|archbishop|monsignor|rabbi)";
const unclearTitles = "(dame|hon|capt|fr|ing|med|don|dona|sig|major|maj|col|cmdr|baron|bishop|canon)";
/** Behind a name, with all that follows: "Sir Thomas Grey, 2nd Baronet", "John Russell, 1st Earl of Orford". */
const rank =
  "(?i),? +([0-9]+(st|nd|rd|th) +(baronet|bart|bt|baron|baroness|viscount|viscountess|earl|count|countess|marquess|marquis|duke|lord)|baronet|bart)\\b.*$";
/** Behind a name. The second ones are names as well (Jack Ma, Emma Senior). */
const generations = "(jr|junior|sr|senior|ii|iii|iv|2nd|3rd|4th)";
const degrees = "(phd|md|esq|mba|cpa|dds|ba|bsc|msc|ma|obe|mbe)";
const clearEndings = "(jr|ii|iii|iv|2nd|3rd|4th|phd|esq|mba|cpa|dds|bsc|msc|obe|mbe)";
/** What begins a surname of several words. */
const particles =
  "(van|von|vom|zu|zum|zur|de|del|della|di|da|dos|das|do|du|des|la|le|lo|los|las|den|der|ten|ter|op|bin|ibn|al|el|abu|ben|mac|mc|st|san|santa|saint)";

/**
 * Makes `identity_name_given(given_name, n, given, middle, suffix)`, `identity_name_middle(middle_name, middle)`, `identity_name_surname(surname, family, last_part, suffix)` and
 * `identity_name_full(full_name, n, given, middle, family, last_part, suffix, single)`: what each distinct text says, of `n` records. A full
 * name is split at its comma ("LAST, FIRST"), else before its first particle, else before its last word; of a `single`
 * word it is not known which name it is. Then `identity_given_root(name, roots, root)`, `identity_given_sound(name, sound)`
 * and `identity_family_sound(name, sound)`.
 */
export async function standardiseNames(
  session: Session,
  facts: Facts,
): Promise<{ readonly fullNamesArePeople: boolean }> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_name_given AS
    SELECT given_name, n, suffix, split_part(words, ' ', 1) AS given, ${afterFirst("words")} AS middle
    FROM (SELECT given_name, n, ${generationIn("words")} AS suffix, ${bare("words")} AS words
    FROM (SELECT given_name, n, ${withoutPlaceholder("words")} AS words
    FROM (SELECT given_name, n, ${folded("given_name")} AS words
    FROM (SELECT given_name, count(*) AS n FROM identity_written WHERE given_name IS NOT NULL GROUP BY 1))));

    CREATE OR REPLACE TEMP TABLE identity_name_middle AS
    SELECT middle_name, ${withoutPlaceholder("words")} AS middle
    FROM (SELECT middle_name, ${folded("middle_name")} AS words
    FROM (SELECT DISTINCT middle_name FROM identity_written WHERE middle_name IS NOT NULL));

    CREATE OR REPLACE TEMP TABLE identity_name_surname AS
    SELECT surname, suffix, replace(words, ' ', '') AS family, split_part(words, ' ', -1) AS last_part
    FROM (SELECT surname, ${generationIn("words")} AS suffix, ${bare("words")} AS words
    FROM (SELECT surname, ${withoutPlaceholder("words")} AS words
    FROM (SELECT surname, ${folded("surname")} AS words
    FROM (SELECT DISTINCT surname FROM identity_written WHERE surname IS NOT NULL))));

    CREATE OR REPLACE TEMP TABLE identity_name_words AS
    SELECT full_name, n, alone, ${folded("before")} AS words, nullif(${folded("behind")}, '') AS words2
    FROM (SELECT full_name, n, alone, CASE WHEN contains(ranked, ',') THEN split_part(ranked, ',', 1) ELSE ranked END AS before,
      CASE WHEN contains(ranked, ',') THEN substr(ranked, strpos(ranked, ',') + 1) END AS behind
    FROM (SELECT *, regexp_replace(full_name, '${rank}', '') AS ranked FROM (SELECT full_name, count(*) AS n, count(*) FILTER (given_name IS NULL AND surname IS NULL) AS alone
      FROM identity_written WHERE full_name IS NOT NULL GROUP BY 1)))`);
  const fullNamesArePeople =
    (await facts.number("full names are people", async () => Number(await lookLikePeople(session)))) === 1;
  const asPeople = fullNamesArePeople ? "true" : "n > alone";
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_name_full AS
    WITH clean AS (
      SELECT full_name, n, ${withoutPlaceholder("words")} AS words,
        CASE WHEN NOT regexp_full_match(words2, '(${generations}|${degrees})( (${generations}|${degrees}))*') THEN ${withoutPlaceholder("words2")} END AS words2,
        coalesce(${generationIn("words")}, ${generationIn("concat(' ', words2)")}, nullif(regexp_extract(words2, '^${generations} ', 1), '')) AS suffix
      FROM identity_name_words WHERE ${asPeople}),
    bare AS (
      SELECT full_name, n, suffix, CASE WHEN words2 IS NULL THEN ${bareFull("words")} ELSE ${bare("words")} END AS words,
        ${bare(`regexp_replace(words2, '^${generations} ', '')`)} AS words2 FROM clean),
    split AS (
      SELECT *, words2 IS NULL AND NOT contains(words, ' ') AS single, CASE
        WHEN words2 IS NOT NULL THEN words2
        WHEN regexp_matches(words, ' ${particles} ') THEN coalesce(nullif(regexp_extract(words, '^(.+?) ${particles} .+$', 1), ''), ${beforeLast("words")})
        ELSE ${beforeLast("words")} END AS given_words FROM bare),
    family AS (
      SELECT *, CASE WHEN words2 IS NOT NULL OR given_words IS NULL THEN words ELSE substr(words, length(given_words) + 2) END AS family_words FROM split)
    SELECT full_name, n, suffix, coalesce(single, false) AS single, split_part(given_words, ' ', 1) AS given, ${afterFirst("given_words")} AS middle,
      replace(family_words, ' ', '') AS family, split_part(family_words, ' ', -1) AS last_part
    FROM family;
    DROP TABLE identity_name_words;

    CREATE OR REPLACE TEMP TABLE identity_nickname AS
    WITH listed AS (
      SELECT split_part(line, ':', 1) AS root, unnest(string_split(split_part(line, ':', 2), ',')) AS name
      FROM (SELECT unnest(string_split('${nicknames.trim()}', chr(10))) AS line))
    SELECT name, root FROM listed UNION SELECT root, root FROM listed;

    CREATE OR REPLACE TEMP TABLE identity_given_count AS
    SELECT name, sum(n) AS n FROM (
      SELECT given AS name, n FROM identity_name_given UNION ALL SELECT given, n FROM identity_name_full
      UNION ALL SELECT family, n FROM identity_name_full WHERE single)
    WHERE name IS NOT NULL GROUP BY name`);
  const roots = await facts.relation(
    "root of nicknames",
    "SELECT c.name AS value, NULL AS meaning, c.n AS number FROM identity_given_count c SEMI JOIN identity_nickname k ON k.root = c.name",
  );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_given_root AS
    SELECT name, list(root ORDER BY root) AS roots, first(root ORDER BY coalesce(number, 0) DESC, root = name DESC, root) AS root
    FROM identity_nickname LEFT JOIN ${roots} ON value = root GROUP BY name;

    CREATE OR REPLACE TEMP TABLE identity_given_sound AS ${withSound("(SELECT name FROM identity_given_count)")};
    CREATE OR REPLACE TEMP TABLE identity_family_sound AS ${withSound(`(
      SELECT family AS name FROM identity_name_surname WHERE family IS NOT NULL UNION SELECT family FROM identity_name_full WHERE family IS NOT NULL)`)};
    DROP TABLE identity_given_count; DROP TABLE identity_nickname`);
  return { fullNamesArePeople };
}

/**
 * Nearly all full names of people have two to four words and no figure in them (a few names decide nothing). Others are names of
 * places or firms, and to split them in given name and surname would invent evidence.
 */
async function lookLikePeople(session: Session): Promise<boolean> {
  const [counted] = await session.rows<{ named: number; people: number }>(
    `SELECT coalesce(sum(alone), 0) AS named,
       coalesce(sum(alone) FILTER (regexp_full_match(concat_ws(' ', nullif(words, ''), words2), '[^ 0-9]+( [^ 0-9]+){1,3}')), 0) AS people
     FROM identity_name_words`,
  );
  return Number(counted!.named) < 20 || Number(counted!.people) >= 0.75 * Number(counted!.named);
}

/** Without titles before, generations and degrees behind. */
function bare(words: string): string {
  const begun = `regexp_replace(${words}, '^((${titles}|${unclearTitles}) )+', '')`;
  return `CASE WHEN contains(${words}, ' ') THEN regexp_replace(${begun}, '( (${generations}|${degrees}))+$', '') ELSE ${words} END`;
}

/** As {@link bare}, of a given name and a surname: two words stay, unless what goes is clear. */
function bareFull(words: string): string {
  return `CASE WHEN regexp_matches(${words}, '^${titles} |^${unclearTitles} | ${generations}$| ${degrees}$') THEN
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(${words}, '^(${titles} )+', ''), '^(?:${unclearTitles} )+([^ ]+ .+)$', '\\2'),
      '( ${clearEndings})+$', ''), '^([^ ]+ .+?)( (${generations}|${degrees}))+$', '\\1') ELSE ${words} END`;
}

/** "Junior" of a father and his son; null where there is none. */
function generationIn(words: string): string {
  const found = `regexp_extract(${words}, ' ${generations}( ${degrees})*$', 1)`;
  return `CASE WHEN regexp_matches(${words}, ' ${generations}( |$)') THEN nullif(${found}, '') END`;
}

function afterFirst(words: string): string {
  return `CASE WHEN contains(${words}, ' ') THEN substr(${words}, strpos(${words}, ' ') + 1) END`;
}

function beforeLast(words: string): string {
  return `CASE WHEN contains(${words}, ' ') THEN left(${words}, length(${words}) - length(split_part(${words}, ' ', -1)) - 1) END`;
}
