import type { WrittenAddress } from "../contact.ts";
import type { Random } from "../random.ts";
import { TRADE } from "../rates.ts";
import { phoneAs } from "./format.ts";
import type { Row } from "./row.ts";

export const ORDERS_COLUMNS = [
  "order_id",
  "placed_at",
  "shop_customer_id",
  "loyalty_card",
  "billing_name",
  "email",
  "phone",
  "shipping_name",
  "shipping_address1",
  "shipping_address2",
  "shipping_city",
  "shipping_province",
  "shipping_zip",
  "shipping_country",
  "is_gift",
  "total",
  "currency",
  "status",
] as const;

/** The buyer as the checkout has it, and where the parcel goes. */
export interface Order {
  readonly placedAt: string;
  readonly shopCustomer: string | null;
  readonly loyaltyCard: string | null;
  readonly buyerName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly recipient: string | null;
  readonly shipTo: WrittenAddress;
  readonly gift: boolean;
}

export function ordersRow(random: Random, id: string, order: Order): Row {
  const { shipTo, phone } = order;
  const values = [
    id,
    order.placedAt,
    order.shopCustomer,
    order.loyaltyCard,
    order.buyerName,
    order.email,
    phone === null ? null : phoneAs(random.chance(0.8) ? "+19999999999" : "(999) 999-9999", phone),
    order.recipient,
    shipTo.line,
    shipTo.unit,
    shipTo.city,
    shipTo.stateName,
    shipTo.postalCode,
    "US",
    // Half of those who send a gift do not tick the box.
    order.gift && random.chance(0.5) ? "true" : "false",
    Math.min(2500, Math.max(4.9, Math.exp(3.9 + 0.8 * normal(random)))).toFixed(2),
    random.chance(TRADE.FOREIGN_CURRENCY) ? "CAD" : "USD",
    random.share({ completed: 93, refunded: 4, cancelled: 3 }),
  ];
  return { system: "orders", id, values };
}

/** From the standard normal distribution, near enough (Irwin–Hall). */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}
