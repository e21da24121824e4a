import { ident, literal } from "../engine/index.ts";
import { type ForeignKeyTag, isForeignKey } from "../source/index.ts";
import type { SqlMaker } from "./derived-table.ts";
import { amountOf, keyOf, valueOf } from "./read-text.ts";
import { readTimes } from "./read-time.ts";
import { type ProfileSource, columnName, describesPeople } from "./source.ts";

/**
 * `unified.unified_transactions`: one row a transaction of the sources that tag a transaction_key: `source`,
 * `transaction_key`, `record_id`, `profile_id` (null: nobody known), `transaction_time` (an instant), `currency`
 * (upper case), `amount` DECIMAL(18,2).
 *
 * The person is the one that the record's foreign key names; else, where the record describes a person itself (a
 * guest's order), the one it was resolved to. Several records with one key of one source are one transaction that was
 * delivered again: the one that was updated last counts.
 */
export function transactionsSql(
  sources: readonly ProfileSource[],
  known: { readonly foreignKeys: readonly ForeignKeyTag[]; readonly people: readonly ProfileSource[] },
  coalescedName: string,
): SqlMaker {
  return (relation) => {
    if (sources.length === 0)
      return `SELECT CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS transaction_key, CAST(NULL AS VARCHAR) AS record_id,
        CAST(NULL AS VARCHAR) AS profile_id, CAST(NULL AS TIMESTAMPTZ) AS transaction_time, CAST(NULL AS VARCHAR) AS currency,
        CAST(NULL AS DECIMAL(18,2)) AS amount WHERE false`;
    const coalesced = relation(coalescedName);
    const each = sources.map((source) =>
      transactionsOf(source, relation(source.relationName), known, coalesced),
    );
    return each.join("\nUNION ALL\n");
  };
}

function transactionsOf(
  source: ProfileSource,
  relation: string,
  known: { readonly foreignKeys: readonly ForeignKeyTag[]; readonly people: readonly ProfileSource[] },
  coalesced: string,
): string {
  const foreignKeys = [...new Set(Object.values(source.tags).filter(isForeignKey))].sort();
  const stated = [
    `CAST(${ident(source.idColumn)} AS VARCHAR) AS record_id`,
    `${valueOf(source, "transaction_key")} AS transaction_key`,
    `${valueOf(source, "transaction_time")} AS transaction_time`,
    `coalesce(${valueOf(source, "updated_time")}, ${valueOf(source, "created_time")}) AS updated_time`,
    `upper(${valueOf(source, "currency")}) AS currency`,
    `${valueOf(source, "transaction_amount")} AS amount`,
    ...foreignKeys.map((tag) => `${keyOf(valueOf(source, tag))} AS ${columnName(tag)}`),
  ];
  const records = readTimes(
    `(SELECT ${stated.join(", ")} FROM ${relation})`,
    { times: ["transaction_time", "updated_time"], days: [] },
    source.timezone ?? "UTC",
  );
  const people = foreignKeys.flatMap((tag, i) => {
    const keys = keysOf(tag, known, coalesced);
    if (keys === undefined) return [];
    return [
      {
        join: `LEFT JOIN ${keys} person_${i} ON person_${i}.key = t.${columnName(tag)}`,
        id: `person_${i}.profile_id`,
      },
    ];
  });
  if (describesPeople(source)) {
    const own = `(SELECT record_id, profile_id FROM ${coalesced} WHERE source = ${literal(source.name)})`;
    people.push({ join: `LEFT JOIN ${own} guest ON guest.record_id = t.record_id`, id: "guest.profile_id" });
  }
  const profileId =
    people.length === 0
      ? "CAST(NULL AS VARCHAR)"
      : `coalesce(${people.map(({ id }) => id).join(", ")}, NULL)`;
  return `SELECT ${literal(source.name)} AS source, t.transaction_key, t.record_id, ${profileId} AS profile_id,
      t.transaction_time, t.currency, ${amountOf("t.amount")} AS amount
    FROM (SELECT * FROM ${records} WHERE transaction_key IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY transaction_key ORDER BY updated_time DESC NULLS LAST, transaction_time DESC NULLS LAST, record_id DESC) = 1) t
    ${people.map(({ join }) => join).join("\n")}`;
}

/**
 * Who a key of another source stands for: `key`, `profile_id`. The key is that source's customer_key, or its record
 * id where no column has that tag; records of third sources that hold the same foreign key say it too.
 */
function keysOf(
  tag: ForeignKeyTag,
  known: { readonly foreignKeys: readonly ForeignKeyTag[]; readonly people: readonly ProfileSource[] },
  coalesced: string,
): string | undefined {
  const target = known.people.find((source) => tag === `foreign_key:${source.name}`);
  const says: string[] = [];
  if (target !== undefined) {
    const tags = Object.values(target.tags);
    // Its records may point to customers of its own, several to one: then their ids are no keys.
    const column = tags.includes("customer_key")
      ? "customer_key"
      : tags.includes(tag)
        ? undefined
        : "record_id";
    if (column !== undefined)
      says.push(
        `SELECT ${keyOf(column)} AS key, profile_id, 0 AS rank FROM ${coalesced} WHERE source = ${literal(target.name)}`,
      );
  }
  if (known.foreignKeys.includes(tag))
    says.push(`SELECT ${keyOf(columnName(tag))} AS key, profile_id, 1 AS rank FROM ${coalesced}`);
  if (says.length === 0) return undefined;
  return `(SELECT key, min_by(profile_id, (rank, profile_id)) AS profile_id FROM (${says.join(" UNION ALL ")})
    WHERE key IS NOT NULL AND profile_id IS NOT NULL GROUP BY key)`;
}
