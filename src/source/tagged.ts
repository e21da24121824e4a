import { OneCopyError } from "../base/index.ts";
import { type Field, isNested } from "../schema/index.ts";
import type { TagSuggestion } from "./tag/suggestion.ts";
import { parseTag, type Tag } from "./tag/tag.ts";

/**
 * What a source's columns mean: what a person wrote, and else what is suggested. A tag that a person gave a column
 * is not suggested for another one (but for the parts of an address). Fails with `source.unknown_column`, and with
 * `source.tag_type` where the column has a type now of which no single value can be made.
 */
export function tagsOf(
  sourceName: string,
  fields: readonly Field[],
  written: Readonly<Record<string, string>>,
  suggested: readonly TagSuggestion[],
): Record<string, Tag> {
  const columns = fields.map(({ name }) => name);
  const confirmed = new Map<string, Tag | "none">();
  for (const [name, text] of Object.entries(written)) {
    const wanted = name.trim().toLowerCase();
    const column = columns.find((one) => one === name) ?? columns.find((one) => one.toLowerCase() === wanted);
    if (column === undefined)
      throw new OneCopyError(
        "source.unknown_column",
        `The source ${sourceName} has a tag for ${name}, and no such column.`,
        {
          remedy: `Correct sources.${sourceName}.tags; the columns are: ${columns.join(", ")}.`,
        },
      );
    confirmed.set(column, text === "none" ? "none" : parseTag(text)!);
  }
  const given = new Set<Tag | "none">([...confirmed.values()].filter((tag) => tag !== "address"));
  const byColumn = new Map<string, Tag>();
  for (const { column, tag } of suggested)
    if (!confirmed.has(column) && !given.has(tag)) byColumn.set(column, tag);
  for (const [column, tag] of confirmed) if (tag !== "none") byColumn.set(column, tag);
  for (const { name, type } of fields) {
    const tag = byColumn.get(name);
    if (tag !== undefined && (isNested(type) || type === "binary"))
      throw new OneCopyError(
        "source.tag_type",
        `${name} of the source ${sourceName} is tagged ${tag}, and is ${isNested(type) ? `a ${type.kind}` : "binary"} now.`,
        {
          remedy: `Give the column a single value again, or write \`${name}: none\` in sources.${sourceName}.tags.`,
        },
      );
  }
  return Object.fromEntries(
    columns.flatMap((column) => (byColumn.has(column) ? [[column, byColumn.get(column)!]] : [])),
  );
}
