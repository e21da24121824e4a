/** Who is a customer, and what happens to them in four years. The README says what each does, and where it is from. */
export const LIFE = {
  HOUSEHOLD_SINGLE: 0.45,
  HOUSEHOLD_COUPLE: 0.3,
  HOUSEHOLD_FAMILY: 0.16,
  HOUSEHOLD_LONE_PARENT: 0.05,
  HOUSEHOLD_FLATMATES: 0.04,
  SAME_BUILDING: 0.05,
  PARTNER_SAME_SURNAME: 0.75,
  DOUBLE_SURNAME: 0.02,
  NAMESAKE_SON: 0.05,
  MIDDLE_NAME: 0.7,
  MOVE_PER_YEAR: 0.087,
  NEW_PHONE_PER_YEAR: 0.05,
  NEW_EMAIL_PER_YEAR: 0.08,
  MARRIED_LATELY: 0.08,
  WIFE_TAKES_SURNAME: 0.7,
  LANDLINE: 0.27,
  RECYCLED_PHONE: 0.01,
  SECOND_EMAIL: 0.65,
  COUPLE_SHARES_EMAIL: 0.27,
} as const;

/** What people do when a system asks them who they are. */
export const HABIT = {
  GIVES_SHARED_EMAIL: 0.5,
  GIVES_SECOND_EMAIL: 0.3,
  GIVES_LANDLINE: 0.3,
  GIVES_PARTNERS_PHONE: 0.08,
  MINOR_GIVES_PARENTS_EMAIL: 0.3,
  MINOR_GIVES_PARENTS_PHONE: 0.4,
  PREFERS_ONLINE: 0.7,
} as const;

/** What happens between the systems, and in none of them. */
export const TRADE = {
  SECOND_SHOP_ACCOUNT: 0.06,
  SECOND_LOYALTY_CARD: 0.05,
  SECOND_SUBSCRIPTION: 0.08,
  SHOP_ACCOUNT_ORDERS: 0.65,
  GUEST_CHECKOUT: 0.3,
  ACCOUNT_USED_BY_HOUSEHOLD: 0.06,
  CARD_ON_ORDER: 0.35,
  CARD_USED_BY_HOUSEHOLD: 0.01,
  GIFT: 0.08,
  GIFT_HAS_RECIPIENTS_PHONE: 0.4,
  TICKET_NAMES_SHOP_ACCOUNT: 0.2,
  FOREIGN_CURRENCY: 0.015,
  STAFF_TESTERS_PER_PERSON: 0.0005,
  MALFORMED_LINES_PER_FILE: 2,
} as const;

export const SYSTEMS = ["web_shop", "loyalty", "email_tool", "support_desk", "orders"] as const;
export type System = (typeof SYSTEMS)[number];

type BySystem = Readonly<Record<System, number>>;

/** In the order of {@link SYSTEMS}. */
function each(
  webShop: number,
  loyalty: number,
  emailTool: number,
  supportDesk: number,
  orders: number,
): BySystem {
  return {
    web_shop: webShop,
    loyalty,
    email_tool: emailTool,
    support_desk: supportDesk,
    orders,
  };
}

/** How often a field is filled in at all. Addresses are complete or absent. */
export const FILLED = {
  GIVEN_NAME: each(0.97, 0.95, 0.55, 0.9, 0.99),
  SURNAME: each(0.97, 0.93, 0.4, 0.88, 0.99),
  EMAIL: each(0.995, 0.45, 1, 0.7, 0.98),
  PHONE: each(0.65, 0.88, 0, 0.6, 0.6),
  BIRTH_DATE: each(0.35, 0.6, 0, 0, 0),
  ADDRESS: each(0.75, 0.65, 0, 0, 1),
  POSTAL_CODE: each(1, 1, 0.3, 0, 1),
} as const satisfies Record<string, BySystem>;

/** How often a record, or a field that is filled in, is spoilt this way. For orders: of guest checkouts. */
export const DIRT = {
  NICKNAME: each(0.1, 0.12, 0.2, 0.2, 0.08),
  MIDDLE_INITIAL: each(0.04, 0.05, 0.02, 0.02, 0.04),
  NAMES_TRANSPOSED: each(0.006, 0.015, 0.01, 0.02, 0.006),
  NAME_KEYBOARD_TYPO: each(0.015, 0.015, 0.015, 0.01, 0.02),
  NAME_OCR_ERROR: each(0, 0.02, 0, 0, 0),
  NAME_PHONETIC_ERROR: each(0, 0.01, 0, 0.04, 0),
  NAME_LOWER_CASE: each(0.04, 0, 0.1, 0, 0.04),
  DIACRITICS_LOST: each(0.3, 1, 0.4, 0.5, 0.3),
  MOJIBAKE: each(0, 0, 0.03, 0.1, 0),
  EMAIL_TYPO: each(0.008, 0.03, 0.01, 0.02, 0.012),
  PHONE_TYPO: each(0.012, 0.015, 0, 0.02, 0.012),
  BIRTH_DATE_DAY_MONTH_SWAPPED: each(0.01, 0.01, 0, 0, 0),
  BIRTH_DATE_TYPO: each(0.01, 0.02, 0, 0, 0),
  STREET_TYPO: each(0.02, 0.04, 0, 0, 0.02),
  POSTAL_CODE_TYPO: each(0.01, 0.015, 0.01, 0, 0.01),
  JUNK_NAME: each(0.004, 0.004, 0.005, 0.01, 0.003),
  JUNK_EMAIL: each(0.003, 0.02, 0, 0.01, 0.004),
  JUNK_PHONE: each(0.02, 0.01, 0, 0.005, 0.02),
  JUNK_BIRTH_DATE: each(0.04, 0.03, 0, 0, 0),
  NOT_AVAILABLE: each(0.003, 0.01, 0, 0.02, 0.003),
  ONE_FIELD: each(0.004, 0.02, 0, 0.04, 0),
} as const satisfies Record<string, BySystem>;
