import { OneCopyError } from "../base/index.ts";
import { isForeignKey } from "../source/index.ts";
import { attributesSql } from "./attributes.ts";
import { coalescedSql, coalescedTags } from "./coalesced.ts";
import type { ProfileConfig } from "./config.ts";
import { customer360Sql } from "./customer-360.ts";
import type { DerivedTable, SqlMaker } from "./derived-table.ts";
import { mergedSql, mergedTags } from "./merged.ts";
import { type ProfileSource, describesPeople, hasTransactions, identifyingColumnsOf } from "./source.ts";
import { transactionsSql } from "./transactions.ts";

const assignments = "identity.assignments";
const households = "identity.households";
const tableNames = {
  coalesced: "unified.unified_coalesced",
  merged: "unified.merged_customers",
  transactions: "unified.unified_transactions",
  attributes: "unified.customer_attributes",
  customer360: "unified.customer_360",
} as const;

/**
 * The unified model: five tables, each after those that it reads. All five exist whatever the sources are.
 * Fails with `profile.unknown_source` when `source_priority` names a source that is not there.
 */
export function profileTables(config: ProfileConfig, sources: readonly ProfileSource[]): DerivedTable[] {
  const unknown = config.source_priority?.find((name) => !sources.some((source) => source.name === name));
  if (unknown !== undefined)
    throw new OneCopyError(
      "profile.unknown_source",
      `profile.source_priority names ${unknown}; the sources are ${sources.map(({ name }) => name).join(", ")}.`,
      { remedy: "Correct the name, or take it out of the list." },
    );
  const ordered = [...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
  const people = ordered.filter(describesPeople);
  const selling = ordered.filter(hasTransactions);
  const tags = coalescedTags(people);
  const merged = mergedTags(tags);
  const { coalesced, transactions, attributes, customer360 } = tableNames;
  return [
    derived(
      coalesced,
      [...(people.length === 0 ? [] : [assignments]), ...people.map(({ relationName }) => relationName)],
      ["record_id", ...identifyingColumnsOf(tags)],
      { query: coalescedSql(people, assignments), key: "profile_id, source, record_id" },
    ),
    derived(tableNames.merged, [coalesced], identifyingColumnsOf(merged), {
      query: mergedSql(config, tags, coalesced),
      key: "profile_id",
    }),
    derived(
      transactions,
      selling.length === 0 ? [] : [coalesced, ...selling.map(({ relationName }) => relationName)],
      ["record_id", "transaction_key"],
      {
        query: transactionsSql(selling, { foreignKeys: tags.filter(isForeignKey), people }, coalesced),
        key: "profile_id, source, transaction_key",
      },
    ),
    derived(attributes, [transactions], [], {
      query: attributesSql(config.currency, transactions),
      key: "profile_id",
      timeDependent: true,
    }),
    derived(
      customer360,
      [tableNames.merged, attributes, coalesced, ...(people.length === 0 ? [] : [households])],
      identifyingColumnsOf(merged),
      {
        query: customer360Sql(merged, {
          merged: tableNames.merged,
          attributes,
          coalesced,
          households: people.length === 0 ? undefined : households,
        }),
        key: "profile_id",
      },
    ),
  ];
}

/**
 * The query in the order of `key`, so that a person's rows lie together and the same rows make the same files. Sorted
 * when all is joined, and not while: ten million records in one go take more memory than one machine may have.
 */
function derived(
  name: string,
  inputs: readonly string[],
  identifying: readonly string[],
  {
    query,
    key,
    timeDependent = false,
  }: { readonly query: SqlMaker; readonly key: string; readonly timeDependent?: boolean },
): DerivedTable {
  const sql: SqlMaker = (relation, asOf) =>
    `WITH made AS MATERIALIZED (${query(relation, asOf)}) SELECT * FROM made ORDER BY ${key}`;
  return {
    name,
    inputs: [...new Set(inputs)],
    // The query itself, with names in place of relations: whatever changes it, configuration or a new version of
    // OneCopy, is a new rule.
    rule: sql((input) => input, "1970-01-01"),
    timeDependent,
    identifying,
    sql(relations, asOf) {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(asOf))
        throw new OneCopyError(
          "profile.bad_day",
          `The as-of day must be YYYY-MM-DD, found ${JSON.stringify(asOf)}.`,
        );
      return sql((input) => {
        const relation = relations[input];
        if (relation !== undefined) return relation;
        throw new OneCopyError(
          "profile.input_missing",
          `${name} is made from ${input}, which was not given.`,
          {
            remedy: "Make the tables in the order that profileTables gives them.",
          },
        );
      }, asOf);
    },
  };
}
