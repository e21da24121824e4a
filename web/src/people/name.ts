import { formatCell } from "../look/format.ts";

/** A person's name from the merged values, whose columns are tags; undefined when there is none. */
export function nameOf(merged: Readonly<Record<string, unknown>>): string | undefined {
  const parts = ["given_name", "surname"]
    .map((tag) => formatCell(merged[tag]))
    .filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(" ") : formatCell(merged["full_name"]);
}

/** What people call a thing, where the tag or the comparison is called otherwise. */
const spoken: ReadonlyMap<string, string> = new Map([
  ["email", "e-mail"],
  ["birthdate", "birth date"],
  ["postal", "postal code"],
  ["address2", "address, line 2"],
  ["place", "town and postal code"],
  ["national_id", "national id"],
]);

/** A tag, column or comparison as words: "given_name" → "given name", "foreign_key:shop" → "foreign key: shop". */
export function wordsOf(name: string): string {
  return spoken.get(name) ?? name.replaceAll("_", " ").replace(":", ": ");
}
