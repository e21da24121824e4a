import { type Calendar, HISTORY_DAYS } from "./calendar.ts";
import type { WrittenAddress } from "./contact.ts";
import type { Recorded } from "./dirt.ts";
import { type Numbering, cardNumber } from "./numbering.ts";
import type { Random } from "./random.ts";
import type { System } from "./rates.ts";
import { emailToolRow } from "./system/email-tool.ts";
import { loyaltyRow } from "./system/loyalty.ts";
import type { Row } from "./system/row.ts";
import { webShopRow } from "./system/web-shop.ts";

const NAMES = [
  ["Test", "Test"],
  ["Test", "User"],
  ["QA", "Tester"],
  ["Foo", "Bar"],
  ["asdf", "asdf"],
] as const;

const HEAD_OFFICE: WrittenAddress = {
  line: "1 Market Square",
  unit: null,
  city: "Chicago",
  state: "IL",
  stateName: "Illinois",
  postalCode: "60601",
};

/** The accounts that one of the retailer's testers made over the years: one person to the truth, nobody's customer. */
export function testAccounts(
  random: Random,
  calendar: Calendar,
  numbers: Readonly<Record<System, Numbering>>,
  tester: number,
): Row[] {
  return Array.from({ length: random.between(3, 8) }, () => {
    const [given, surname] = random.pick(NAMES);
    const test: Recorded = {
      given,
      surname,
      email: random.chance(0.3) ? "test@test.com" : `qa${tester}+${random.between(1, 99)}@retailer.example`,
      phone: random.pick(["5555555555", "1234567890", null]),
      birthDate: random.pick(["1900-01-01", "2000-01-01", null]),
      address: random.chance(0.7) ? HEAD_OFFICE : null,
      postalCode: HEAD_OFFICE.postalCode,
    };
    const day = random.between(0, HISTORY_DAYS);
    const time = calendar.time(day, random.between(28_800, 64_800));
    switch (random.share({ web_shop: 6, loyalty: 2, email_tool: 2 })) {
      case "web_shop":
        return webShopRow(random, numbers.web_shop.next(), time, test);
      case "loyalty":
        return loyaltyRow(random, cardNumber(numbers.loyalty.next()), calendar.date(day), undefined, test);
      case "email_tool": {
        const id = `sub_${Number(numbers.email_tool.next()).toString(16).padStart(7, "0")}`;
        return emailToolRow(random, id, time, "footer", test);
      }
    }
  });
}
