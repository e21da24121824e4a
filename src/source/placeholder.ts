import { textList } from "../engine/index.ts";
import type { Tag } from "./tag/tag.ts";

/** What people and programs write into a field that says nothing, in small letters. */
const inAnyField = [
  "none", "n/a", "#n/a", "n.a.", "k.a.", "undefined", "unknown", "\\n", "(null)", "<null>",
  "-", "--", "---", ".", "..", "...", "?", "??", "???",
]; // prettier-ignore
/** These are names of people too: Mr Null, Ms Na, Nan, Nil. */
const longName = "null";
const shortNames = ["na", "nan", "nil"];

/** In small letters. Who judges values and no records takes all of these for nothing. */
export const placeholders: readonly string[] = [...inAnyField, longName, ...shortNames];

const longest = Math.max(...placeholders.map((text) => text.length));
/** Of everybody; a middle name says nothing of how the others are written, nor they of it. */
const names = ["given_name", "surname", "full_name"] as const;
const nameTags: ReadonlySet<Tag> = new Set([...names, "middle_name"]);
/** Tags of which `NA` is a value: Naples, Namibia. */
const placeTags: ReadonlySet<Tag> = new Set(["state", "country"]);

/**
 * Whether a value says nothing: SQL that is never null, of a trimmed text under a tag. Of words that are names too, `Na` is a name; `NA` and
 * `na` are one where another of the record's names, which `textsOf` knows, is written in capitals or small letters as well; and
 * `NULL` and `null`, which programs write, never are.
 */
export function isPlaceholder(tag: Tag, value: string, textsOf: (tag: Tag) => readonly string[]): string {
  const cases = nameTags.has(tag)
    ? [
        `WHEN ${isOneOf(`lower(${value})`, inAnyField)} OR ${isOneOf(value, [...inBothCases(longName), "NaN"])} THEN true`,
        `WHEN ${isOneOf(value, shortNames.flatMap(inBothCases))} THEN ${otherNames(tag)
          .flatMap(textsOf)
          .map((name) => `NOT ${isNameWrittenAs(name, value)} AND `)
          .join("")}true`,
      ]
    : [
        ...(placeTags.has(tag) ? [`WHEN ${value} = 'NA' THEN false`] : []),
        `WHEN ${isOneOf(`lower(${value})`, placeholders)} THEN true`,
      ];
  return `CASE WHEN ${value} IS NULL OR strlen(${value}) > ${longest} THEN false ${cases.join(" ")} ELSE false END`;
}

function otherNames(tag: Tag): readonly Tag[] {
  return tag === "middle_name" ? [] : names.filter((name) => name !== tag);
}

/** Of two letters at least, since an initial is always a capital. */
function isNameWrittenAs(name: string, value: string): string {
  return `coalesce(regexp_matches(${name}, '\\p{L}{2}') AND NOT ${isOneOf(`lower(${name})`, placeholders)}
    AND ${name} = CASE WHEN ${value} = upper(${value}) THEN upper(${name}) ELSE lower(${name}) END, false)`;
}

/** A list and no IN, which the engine turns into a join. */
function isOneOf(text: string, of: readonly string[]): string {
  return `list_contains(${textList(of)}, ${text})`;
}

function inBothCases(word: string): string[] {
  return [word, word.toUpperCase()];
}
