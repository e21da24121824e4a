import { ident } from "../engine/index.ts";
import { isPlaceholder, type Tag } from "../source/index.ts";

/**
 * The tagged columns of a relation as texts without blanks around, null where nothing is filled in, or a placeholder is: `SELECT
 * record_id, value_0 …`, in the order of `tags`.
 */
export function filledIn(
  relation: string,
  idColumn: string,
  tags: readonly (readonly [column: string, tag: Tag])[],
): string {
  const textsOf = (tag: Tag): string[] => tags.flatMap(([, of], i) => (of === tag ? [`text_${i}`] : []));
  const values = tags.map(
    ([, tag], i) =>
      `, CASE WHEN ${isPlaceholder(tag, `text_${i}`, textsOf)} THEN NULL ELSE text_${i} END AS value_${i}`,
  );
  const texts = tags.map(
    ([column], i) => `, ${withoutBlanks(`CAST(${ident(column)} AS VARCHAR)`)} AS text_${i}`,
  );
  return `(SELECT record_id${values.join("")} FROM (
    SELECT CAST(${ident(idColumn)} AS VARCHAR) AS record_id${texts.join("")} FROM ${relation}))`;
}

/** Null where nothing else is left. */
function withoutBlanks(text: string): string {
  const plain = `strlen(${text}) = length(${text}) AND NOT starts_with(${text}, ' ') AND NOT ends_with(${text}, ' ')`;
  return `CASE WHEN ${plain} THEN nullif(${text}, '') ELSE nullif(trim(${text}), '') END`;
}
