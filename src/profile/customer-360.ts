import type { Tag } from "../source/index.ts";
import { orderCounts, orderFacts, revenues } from "./attributes.ts";
import type { SqlMaker } from "./derived-table.ts";
import { columnName } from "./source.ts";

/**
 * `unified.customer_360`: one row a person: the merged fields, the attributes of their orders, `records` and
 * `sources` (how many it was made from), `household_id` (null: they share a household with nobody) and
 * `household_profiles` (how many people are in it, themselves too). People without an order have 0 orders and 0 revenue, and null times.
 */
export function customer360Sql(
  merged: readonly Tag[],
  names: {
    readonly merged: string;
    readonly attributes: string;
    readonly coalesced: string;
    readonly households: string | undefined;
  },
): SqlMaker {
  const columns = [
    "profile_id",
    ...merged.map((tag) => `m.${columnName(tag)}`),
    ...orderFacts.map((name) => `a.${name}`),
    ...orderCounts.map((name) => `coalesce(a.${name}, 0) AS ${name}`),
    ...revenues.map((name) => `CAST(coalesce(a.${name}, 0) AS DECIMAL(38,2)) AS ${name}`),
    "c.records",
    "c.sources",
    ...(names.households === undefined
      ? ["CAST(NULL AS VARCHAR) AS household_id", "CAST(1 AS BIGINT) AS household_profiles"]
      : ["h.household_id", "coalesce(h.household_profiles, 1) AS household_profiles"]),
  ];
  return (relation) => `SELECT ${columns.join(", ")}
    FROM ${relation(names.merged)} m
    JOIN (SELECT profile_id, count(*) AS records, count(DISTINCT source) AS sources FROM ${relation(names.coalesced)}
      WHERE profile_id IS NOT NULL GROUP BY profile_id) c USING (profile_id)
    LEFT JOIN ${relation(names.attributes)} a USING (profile_id)${
      names.households === undefined
        ? ""
        : `
    LEFT JOIN (SELECT profile_id, household_id, count(*) OVER (PARTITION BY household_id) AS household_profiles
      FROM ${relation(names.households)}) h USING (profile_id)`
    }`;
}
