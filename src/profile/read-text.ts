import { ident } from "../engine/index.ts";
import { birthdateOfParts, type Tag } from "../source/index.ts";
import { type ProfileSource, columnsOf, hasBirthParts } from "./source.ts";

/** Several columns with one of these tags are the parts of one value; of other tags the first that is filled in counts. */
const separators: ReadonlyMap<Tag, string> = new Map([
  ["given_name", " "],
  ["surname", " "],
  ["address", " "],
  ["birthdate", "-"],
] satisfies [Tag, string][]);

/** A column of any engine type as trimmed text, null when there is none. */
function textOf(column: string): string {
  return `nullif(trim(CAST(${ident(column)} AS VARCHAR)), '')`;
}

/** What a record of the source says under a tag, as text. */
export function valueOf(source: ProfileSource, tag: Tag): string {
  const value = valueUnder(source, tag);
  return tag === "birthdate" && hasBirthParts(source)
    ? `coalesce(${value}, ${birthdateOfParts((part) => valueUnder(source, part))})`
    : value;
}

function valueUnder(source: ProfileSource, tag: Tag): string {
  const texts = columnsOf(source, tag).map(textOf);
  if (texts.length === 0) return "CAST(NULL AS VARCHAR)";
  if (texts.length === 1) return texts[0]!;
  const separator = separators.get(tag);
  return separator === undefined
    ? `coalesce(${texts.join(", ")})`
    : `nullif(concat_ws('${separator}', ${texts.join(", ")}), '')`;
}

/** A key as sources compare it: without case, and without the `.0` of integers that passed through floats. */
export function keyOf(text: string): string {
  return `upper(regexp_replace(${text}, '\\.0$', ''))`;
}

/**
 * An amount of money as DECIMAL(18,2): `1234.5`, `1,234.50`, `1.234,50`, `12,50`, `€ 12.50`, `EUR 12`, `(3.00)` for
 * a negative one. Null when the text is no amount, or a larger one than the type holds.
 */
export function amountOf(text: string): string {
  const bare = `regexp_replace(${text}, '[\\s\\p{Sc}'']|^[A-Za-z]{3}|[A-Za-z]{3}$', '', 'g')`;
  const signed = `regexp_replace(${bare}, '^\\((.*)\\)$', '-\\1')`;
  const point = `CASE
    WHEN regexp_full_match(${signed}, '[-+]?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]*)?') THEN replace(${signed}, ',', '')
    WHEN regexp_full_match(${signed}, '[-+]?[0-9]{1,3}(\\.[0-9]{3})+,[0-9]*') THEN replace(replace(${signed}, '.', ''), ',', '.')
    WHEN regexp_full_match(${signed}, '[-+]?[0-9]+,[0-9]{1,2}') THEN replace(${signed}, ',', '.')
    ELSE ${signed} END`;
  return `coalesce(TRY_CAST(${text} AS DECIMAL(18,2)), TRY_CAST(${point} AS DECIMAL(18,2)))`;
}
