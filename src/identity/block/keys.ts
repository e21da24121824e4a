/**
 * A blocking key: records that agree in all of `parts` are compared. Parts and refinements are SQL over a node's columns; null in a part
 * means that the record has no such key.
 */
export interface BlockingKey {
  readonly name: string;
  readonly parts: readonly string[];
}

const given3 = "left(given, 3)";
const family3 = "left(family, 3)";
const year = "CASE WHEN birth NOT LIKE '0000%' THEN left(birth, 4) END";
const birth = "CASE WHEN birth NOT LIKE '%-00' THEN birth END";
const monthDay = "CASE WHEN birth NOT LIKE '%-00' THEN right(birth, 5) END";
const yearMonth = "CASE WHEN birth NOT LIKE '%-00' THEN left(birth, 7) END";
const yearDay = "CASE WHEN birth NOT LIKE '%-00' THEN left(birth, 4) || right(birth, 2) END";
const sounds =
  "CASE WHEN given_sound < family_sound THEN given_sound || family_sound ELSE family_sound || given_sound END";
const doorstep = "number || ' ' || street";

/** What is tried on every table; a key whose columns are empty costs nothing. */
export function blockingKeys(keyCount: number): readonly BlockingKey[] {
  return [
    { name: "e-mail", parts: ["email"] },
    { name: "phone", parts: ["phone"] },
    { name: "phone's last seven figures + surname", parts: ["right(phone, 7)", "left(family, 2)"] },
    { name: "national id", parts: ["national_id"] },
    ...Array.from({ length: keyCount }, (_, i) => ({ name: `customer key ${i + 1}`, parts: [`key_${i}`] })),
    { name: "mailbox", parts: ["CASE WHEN len(local) >= 5 THEN local END"] },
    { name: "mailbox's beginning + given name", parts: ["left(local, 5)", given3] },
    { name: "mailbox's beginning + surname", parts: ["left(local, 5)", family3] },
    { name: "mailbox's beginning + birth year", parts: ["left(local, 4)", year] },
    {
      name: "mailbox's end + provider",
      parts: ["CASE WHEN len(local) >= 6 THEN right(local, 5) END", "domain"],
    },
    { name: "given name + surname", parts: ["least(given_root, family)", "greatest(given_root, family)"] },
    { name: "sound of both names", parts: [sounds] },
    { name: "sound of both names + birth year", parts: [sounds, year] },
    { name: "surname's sound + birth year", parts: ["family_sound", year] },
    { name: "given name's sound + birth year and month", parts: ["given_sound", yearMonth] },
    { name: "birth date", parts: [birth] },
    { name: "given name + day and month of birth", parts: ["given_root", monthDay] },
    { name: "given name + year and day of birth", parts: ["given_root", yearDay] },
    { name: "surname + day and month of birth", parts: ["family", monthDay] },
    { name: "surname + year and month of birth", parts: ["family", yearMonth] },
    { name: "beginnings of both names + postal code", parts: ["left(given, 2)", "left(family, 2)", "zip"] },
    { name: "beginnings of both names + town", parts: [given3, family3, "town"] },
    { name: "surname + postal code", parts: ["family", "zip"] },
    { name: "street and number", parts: [doorstep] },
    { name: "given name + street", parts: [given3, "street"] },
    { name: "surname + street", parts: [family3, "street"] },
    { name: "birth year and month + postal code", parts: [yearMonth, "zip"] },
    { name: "company", parts: ["company"] },
    { name: "company's beginning + place", parts: ["left(company, 4)", "coalesce(zip, town)"] },
    { name: "company's beginning + number", parts: ["left(company, 4)", "number"] },
  ];
}

/** Columns that a key's too common values are refined by, in this order; those that the key has already change nothing. */
export const refinements: readonly string[] = [
  given3,
  family3,
  year,
  "coalesce(zip, town)",
  monthDay,
  "coalesce(phone, email)",
];
