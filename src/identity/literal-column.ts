import { literal } from "../engine/index.ts";

/** Whole numbers of this process as a column of a SELECT: one literal text, so that a million of them parse fast. */
export function numberColumn(values: ArrayLike<number>): string {
  if (values.length === 0) return "unnest(CAST([] AS INTEGER[]))";
  return `CAST(unnest(string_split(${literal(Array.prototype.join.call(values, ","))}, ',')) AS INTEGER)`;
}

/** Texts as a column of a SELECT; none of them may hold a control character of the value 31 (unit separator). */
export function textColumn(values: readonly string[]): string {
  if (values.length === 0) return "unnest(CAST([] AS VARCHAR[]))";
  return `unnest(string_split(${literal(values.join("\u001f"))}, chr(31)))`;
}
