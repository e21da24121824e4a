import { literal } from "../engine/index.ts";
import { birthParts, type PlainTag, type Tag, plainTags } from "../source/index.ts";
import type { SqlMaker } from "./derived-table.ts";
import { readTimes } from "./read-time.ts";
import { valueOf } from "./read-text.ts";
import { type ProfileSource, columnName, hasBirthParts, tagsOf } from "./source.ts";

const notStored: ReadonlySet<PlainTag> = new Set([
  "transaction_key",
  "transaction_time",
  "transaction_amount",
  "currency",
  "updated_time",
  ...birthParts,
]);
const shownTags = plainTags.filter((tag) => !notStored.has(tag));
const nameTags: readonly Tag[] = ["given_name", "surname", "full_name"];

/**
 * The tags that have a column in `unified_coalesced`, for sources that describe people. When any name is tagged,
 * `full_name` is among them, and when a part of a birth date is, `birthdate`.
 */
export function coalescedTags(sources: readonly ProfileSource[]): Tag[] {
  const tags = new Set(tagsOf(sources, shownTags));
  if (sources.some(hasBirthParts)) tags.add("birthdate");
  if (nameTags.some((tag) => tags.has(tag))) tags.add("full_name");
  return [...shownTags.filter((tag) => tags.has(tag)), ...[...tags].filter((tag) => tag.includes(":"))];
}

/**
 * `unified.unified_coalesced`: every record that describes a person, of every source, with the profile that it
 * belongs to: `source`, `record_id`, `profile_id` (null: not resolved yet), one text column a tag, `updated_time`
 * (else the created time, else that of the transaction) and, where tagged, `created_time`. What a record says
 * stays as it says it, placeholders too; only blanks around it go, and birth dates that can be read become
 * `YYYY-MM-DD`. `full_name` is put together from its parts where a source has only them.
 */
export function coalescedSql(sources: readonly ProfileSource[], assignments: string): SqlMaker {
  const tags = coalescedTags(sources);
  return (relation) => {
    const columns = tags.map(columnName);
    if (sources.length === 0)
      return `SELECT CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS record_id, CAST(NULL AS VARCHAR) AS profile_id,
        CAST(NULL AS TIMESTAMPTZ) AS updated_time WHERE false`;
    const records = sources.map((source) => recordsOf(source, tags, relation(source.relationName)));
    return `SELECT source, record_id, profile_id${columns.map((column) => `, ${column}`).join("")}, updated_time
      FROM (${records.join("\nUNION ALL\n")})
      LEFT JOIN (SELECT source, record_id, profile_id FROM ${relation(assignments)}) USING (source, record_id)`;
  };
}

function recordsOf(source: ProfileSource, tags: readonly Tag[], relation: string): string {
  const stated = [
    `${literal(source.name)} AS source, CAST("${source.idColumn.replaceAll('"', '""')}" AS VARCHAR) AS record_id`,
    ...tags.map(
      (tag) => `${tag === "full_name" ? fullName(source) : valueOf(source, tag)} AS ${columnName(tag)}`,
    ),
    ...(tags.includes("created_time") ? [] : [`${valueOf(source, "created_time")} AS created_time`]),
    `${valueOf(source, "updated_time")} AS updated_time`,
    `${valueOf(source, "transaction_time")} AS transaction_time`,
  ];
  const read = readTimes(
    `(SELECT ${stated.join(", ")} FROM ${relation})`,
    {
      times: ["created_time", "updated_time", "transaction_time"],
      days: tags.includes("birthdate") ? ["birthdate"] : [],
    },
    source.timezone ?? "UTC",
  );
  return `SELECT source, record_id${tags.map((tag) => `, ${columnName(tag)}`).join("")},
    coalesce(updated_time, created_time, transaction_time) AS updated_time FROM ${read}`;
}

function fullName(source: ProfileSource): string {
  const parts = `nullif(concat_ws(' ', ${valueOf(source, "given_name")}, ${valueOf(source, "surname")}), '')`;
  return `coalesce(${valueOf(source, "full_name")}, ${parts})`;
}
