import { type Session, textList } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";
import { latin } from "./fold.ts";
import { withoutPlaceholder } from "./placeholder.ts";

/** Providers whose names are mistyped so often that a rare neighbour of one is a typo of it. */
const providers = [
  "gmail.com",
  "googlemail.com",
  "yahoo.com",
  "hotmail.com",
  "outlook.com",
  "icloud.com",
  "live.com",
  "msn.com",
  "aol.com",
  "comcast.net",
  "proton.me",
  "protonmail.com",
  "gmx.de",
  "gmx.net",
  "web.de",
  "yahoo.co.uk",
  "hotmail.co.uk",
  "btinternet.com",
  "orange.fr",
  "free.fr",
  "libero.it",
];

/** Mailboxes that belong to a function, not to a person (RFC 2142 and common ones). */
const roles =
  "(info|admin|administrator|sales|support|contact|office|hello|help|noreply|no reply|do not reply|webmaster|postmaster|hostmaster|abuse|" +
  "billing|accounts|accounting|qa|quality|nobody|null|nil|nan|na|foo|foobar|marketing|service|enquiries|inquiries|orders|shop|team|hr|jobs|newsletter|kontakt|buero|vertrieb)";

/** From so many mailboxes on it shows whether a domain is a provider of its own (mail.com, ymail.com): few of them are at the large provider as well. */
const fewMailboxes = 20;
const leastMeant = 0.2;

/**
 * Makes `identity_domain_typo(domain, corrected)`: rare domains that differ by one sign from a large provider's, which is much more common in
 * this table, and whose mailboxes are often written with that one too.
 */
export async function findDomainTypos(session: Session, facts: Facts): Promise<void> {
  const typos = await facts.relation(
    "domain typo",
    `WITH counted AS (
      SELECT domain, count(*) AS n FROM (SELECT split_part(lower(email), '@', 2) AS domain FROM identity_written WHERE email IS NOT NULL)
      WHERE strlen(domain) < 40 GROUP BY 1),
    provider AS (SELECT p.domain, coalesce(n, 0) AS n
                 FROM (SELECT unnest(${textList(providers)}) AS domain) p LEFT JOIN counted USING (domain)),
    near AS (
      SELECT c.domain, p.domain AS corrected, p.n FROM counted c, provider p
      WHERE c.domain NOT IN (SELECT domain FROM provider) AND abs(len(c.domain) - len(p.domain)) <= 1
        AND damerau_levenshtein(c.domain, p.domain) = 1),
    mailbox AS (
      SELECT DISTINCT split_part(email, '@', 1) AS local, split_part(email, '@', 2) AS domain FROM (SELECT lower(email) AS email FROM identity_written WHERE email IS NOT NULL)),
    written AS (
      SELECT near.domain, near.corrected, near.n, count(*) AS mailboxes, count(m.local) AS meant
      FROM near JOIN mailbox w ON w.domain = near.domain LEFT JOIN mailbox m ON m.domain = near.corrected AND m.local = w.local GROUP BY ALL)
    SELECT domain AS value, arg_max(corrected, (n, corrected)) AS meaning, 0 AS number FROM written
    WHERE n >= 10 * mailboxes AND (mailboxes < ${fewMailboxes} OR meant >= ${leastMeant} * mailboxes) GROUP BY domain`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE identity_domain_typo AS SELECT value AS domain, meaning AS corrected FROM ${typos}`,
  );
}

/**
 * `SELECT *` from a relation with a column `email`, with `email` canonical and `local` and `domain` besides: tags after a
 * plus go, dots go where the provider ignores them, mistyped domains of large providers are put right, role accounts and texts
 * that are no address become null. Needs {@link findDomainTypos}.
 */
export function withEmail(relation: string): string {
  return `SELECT * EXCLUDE (local, domain) REPLACE (CASE WHEN person THEN local || '@' || domain END AS email),
      CASE WHEN person THEN local END AS local, CASE WHEN person THEN domain END AS domain
    FROM (SELECT *, ${withoutPlaceholder("local")} IS NOT NULL AND NOT regexp_full_match(local, '${roles.replaceAll(" ", "[-. ]")}') AS person
    FROM (SELECT * REPLACE (CASE WHEN domain = 'gmail.com' THEN replace(local, '.', '') ELSE local END AS local)
    FROM (SELECT s.* REPLACE (CASE WHEN contains(local, '+') THEN regexp_replace(local, '(.)\\+.*$', '\\1') ELSE local END AS local,
        CASE domain WHEN 'googlemail.com' THEN 'gmail.com' ELSE coalesce(t.corrected, domain) END AS domain)
    FROM (SELECT * EXCLUDE (email_address), split_part(email_address, '@', 1) AS local, CASE WHEN ends_with(email_address, '.') THEN rtrim(split_part(email_address, '@', 2), '.') ELSE split_part(email_address, '@', 2) END AS domain
    FROM (SELECT * EXCLUDE (email_latin), CASE WHEN regexp_full_match(email_latin, '[a-z0-9._+-]+@[a-z0-9.-]+\\.[a-z]{2,}') THEN email_latin
        ELSE nullif(regexp_extract(email_latin, '([^\\s<>,;:"@]+@[^\\s<>,;:"@]+\\.[a-z]{2,}\\.?)', 1), '') END AS email_address
    FROM (SELECT *, ${latin("email")} AS email_latin FROM ${relation}))) s LEFT JOIN identity_domain_typo t USING (domain))))`;
}
