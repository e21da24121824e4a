import type { Recorded } from "../dirt.ts";
import type { Random } from "../random.ts";
import { phoneInOneOf } from "./format.ts";
import type { Row } from "./row.ts";

export const WEB_SHOP_COLUMNS = [
  "customer_id",
  "first_name",
  "last_name",
  "email",
  "phone",
  "date_of_birth",
  "address_1",
  "address_2",
  "city",
  "state",
  "zip_code",
  "country",
  "accepts_marketing",
  "created_at",
] as const;

const PHONES = ["(999) 999-9999", "999-999-9999", "9999999999", "+1 999 999 9999", "999.999.9999"];

/** A customer account of the web shop, as people typed it in. */
export function webShopRow(random: Random, id: string, createdAt: string, account: Recorded): Row {
  const { address } = account;
  const values = [
    id,
    account.given,
    account.surname,
    account.email,
    phoneInOneOf(random, PHONES, account),
    account.birthDate,
    address?.line ?? null,
    address?.unit ?? null,
    address?.city ?? null,
    address?.state ?? null,
    address?.postalCode ?? null,
    address === null ? null : random.pick(["US", "US", "US", "USA", "United States"]),
    random.chance(0.6) ? "true" : "false",
    createdAt,
  ];
  return { system: "web_shop", id, values };
}
