import { toAscii } from "../ascii.ts";
import type { Recorded } from "../dirt.ts";
import type { Sex } from "../name.ts";
import type { Random } from "../random.ts";
import { americanDate } from "./format.ts";
import type { Row } from "./row.ts";

export const LOYALTY_COLUMNS = [
  "member_no",
  "fname",
  "lname",
  "sex",
  "birth_dt",
  "street",
  "apt",
  "town",
  "st",
  "zip5",
  "mobile",
  "e_mail",
  "home_store",
  "points",
  "enrolled_on",
] as const;

/** A loyalty card of the tills: paper forms that were typed in or scanned, all in capitals. */
export function loyaltyRow(
  random: Random,
  id: string,
  enrolledOn: string,
  sex: Sex | undefined,
  card: Recorded,
): Row {
  const capitals = (text: string | null | undefined): string | null =>
    text === null || text === undefined ? null : toAscii(text).toUpperCase();
  const { address } = card;
  const values = [
    id,
    capitals(card.given),
    capitals(card.surname),
    sex === undefined || random.chance(0.4) ? null : sex === "female" ? "F" : "M",
    card.birthDate === null ? null : americanDate(card.birthDate),
    capitals(address?.line),
    capitals(address?.unit),
    capitals(address?.city),
    capitals(address?.state),
    card.postalCode,
    card.phone,
    capitals(card.email),
    `STORE ${random.between(1, 48)}`,
    String(Math.floor(random.exponential(900))),
    enrolledOn,
  ];
  return { system: "loyalty", id, values };
}
