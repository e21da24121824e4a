import type { Recorded } from "../dirt.ts";
import type { Random } from "../random.ts";
import { americanDate, phoneInOneOf } from "./format.ts";
import type { Row } from "./row.ts";

export const SUPPORT_DESK_COLUMNS = [
  "Contact No",
  "Name",
  "Phone",
  "Mail",
  "Shop Customer No",
  "Topic",
  "Opened",
] as const;

const PHONES = ["+1-999-999-9999", "999/999-9999", "(999)9999999", "1 999 999 9999"];

/** A contact of the support desk: the agent writes what he hears, the surname first. */
export function supportDeskRow(
  random: Random,
  id: string,
  openedAt: string,
  shopCustomer: string | null,
  contact: Recorded,
): Row {
  const [date, time] = openedAt.split(" ") as [string, string];
  const values = [
    id,
    lastFirst(contact),
    phoneInOneOf(random, PHONES, contact),
    contact.email,
    shopCustomer,
    random.pick(["Delivery", "Return", "Invoice", "Product", "Account", "Store"]),
    `${americanDate(date)} ${time.slice(0, 5)}`,
  ];
  return { system: "support_desk", id, values };
}

/** `GARCÍA, Ana`; what is missing is left out. */
function lastFirst({ given, surname }: Recorded): string | null {
  const parts = [surname?.toUpperCase(), given].filter((part) => part !== null && part !== undefined);
  return parts.length === 0 ? null : parts.join(", ");
}
