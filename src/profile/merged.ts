import { literal } from "../engine/index.ts";
import type { Tag } from "../source/index.ts";
import { type MergedField, type ProfileConfig, type WinnerRule, addressTags, singleTags } from "./config.ts";
import type { SqlMaker } from "./derived-table.ts";
import { withoutPlaceholder } from "./placeholder.ts";

const wholeFrame = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";

/** The tags that `merged_customers` has a column for, out of those that `unified_coalesced` has. */
export function mergedTags(coalesced: readonly Tag[]): Tag[] {
  return [...singleTags, ...addressTags].filter((tag) => coalesced.includes(tag));
}

/**
 * `unified.merged_customers`: one row a person: `profile_id` and the winner of each field. Placeholders never win.
 * The address wins whole, from one record: one with a street before one with only a town or a postal code, before
 * the others; a full name of several words wins before one of a single word; among equals the field's rule decides, then the most recent record, then the order of
 * `source_priority`, of source names and of record ids, so that a winner never depends on the order of rows.
 *
 * Windows only: they spill, and all fields won by recency share one sort.
 */
export function mergedSql(config: ProfileConfig, coalesced: readonly Tag[], coalescedName: string): SqlMaker {
  const tags = mergedTags(coalesced);
  const singles = singleTags.filter((tag) => tags.includes(tag));
  const parts = addressTags.filter((tag) => tags.includes(tag));
  const fields: MergedField[] = [...singles, ...(parts.length > 0 ? (["address"] as const) : [])];
  const ruleOf = (field: MergedField): WinnerRule => config.winners[field] ?? config.winner;
  const candidate = (field: MergedField): string => (field === "address" ? "whole_address" : field);
  const frequent = fields.filter((field) => ruleOf(field) === "most_frequent");

  return (relation) => {
    const clean = tags.map((tag) => `${withoutPlaceholder(tag, tags)} AS ${tag}`);
    const whole =
      parts.length === 0
        ? ""
        : `, CASE WHEN coalesce(${parts.join(", ")}) IS NOT NULL THEN struct_pack(${parts.map((tag) => `${tag} := ${tag}`).join(", ")}) END AS whole_address,
           coalesce(concat_ws(' ', ${parts.join(", ")}), '') AS address_text, ${completeness(parts)} AS address_rank`;
    const counts = frequent.map(
      (field) =>
        `, CASE WHEN ${candidate(field)} IS NOT NULL THEN count(*) OVER (PARTITION BY profile_id, lower(${textOf(field)})) END AS ${field}_count`,
    );
    const winners = fields.map((field) => {
      const window = `(PARTITION BY profile_id ORDER BY ${orderOf(field, ruleOf(field))} ${wholeFrame})`;
      return `first_value(${candidate(field)} IGNORE NULLS) OVER ${window} AS ${candidate(field)}`;
    });
    const columns = [
      ...singles.map((tag) => (tag === "birthdate" ? "TRY_CAST(birthdate AS DATE) AS birthdate" : tag)),
      ...parts.map((tag) => `whole_address.${tag} AS ${tag}`),
    ];
    return `SELECT profile_id${columns.map((column) => `, ${column}`).join("")} FROM (
      SELECT profile_id${winners.map((sql) => `,\n ${sql}`).join("")}
      FROM (SELECT *${counts.join("")} FROM (
        SELECT *${whole} FROM (
          SELECT profile_id, source, record_id, updated_time, ${priorityOf(config)} AS source_rank${clean.map((sql) => `,\n ${sql}`).join("")}
          FROM ${relation(coalescedName)} WHERE profile_id IS NOT NULL)))
      QUALIFY row_number() OVER (PARTITION BY profile_id ORDER BY ${recency} ${wholeFrame}) = 1)`;
  };
}

const recency = "updated_time DESC NULLS LAST, source_rank, source, record_id";

/** A whole name wins before half of one, whoever said it last. */
const isOneWord = "NOT contains(full_name, ' ')";

function orderOf(field: MergedField, rule: WinnerRule): string {
  const first = field === "address" ? "address_rank, " : field === "full_name" ? `${isOneWord}, ` : "";
  switch (rule) {
    case "most_recent":
      return `${first}${recency}`;
    case "most_frequent":
      return `${first}${field}_count DESC NULLS LAST, ${recency}`;
    case "longest":
      return `${first}length(${textOf(field)}) DESC NULLS LAST, ${recency}`;
    case "source_priority":
      return `${first}source_rank, ${recency}`;
  }
}

function textOf(field: MergedField): string {
  return field === "address" ? "address_text" : field;
}

/** 0: with a street, 1: with a town or a postal code, 2: the others. */
function completeness(parts: readonly Tag[]): string {
  const places = parts.filter((tag) => tag === "city" || tag === "postal");
  const cases = [
    ...(parts.includes("address") ? ["WHEN address IS NOT NULL THEN 0"] : []),
    ...places.map((tag) => `WHEN ${tag} IS NOT NULL THEN 1`),
  ];
  return cases.length === 0 ? "2" : `CASE ${cases.join(" ")} ELSE 2 END`;
}

function priorityOf({ source_priority: order = [] }: ProfileConfig): string {
  if (order.length === 0) return "0";
  const cases = order.map((source, position) => `WHEN ${literal(source)} THEN ${position}`);
  return `CASE source ${cases.join(" ")} ELSE ${order.length} END`;
}
