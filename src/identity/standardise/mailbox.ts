import type { Session } from "../../engine/index.ts";
import { withSound } from "./fold.ts";
import type { Facts } from "../model/facts.ts";

/**
 * Reads names in mailboxes (`sven.bosco`, `bosco_sven77`, `sbosco`, `the.boscos`) by the names that the records themselves use, and fills in
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

    CREATE OR REPLACE TEMP TABLE identity_mailbox AS
    WITH halves AS (
      SELECT local, left(letters, cut) AS first, substr(letters, cut + 1) AS second
      FROM (SELECT *, unnest(CASE WHEN border IS NULL THEN [1] || range(3, len(letters) - 2) ELSE [border] END) AS cut FROM identity_mailbox_letters WHERE len(letters) >= 4)),
    one_family AS (
      SELECT local, unnest([substr(letters, 4), regexp_extract(letters, '^the(.*)s$', 1)]) AS name FROM identity_mailbox_letters WHERE starts_with(letters, 'the')
      UNION SELECT local, left(letters, len(letters) - 4) FROM identity_mailbox_letters WHERE ends_with(letters, 'sthe')),
    initial AS (
      SELECT local, first, unnest([second, regexp_extract(second, '^(.*)s$', 1)]) AS name FROM halves WHERE len(first) = 1),
    read AS (
      SELECT local, g.name AS given, f.name AS family, 3 AS rank, g.n * f.n AS n
      FROM halves JOIN identity_known_given g ON g.name = first JOIN identity_known_family f ON f.name = second
      UNION ALL
      SELECT local, g.name, f.name, 3, g.n * f.n
      FROM halves JOIN identity_known_given g ON g.name = second JOIN identity_known_family f ON f.name = first
      UNION ALL
      SELECT local, first, f.name, 2, f.n FROM initial JOIN identity_known_family f USING (name) WHERE len(f.name) >= 4
      UNION ALL
      SELECT local, NULL, f.name, 1, f.n FROM one_family JOIN identity_known_family f USING (name)
      UNION ALL
      SELECT local, g.name, NULL, 1, g.n FROM identity_mailbox_letters JOIN identity_known_given g ON g.name = letters)
    SELECT local, first(given ORDER BY rank DESC, n DESC, given, family) AS given,
      first(family ORDER BY rank DESC, n DESC, given, family) AS family
    FROM read GROUP BY local;

    CREATE OR REPLACE TEMP TABLE identity_mailbox_fill AS
    SELECT s.r, m.given, m.family FROM identity_standard s JOIN identity_mailbox m USING (local)
    WHERE (s.given IS NULL OR s.family IS NULL) AND m.given IS NOT NULL
      AND coalesce(jaro_winkler_similarity(s.family, m.family) >= 0.92, s.family IS NULL)
      AND coalesce(left(s.given, 1) = m.given OR jaro_winkler_similarity(s.given, m.given) >= 0.85, s.given IS NULL);

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
    DROP TABLE identity_known_given; DROP TABLE identity_known_family; DROP TABLE identity_mailbox_wanted; DROP TABLE identity_mailbox_letters; DROP TABLE identity_mailbox_fill; DROP TABLE identity_mailbox_sound`);
}
