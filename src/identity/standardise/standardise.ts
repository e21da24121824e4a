import type { Session } from "../../engine/index.ts";
import { standardiseAddresses } from "./address.ts";
import { standardiseBirthdates } from "./birthdate.ts";
import { readCountries } from "./country.ts";
import { standardiseEmails } from "./email.ts";
import { folded } from "./fold.ts";
import { looksLikePeople, standardiseNames } from "./name.ts";
import { standardisePhones } from "./phone.ts";
import { withoutPlaceholder } from "./placeholder.ts";

/** The columns of `identity_standard` that are evidence; `key_<n>` columns come besides. */
export const standardColumns = [
  "given",
  "middle",
  "given_root",
  "given_sound",
  "family",
  "family_sound",
  "last_part",
  "suffix",
  "email",
  "local",
  "domain",
  "phone",
  "birth",
  "number",
  "street",
  "line2",
  "unit",
  "town",
  "region",
  "zip",
  "gender",
  "company",
  "national_id",
] as const;

/**
 * Makes `identity_standard(r, …standardColumns, key_0 …)` from `identity_raw`: each value standardised once for all
 * records that share it.
 */
export async function standardise(session: Session, keyCount: number): Promise<void> {
  await readCountries(session);
  if (!(await looksLikePeople(session)))
    await session.run(
      "UPDATE identity_raw SET company = coalesce(company, full_name), full_name = NULL WHERE coalesce(given_name, surname) IS NULL",
    );
  await standardiseNames(session);
  await standardiseEmails(session);
  await standardisePhones(session);
  await standardiseBirthdates(session);
  await standardiseAddresses(session);
  const keys = Array.from(
    { length: keyCount },
    (_, i) => `, nullif(upper(trim(regexp_replace(raw_key_${i}, '\\.0$', ''))), '') AS key_${i}`,
  );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_standard AS
    SELECT r, given, middle, given_root, given_sound, family, family_sound, last_part, suffix, e.email, local, domain, p.phone, birth,
      number, street, line2, unit, town, region, zip,
      CASE WHEN left(lower(gender), 1) IN ('m', 'f') THEN left(lower(gender), 1) WHEN lower(gender) IN ('w', 'weiblich') THEN 'f' END AS gender,
      ${withoutPlaceholder(`trim(regexp_replace(${folded("company")}, ' (${legalForms})$', ''))`)} AS company,
      nullif(regexp_replace(upper(national_id), '[^A-Z0-9]', '', 'g'), '') AS national_id${keys.join("")}
    FROM identity_raw w
    LEFT JOIN identity_name n ON n.given_name IS NOT DISTINCT FROM w.given_name AND n.surname IS NOT DISTINCT FROM w.surname
      AND n.full_name IS NOT DISTINCT FROM w.full_name
    LEFT JOIN identity_email e ON e.raw = w.email
    LEFT JOIN identity_phone p ON p.raw = w.phone AND p.country IS NOT DISTINCT FROM w.country
    LEFT JOIN identity_birthdate b ON b.raw = w.birthdate
    LEFT JOIN identity_address a ON a.address IS NOT DISTINCT FROM w.address AND a.address2 IS NOT DISTINCT FROM w.address2
    LEFT JOIN identity_place l ON l.city IS NOT DISTINCT FROM w.city AND l.state IS NOT DISTINCT FROM w.state
      AND l.postal IS NOT DISTINCT FROM w.postal AND l.country IS NOT DISTINCT FROM w.country
    ORDER BY r`);
}

const legalForms =
  "inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|co|company|gmbh|ag|kg|ohg|ug|sa|sas|sarl|srl|spa|bv|nv|oy|ab|pty";
