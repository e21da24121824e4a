import type { Session } from "../../engine/index.ts";
import { withSound } from "./fold.ts";
import type { Facts } from "../model/facts.ts";

/**
 * Reads names in mailboxes (`sven.bosco`, `bosco_sven77`, `sbosco`, `bosco.s`, `the.boscos`) by the names that the records themselves use, and fills in
 * with them what a record with that mailbox does not say: many subscribers are known by their e-mail only. Where the record has
 * one of the two names the mailbox must agree with it, since it may be somebody else's.
 *
 * Makes `identity_mailbox(local, given, family)` of all mailboxes: which names one is made of must not depend on who else has it.
 */
export async function readMailboxNames(session: Session, facts: Facts): Promise<void> {
  const used = (name: string, least: number): string =>
    `SELECT ${name} AS value, NULL AS meaning, count(*) AS number FROM identity_standard WHERE len(${name}) >= 3 GROUP BY 1 HAVING count(*) >= ${least}`;
  const givens = await facts.relation("given name of mailboxes", used("given", 3));
  const families = await facts.relation("surname of mailboxes", used("family", 2));
  // Mailboxes are a table before they are read: in one statement the engine would read all of them to filter them early.
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_known_given AS
    SELECT value AS name, number AS n FROM ${givens};
    CREATE OR REPLACE TEMP TABLE identity_known_family AS
    SELECT value AS name, number AS n FROM ${families};

    CREATE OR REPLACE TEMP TABLE identity_mailbox_wanted AS
    SELECT DISTINCT local FROM identity_standard WHERE local IS NOT NULL;

    CREATE OR REPLACE TEMP TABLE identity_mailbox_letters AS
    SELECT local, array_to_string(words, '') AS letters, CASE WHEN len(words) = 2 THEN len(words[1]) END AS border
    FROM (SELECT local, regexp_extract_all(local, '[a-z]+') AS words FROM identity_mailbox_wanted)
    WHERE len(words) IN (1, 2) AND strlen(letters) BETWEEN 3 AND 40;

    CREATE OR REPLACE TEMP TABLE identity_mailbox_reading AS
    WITH given AS (SELECT name, n / sum(n) OVER () AS share FROM identity_known_given),
    family AS (SELECT name, n / sum(n) OVER () AS share FROM identity_known_family),
    halves AS (
      SELECT letters, border, left(letters, cut) AS first, substr(letters, cut + 1) AS second
      FROM (SELECT DISTINCT letters, border, unnest(CASE WHEN border IS NULL THEN [1] || range(3, len(letters) - 2) ELSE [border] END) AS cut
        FROM identity_mailbox_letters WHERE len(letters) >= 4)),
    whole AS (SELECT DISTINCT letters, border FROM identity_mailbox_letters),
    one_family AS (
      SELECT letters, border, unnest([substr(letters, 4), regexp_extract(letters, '^the(.*)s$', 1)]) AS name FROM whole WHERE starts_with(letters, 'the')
      UNION SELECT letters, border, left(letters, len(letters) - 4) FROM whole WHERE ends_with(letters, 'sthe')),
    initial AS (
      SELECT letters, border, first, unnest([second, regexp_extract(second, '^(.*)s$', 1)]) AS name FROM halves WHERE len(first) = 1
      UNION SELECT letters, border, second, first FROM halves WHERE len(second) = 1),
    read AS (
      SELECT letters, border, g.name AS given, f.name AS family, ${shares.bothNames} * g.share * f.share AS share
      FROM halves JOIN given g ON g.name = first JOIN family f ON f.name = second
      UNION ALL
      SELECT letters, border, g.name, f.name, ${shares.bothNames} * g.share * f.share
      FROM halves JOIN given g ON g.name = second JOIN family f ON f.name = first
      UNION ALL
      SELECT letters, border, first, f.name, ${shares.initial} * f.share FROM initial JOIN family f USING (name) WHERE len(f.name) >= 4
      UNION ALL
      SELECT letters, border, NULL, f.name, ${shares.oneFamily} * f.share FROM one_family JOIN family f USING (name)
      UNION ALL
      SELECT letters, border, g.name, NULL, ${shares.given} * g.share FROM whole JOIN given g ON g.name = letters AND border IS NULL)
    SELECT letters, border, first(given ORDER BY share DESC, given, family) AS given, first(family ORDER BY share DESC, given, family) AS family
    FROM read GROUP BY letters, border`);
  const unlike = await facts.relation("no name of mailboxes", contradicted);
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_mailbox AS
    SELECT local, given, family FROM identity_mailbox_letters l JOIN identity_mailbox_reading m ON m.letters = l.letters AND m.border IS NOT DISTINCT FROM l.border
    WHERE l.letters NOT IN (SELECT value FROM ${unlike});

    CREATE OR REPLACE TEMP TABLE identity_mailbox_fill AS
    SELECT s.r, m.given, m.family FROM identity_standard s JOIN identity_mailbox m USING (local)
    WHERE (s.given IS NULL OR s.family IS NULL) AND m.given IS NOT NULL
      AND ${mayHave.family} AND ${mayHave.given};

    CREATE OR REPLACE TEMP TABLE identity_mailbox_sound AS
    ${withSound("(SELECT given AS name FROM identity_mailbox_fill UNION SELECT family FROM identity_mailbox_fill WHERE family IS NOT NULL)")};

    UPDATE identity_standard s SET given = coalesce(s.given, f.given), family = coalesce(s.family, f.family),
      last_part = coalesce(s.last_part, f.family), given_root = coalesce(s.given_root, f.root), given_sound = coalesce(s.given_sound, f.given_sound),
      family_sound = coalesce(s.family_sound, f.family_sound)
    FROM (SELECT f.*, coalesce(g.root, f.given) AS root, n.sound AS given_sound, m.sound AS family_sound FROM identity_mailbox_fill f
      LEFT JOIN identity_given_root g ON g.name = f.given
      LEFT JOIN identity_mailbox_sound n ON n.name = f.given
      LEFT JOIN identity_mailbox_sound m ON m.name = f.family) f
    WHERE f.r = s.r;
    DROP TABLE identity_known_given; DROP TABLE identity_known_family; DROP TABLE identity_mailbox_wanted; DROP TABLE identity_mailbox_letters; DROP TABLE identity_mailbox_reading; DROP TABLE identity_mailbox_fill; DROP TABLE identity_mailbox_sound`);
}

