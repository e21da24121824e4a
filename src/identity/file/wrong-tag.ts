import { OneCopyError } from "../../base/index.ts";
import { ident, type Session } from "../../engine/index.ts";
import type { Tag } from "../../source/index.ts";
import type { ReadFile } from "./read.ts";

/** What at least one value must have, whatever the country and the spelling: SQL over `value`, and in words. */
const forms: Partial<Record<Tag, readonly [when: string, words: string]>> = {
  email: ["contains(value, '@')", "has an @, as e-mail addresses do"],
  phone: [
    "len(regexp_extract_all(value, '[0-9]')) >= 5",
    "has five figures or more, as telephone numbers do",
  ],
  birthdate: ["regexp_matches(value, '[0-9]')", "has a figure, as dates do"],
  given_name: ["regexp_matches(value, '\\p{L}')", "has a letter, as names do"],
  surname: ["regexp_matches(value, '\\p{L}')", "has a letter, as names do"],
  full_name: ["regexp_matches(value, '\\p{L}')", "has a letter, as names do"],
  city: ["regexp_matches(value, '\\p{L}')", "has a letter, as names of towns do"],
};

/**
 * Fails with `identity.wrong_tag` when a column was said to mean what none of its values can: it would be no
 * evidence, and nobody would notice. A column of which nothing is filled in says nothing, and passes.
 */
export async function requireForm(
  session: Session,
  { source, table }: ReadFile,
  column: string,
  tag: Tag,
): Promise<void> {
  const form = forms[tag];
  if (form === undefined) return;
  const [when, words] = form;
  const [counted] = await session.rows<{ filled: number; fits: number }>(
    `SELECT count(*) AS filled, count(*) FILTER (${when}) AS fits
     FROM (SELECT nullif(trim(${ident(column)}), '') AS value FROM ${table}) WHERE value IS NOT NULL`,
  );
  if (counted!.filled === 0 || counted!.fits > 0) return;
  throw new OneCopyError(
    "identity.wrong_tag",
    `Column ${column} of ${source} is tagged ${tag}, but none of its ${counted!.filled.toLocaleString("en")} values ${words}.`,
    { remedy: `Give it another tag, or leave --tag out: then one is suggested.` },
  );
}
