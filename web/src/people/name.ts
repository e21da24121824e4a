import { formatCell } from "../look/format.ts";

/** A person's name from the merged values, whose columns are tags; undefined when there is none. */
export function nameOf(merged: Readonly<Record<string, unknown>>): string | undefined {
  const parts = ["given_name", "surname"]
    .map((tag) => formatCell(merged[tag]))
    .filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(" ") : formatCell(merged["full_name"]);
}

/** A tag or column as words: "given_name" → "given name", "foreign_key:order" → "foreign key: order". */
export function wordsOf(name: string): string {
  return name.replaceAll("_", " ").replace(":", ": ");
}
