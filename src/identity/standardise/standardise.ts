import type { Session } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";
import { addressOfRecord, standardiseAddresses } from "./address.ts";
import { standardiseBirthdates } from "./birthdate.ts";
import { readCountries } from "./country.ts";
import { findDomainTypos, withEmail } from "./email.ts";
import { folded } from "./fold.ts";
import { standardiseNames } from "./name.ts";
import { standardisePhones } from "./phone.ts";
import { standardisePlaces } from "./place.ts";
import { isNobody, withoutPlaceholder } from "./placeholder.ts";

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
  "birthplace",
  "occupation",
  "national_id",
] as const;

/** The columns of `identity_standard` that hold keys. */
export function keyColumnNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `key_${i}`);
}

/**
 * Makes `identity_standard(r, …standardColumns, key_0 …)` from `identity_written`: each value standardised once for all
 * records that share it.
 */
export async function standardise(session: Session, keyCount: number, facts: Facts): Promise<void> {
  await readCountries(session);
  const { fullNamesArePeople } = await standardiseNames(session, facts);
  await findDomainTypos(session, facts);
  await standardisePhones(session, facts);
  await standardiseBirthdates(session, facts);
  await standardiseAddresses(session);
  await standardisePlaces(session);
  const company = fullNamesArePeople
    ? "company"
    : "coalesce(company, CASE WHEN given_name IS NULL AND surname IS NULL THEN full_name END)";
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_company AS
    SELECT written, ${withoutPlaceholder("name")} AS company
    FROM (SELECT written, trim(regexp_replace(name, ' (${legalForms})$', '')) AS name
    FROM (SELECT written, ${folded("written")} AS name
    FROM (SELECT DISTINCT ${company} AS written FROM identity_written) WHERE written IS NOT NULL))`);
  await session.run(
    (["birthplace", "occupation"] as const)
      .map(
        (column) => `CREATE OR REPLACE TEMP TABLE identity_${column} AS
          SELECT written, ${withoutPlaceholder("words")} AS ${column}
          FROM (SELECT written, ${folded("written")} AS words
          FROM (SELECT DISTINCT ${column} AS written FROM identity_written WHERE ${column} IS NOT NULL))`,
      )
      .join(";\n"),
  );
  const keys = Array.from({ length: keyCount }, (_, i) => {
    const key = `raw_key_${i}`;
    return `, nullif(upper(CASE WHEN ends_with(${key}, '.0') THEN left(${key}, length(${key}) - 2) ELSE ${key} END), '') AS key_${i}`;
  });
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_standard AS
    WITH named AS (
      SELECT n.r, w.*, w.rowid AS i, ${addressOfRecord.written} AS address_written, CASE WHEN g.given IS NOT NULL THEN g.given WHEN NOT f.single THEN f.given WHEN s.family IS NOT NULL THEN f.family END AS given,
        CASE WHEN m.middle IS NOT NULL THEN m.middle WHEN g.given IS NOT NULL AND (g.middle IS NOT NULL OR f.given IS DISTINCT FROM g.given) THEN g.middle ELSE f.middle END AS middle,
        CASE WHEN s.family IS NOT NULL THEN s.family WHEN NOT f.single OR g.given IS NULL THEN f.family END AS family,
        CASE WHEN s.family IS NOT NULL THEN s.last_part WHEN NOT f.single OR g.given IS NULL THEN f.last_part END AS last_part,
        CASE coalesce(s.suffix, f.suffix, g.suffix) WHEN 'junior' THEN 'jr' WHEN 'senior' THEN 'sr' WHEN '2nd' THEN 'ii' WHEN '3rd' THEN 'iii' WHEN '4th' THEN 'iv'
          ELSE coalesce(s.suffix, f.suffix, g.suffix) END AS suffix
      FROM identity_written w JOIN identity_raw n ON n.i = w.rowid
      LEFT JOIN identity_name_given g USING (given_name)
      LEFT JOIN identity_name_middle m USING (middle_name)
      LEFT JOIN identity_name_surname s USING (surname)
      LEFT JOIN identity_name_full f ON f.full_name = w.full_name${fullNamesArePeople ? "" : " AND coalesce(w.given_name, w.surname) IS NOT NULL"}),
    known AS (
      SELECT * EXCLUDE (nobody) REPLACE (${["given", "middle", "family", "last_part", "suffix"].map((name) => `CASE WHEN NOT nobody THEN ${name} END AS ${name}`).join(", ")})
      FROM (SELECT *, ${isNobody("given", "family")} AS nobody FROM named))
    SELECT r, given, middle, coalesce(k.root, given) AS given_root, g.sound AS given_sound, family, f.sound AS family_sound, last_part, suffix,
      w.email, local, domain, p.phone, birth, ${addressOfRecord.columns}, town, region, zip,
      CASE WHEN left(gender, 1) IN ('m', 'M') THEN 'm' WHEN left(gender, 1) IN ('f', 'F') OR lower(gender) IN ('w', 'weiblich') THEN 'f' END AS gender,
      c.company, bp.birthplace, o.occupation, nullif(regexp_replace(upper(national_id), '[^A-Z0-9]', '', 'g'), '') AS national_id${keys.join("")}
    FROM (SELECT * RENAME (birthplace AS birthplace_written, occupation AS occupation_written) FROM (${withEmail("known")})) w
    LEFT JOIN identity_given_root k ON k.name = given
    LEFT JOIN identity_given_sound g ON g.name = given
    LEFT JOIN identity_family_sound f ON f.name = family
    LEFT JOIN identity_phone p USING (i)
    LEFT JOIN identity_birthdate b ON b.raw = w.birthdate
    ${addressOfRecord.joins}
    LEFT JOIN identity_town USING (city)
    LEFT JOIN identity_region USING (state)
    LEFT JOIN identity_zip USING (postal)
    LEFT JOIN identity_birthplace bp ON bp.written = birthplace_written
    LEFT JOIN identity_occupation o ON o.written = occupation_written
    LEFT JOIN identity_company c ON c.written = ${company.replaceAll("company", "w.company")};
    DROP TABLE identity_written`);
}

const legalForms =
  "inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|co|company|gmbh|ag|kg|ohg|ug|sa|sas|sarl|srl|spa|bv|nv|oy|ab|pty";