/** How people name their mailboxes, roughly: of the ways to read one, that is taken which explains it best. */
const shares = { bothNames: 0.25, initial: 0.01, oneFamily: 0.02, given: 0.1 };

/** Whether a record `s` can have a name that its mailbox `m` is read as, going by this part of it. */
const mayHave = {
  family: "coalesce(jaro_winkler_similarity(s.family, m.family) >= 0.92, s.family IS NULL)",
  given:
    "coalesce(left(s.given, 1) = m.given OR jaro_winkler_similarity(s.given, m.given) >= 0.85, s.given IS NULL)",
};

/**
 * Letters that are no name, although they can be read as one (`redred`): at least three mailboxes of them are of people of other names, and those
 * are most of the mailboxes whose people's names are known.
 */
const contradicted = `
  SELECT letters AS value, NULL AS meaning, count(*) FILTER (NOT agrees) AS number FROM (
    SELECT l.letters, l.local, bool_or((m.family IS NULL OR ${mayHave.family}) AND (m.given IS NULL OR ${mayHave.given})) AS agrees
    FROM identity_standard s JOIN identity_mailbox_letters l USING (local)
    JOIN identity_mailbox_reading m ON m.letters = l.letters AND m.border IS NOT DISTINCT FROM l.border
    WHERE (s.given IS NOT NULL AND m.given IS NOT NULL) OR (s.family IS NOT NULL AND m.family IS NOT NULL)
    GROUP BY l.letters, l.local)
  GROUP BY letters HAVING number >= 3 AND 2 * number > count(*)`;
