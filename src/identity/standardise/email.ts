import { type Session, textList } from "../../engine/index.ts";
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
  "billing|accounts|accounting|marketing|service|enquiries|inquiries|orders|shop|team|hr|jobs|newsletter|kontakt|buero|vertrieb)";

/**
 * Makes `identity_email(raw, email, local, domain)`: canonical addresses. Tags after a plus go, dots go where the
 * provider ignores them, mistyped domains of large providers are put right, role accounts and texts that are no
 * address become null.
 */
export async function standardiseEmails(session: Session): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_email_part AS
    SELECT raw, split_part(address, '@', 1) AS local, rtrim(split_part(address, '@', 2), '.') AS domain
    FROM (SELECT raw, CASE WHEN regexp_full_match(written, '[a-z0-9._+-]+@[a-z0-9.-]+\\.[a-z]{2,}') THEN written
            ELSE regexp_extract(written, '([^\\s<>,;:"@]+@[^\\s<>,;:"@]+\\.[a-z]{2,}\\.?)', 1) END AS address
          FROM (SELECT raw, ${latin("raw")} AS written FROM (SELECT DISTINCT email AS raw FROM identity_raw WHERE email IS NOT NULL)))
    WHERE address <> '';

    CREATE OR REPLACE TEMP TABLE identity_email_domain AS
    WITH counted AS (SELECT domain, count(*) AS n FROM identity_email_part GROUP BY 1),
    provider AS (SELECT p.domain, coalesce(n, 0) AS n
                 FROM (SELECT unnest(${textList(providers)}) AS domain) p LEFT JOIN counted USING (domain)),
    typo AS (
      SELECT c.domain, arg_max(p.domain, (p.n, p.domain)) AS corrected FROM counted c, provider p
      WHERE p.n >= 10 * c.n AND c.domain NOT IN (SELECT domain FROM provider)
        AND abs(len(c.domain) - len(p.domain)) <= 1 AND damerau_levenshtein(c.domain, p.domain) = 1
      GROUP BY c.domain)
    SELECT domain, coalesce(corrected, domain) AS corrected FROM counted LEFT JOIN typo USING (domain);

    CREATE OR REPLACE TEMP TABLE identity_email AS
    WITH tidy AS (
      SELECT raw, domain,
        CASE WHEN domain IN ('gmail.com', 'googlemail.com') THEN replace(local, '.', '') ELSE local END AS local
      FROM (SELECT raw, corrected AS domain, CASE WHEN contains(local, '+') THEN regexp_replace(local, '(.)\\+.*$', '\\1') ELSE local END AS local
            FROM identity_email_part JOIN identity_email_domain USING (domain)))
    SELECT raw, local || '@' || CASE domain WHEN 'googlemail.com' THEN 'gmail.com' ELSE domain END AS email, local, domain
    FROM tidy
    WHERE ${withoutPlaceholder("local")} IS NOT NULL AND NOT regexp_full_match(local, '${roles.replaceAll(" ", "[-. ]")}');
    DROP TABLE identity_email_part; DROP TABLE identity_email_domain`);
}
