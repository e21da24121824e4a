import { literal } from "../engine/index.ts";
import type { SqlMaker } from "./derived-table.ts";

const windowsInDays = [30, 365] as const;

/** The columns that count orders, in order; zero for people without any. */
export const orderCounts = [
  ...windowsInDays.map((days) => `orders_${days}d`),
  "orders_lifetime",
  "orders_in_other_currencies",
] as const;
export const revenues = [...windowsInDays.map((days) => `revenue_${days}d`), "revenue_lifetime"] as const;
/** Null for people without an order. */
export const orderFacts = ["first_order_time", "last_order_time", "revenue_currency"] as const;

/**
 * `unified.customer_attributes`: one row for each person with a transaction by the end of the as-of day (UTC):
 * `first_order_time`, `last_order_time`, `orders_…`, `revenue_…` and `as_of`.
 *
 * The window of N days is half-open, `[as_of + 1 day − N days, as_of + 1 day)`: it ends with the last moment of the as-of day.
 * `lifetime` has no beginning; it also counts transactions without a time. What lies after the as-of day counts nowhere.
 * An order is a transaction whose amount is not negative. Revenue is the sum of amounts, refunds (negative ones)
 * included, in `revenue_currency` only; a transaction without a currency is taken to be in it. Without a configured
 * currency it is the one that most transactions have (ties: first in the alphabet). DECIMAL(38,2).
 */
export function attributesSql(currency: string | undefined, transactionsName: string): SqlMaker {
  return (relation, asOf) => {
    const end = `(TIMESTAMPTZ '${asOf} 00:00:00+00' + INTERVAL 1 DAY)`;
    const transactions = `(SELECT profile_id, transaction_time, currency, amount FROM ${relation(transactionsName)}
      WHERE profile_id IS NOT NULL AND (transaction_time IS NULL OR transaction_time < ${end}))`;
    const chosen =
      currency === undefined
        ? `(SELECT currency FROM ${transactions} WHERE currency IS NOT NULL GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1)`
        : `CAST(${literal(currency)} AS VARCHAR)`;
    const measures = [...windowsInDays.map(String), "lifetime"].flatMap((window) => {
      const within = window === "lifetime" ? "true" : `transaction_time >= ${end} - INTERVAL ${window} DAY`;
      const suffix = window === "lifetime" ? window : `${window}d`;
      return [
        `count(*) FILTER (WHERE is_order AND ${within}) AS orders_${suffix}`,
        `CAST(coalesce(sum(amount) FILTER (WHERE counts AND ${within}), 0) AS DECIMAL(38,2)) AS revenue_${suffix}`,
      ];
    });
    return `SELECT profile_id, min(transaction_time) FILTER (WHERE is_order) AS first_order_time,
        max(transaction_time) FILTER (WHERE is_order) AS last_order_time,
        ${measures.join(",\n ")},
        count(*) FILTER (WHERE is_order AND NOT counts) AS orders_in_other_currencies,
        any_value(chosen) AS revenue_currency, DATE '${asOf}' AS as_of
      FROM (SELECT *, coalesce(amount, 0) >= 0 AS is_order, currency IS NULL OR currency = chosen AS counts
        FROM ${transactions} CROSS JOIN (SELECT ${chosen} AS chosen))
      GROUP BY profile_id`;
  };
}
