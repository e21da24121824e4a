import { ident } from "../engine/index.ts";
import { EMAIL_TOOL_COLUMNS } from "./system/email-tool.ts";
import { LOYALTY_COLUMNS } from "./system/loyalty.ts";
import { ORDERS_COLUMNS } from "./system/orders.ts";
import { SUPPORT_DESK_COLUMNS } from "./system/support-desk.ts";
import { WEB_SHOP_COLUMNS } from "./system/web-shop.ts";
import type { System } from "./rates.ts";

/** How a system hands out its records. All SQL is over its staged columns of text. */
export interface Layout {
  readonly columns: readonly string[];
  readonly folder: string;
  /** The file that a record is in; records within it go by time, then number. */
  readonly file: (recentFrom: string) => string;
  readonly time: string;
  readonly id: string;
  /** Types of the columns that are not text. */
  readonly types: Readonly<Record<string, string>>;
  readonly copyOptions: string;
  /** Lines that no reader can make a record of, each on its own. */
  readonly malformed: readonly string[];
  /** The end of an upload that broke off. */
  readonly brokenOff: string | undefined;
}

export const LAYOUTS: Readonly<Record<System, Layout>> = {
  web_shop: {
    columns: WEB_SHOP_COLUMNS,
    folder: "drops/web_shop",
    file: (recentFrom) =>
      `CASE WHEN created_at[:7] <= '${recentFrom}' THEN 'customers_until_${recentFrom}.csv' ELSE 'customers_' || created_at[:7] || '.csv' END`,
    time: "created_at",
    id: "customer_id",
    types: {},
    copyOptions: "FORMAT csv, HEADER, DELIMITER ','",
    malformed: ["1099991,Torn,Line", "1099992,Too,Many,,,,,,,,,,true,2025-01-01 00:00:00,and,more,and,more"],
    brokenOff: '1099993,Broken,"Of',
  },
  loyalty: {
    columns: LOYALTY_COLUMNS,
    folder: "pos/loyalty_members",
    file: (recentFrom) =>
      `CASE WHEN enrolled_on[:7] <= '${recentFrom}' THEN 'part-00000' ELSE 'part-00001' END`,
    time: "enrolled_on",
    id: "member_no",
    types: { points: "BIGINT", enrolled_on: "DATE" },
    copyOptions: "FORMAT parquet, COMPRESSION snappy",
    malformed: [],
    brokenOff: undefined,
  },
  email_tool: {
    columns: EMAIL_TOOL_COLUMNS,
    folder: "drops/email_tool",
    file: () => `'subscribers_' || "subscribedAt"[:4] || '.jsonl'`,
    time: "subscribedAt",
    id: "subscriberId",
    types: {},
    copyOptions: "FORMAT json",
    malformed: [
      '{"subscriberId":"sub_torn","emailAddress":"torn@',
      "<html><body>502 Bad Gateway</body></html>",
    ],
    brokenOff: undefined,
  },
  support_desk: {
    columns: SUPPORT_DESK_COLUMNS,
    folder: "drops/support_desk",
    file: () => `'contacts_' || "Opened"[7:10] || '.csv'`,
    time: `strptime("Opened", '%m/%d/%Y %H:%M')`,
    id: "Contact No",
    types: {},
    copyOptions: "FORMAT csv, HEADER, DELIMITER ';'",
    malformed: ["S999991;TORN", "S999992;TOO, Many;;;;Delivery;01/01/2025 00:00;and;more"],
    brokenOff: undefined,
  },
  orders: {
    columns: ORDERS_COLUMNS,
    folder: "drops/orders",
    file: () => `'orders_' || placed_at[:4] || '.parquet'`,
    time: "placed_at",
    id: "order_id",
    types: {
      placed_at: "TIMESTAMPTZ",
      is_gift: "BOOLEAN",
      total: "DECIMAL(12,2)",
    },
    copyOptions: "FORMAT parquet, COMPRESSION snappy",
    malformed: [],
    brokenOff: undefined,
  },
};

/** The columns as the file has them. */
export function selectList({ columns, types }: Layout): string {
  return columns
    .map((column) => {
      const type = types[column];
      return type === undefined ? ident(column) : `CAST(${ident(column)} AS ${type}) AS ${ident(column)}`;
    })
    .join(", ");
}
