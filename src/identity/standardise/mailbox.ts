import type { Session } from "../../engine/index.ts";

/**
 * Reads names in mailboxes (`sven.bosco`, `bosco_sven77`, `sbosco`, `the.boscos`) by the names that the records themselves use, and fills in
 * with them what a record with that mailbox does not say: many subscribers are known by their e-mail only. Where the record has
 * one of the two names the mailbox must agree with it, since it may be somebody else's.
 *
 * Makes `identity_mailbox(local, given, family)`; its rows are also the mailboxes that a namesake may have as well.
 */
export async function readMailboxNames(session: Session): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_known_given AS
    SELECT given AS name, count(*) AS n FROM identity_standard WHERE len(given) >= 3 GROUP BY 1 HAVING count(*) >= 3;
    CREATE OR REPLACE TEMP TABLE identity_known_family AS
    SELECT family AS name, count(*) AS n FROM identity_standard WHERE len(family) >= 3 GROUP BY 1 HAVING count(*) >= 2;

    CREATE OR REPLACE TEMP TABLE identity_mailbox AS
    WITH letters AS (
      SELECT local, words, array_to_string(words, '') AS letters,
        CASE WHEN len(words) = 2 THEN len(words[1]) END AS border
      FROM (SELECT DISTINCT local, regexp_extract_all(local, '[a-z]+') AS words FROM identity_standard WHERE local IS NOT NULL)
      WHERE len(words) IN (1, 2)),
    halves AS (
      SELECT local, left(letters, cut) AS first, substr(letters, cut + 1) AS second
      FROM (SELECT *, unnest(CASE WHEN border IS NULL THEN range(1, len(letters)) ELSE [border] END) AS cut
            FROM letters WHERE len(letters) BETWEEN 4 AND 40)),
    read AS (
      SELECT local, g.name AS given, f.name AS family, 3 AS rank, g.n * f.n AS n
      FROM halves JOIN identity_known_given g ON g.name = first JOIN identity_known_family f ON f.name = second
      UNION ALL
      SELECT local, g.name, f.name, 3, g.n * f.n
      FROM halves JOIN identity_known_given g ON g.name = second JOIN identity_known_family f ON f.name = first
      UNION ALL
      SELECT local, first, f.name, 2, f.n FROM halves JOIN identity_known_family f ON f.name = second OR f.name || 's' = second
      WHERE len(first) = 1 AND len(f.name) >= 4
      UNION ALL
      SELECT local, NULL, f.name, 1, f.n FROM letters JOIN identity_known_family f
        ON letters IN ('the' || f.name, 'the' || f.name || 's', f.name || 's' || 'the') WHERE letters LIKE '%the%'
      UNION ALL
      SELECT local, g.name, NULL, 1, g.n FROM letters JOIN identity_known_given g ON g.name = letters)
    SELECT local, first(given ORDER BY rank DESC, n DESC, given, family) AS given,
      first(family ORDER BY rank DESC, n DESC, given, family) AS family
    FROM read GROUP BY local;

    CREATE OR REPLACE TEMP TABLE identity_mailbox_fill AS
    SELECT s.r, m.given, m.family FROM identity_standard s JOIN identity_mailbox m USING (local)
    WHERE (s.given IS NULL OR s.family IS NULL) AND m.given IS NOT NULL
      AND coalesce(jaro_winkler_similarity(s.family, m.family) >= 0.92, s.family IS NULL)
      AND coalesce(left(s.given, 1) = m.given OR jaro_winkler_similarity(s.given, m.given) >= 0.85, s.given IS NULL);

    CREATE OR REPLACE TEMP TABLE identity_standard AS
    SELECT s.* REPLACE (
      coalesce(s.given, f.given) AS given, coalesce(s.family, f.family) AS family, coalesce(s.last_part, f.family) AS last_part,
      coalesce(s.given_root, g.root, f.given) AS given_root,
      coalesce(s.given_sound, n.sound) AS given_sound, coalesce(s.family_sound, m.sound) AS family_sound)
    FROM identity_standard s
    LEFT JOIN identity_mailbox_fill f USING (r)
    LEFT JOIN identity_given_root g ON g.name = f.given
    LEFT JOIN identity_given_sound n ON n.name = f.given
    LEFT JOIN identity_family_sound m ON m.name = f.family
    ORDER BY s.r;
    DROP TABLE identity_known_given; DROP TABLE identity_known_family; DROP TABLE identity_mailbox_fill`);
}
