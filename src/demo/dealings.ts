import { type Calendar, HISTORY_DAYS } from "./calendar.ts";
import { type Contact, asked, type WrittenAddress, written } from "./contact.ts";
import { type Recorded, recorded } from "./dirt.ts";
import { type Numbering, cardNumber } from "./numbering.ts";
import { type Person, at } from "./person.ts";
import type { Random } from "./random.ts";
import { SYSTEMS, TRADE } from "./rates.ts";
import { emailToolRow } from "./system/email-tool.ts";
import { loyaltyRow } from "./system/loyalty.ts";
import { ordersRow } from "./system/orders.ts";
import type { Row } from "./system/row.ts";
import { supportDeskRow } from "./system/support-desk.ts";
import { webShopRow } from "./system/web-shop.ts";

/** Where the retailer's systems write. */
export interface Retailer {
  readonly random: Random;
  readonly calendar: Calendar;
  readonly numbers: Readonly<Record<(typeof SYSTEMS)[number], Numbering>>;
  /** The last few people who could be sent a gift. */
  readonly acquaintances: Contact[];
  readonly keep: (row: Row, person: Person) => void;
}

interface Account {
  readonly id: string;
  readonly day: number;
  readonly owner: Person;
  readonly as: Recorded;
}

interface Card {
  readonly id: string;
  readonly day: number;
  readonly owner: Person;
}

// How likely somebody uses a system at all.
const ONLINE = { web_shop: 0.7, loyalty: 0.4, email_tool: 0.6, support_desk: 0.2 } as const;
const IN_STORE = { web_shop: 0.15, loyalty: 0.85, email_tool: 0.35, support_desk: 0.15 } as const;

const MEAN_DAYS_TO_JOIN = 150;
const MORE_ORDERS_MEAN = 1.8;
const MORE_GUEST_ORDERS_MEAN = 0.8;
const MAX_ORDERS = 40;

/** Everything that a household does with the retailer in the years of the demo; every member leaves a record. */
export function dealWith(retailer: Retailer, members: readonly Person[]): void {
  const { random } = retailer;
  const visits = members.map((person) => visitsOf(random, person));
  const accounts = members.flatMap((person, i) =>
    visits[i]!.web_shop ? openAccounts(retailer, person) : [],
  );
  const cards = members.flatMap((person, i) => (visits[i]!.loyalty ? takeCards(retailer, person) : []));
  members.forEach((person, i) => {
    const own = accounts.filter(({ owner }) => owner === person);
    if (visits[i]!.email_tool) subscribe(retailer, person, own);
    if (visits[i]!.support_desk) askForHelp(retailer, person, own);
    if (visits[i]!.guest)
      for (let left = 1 + Math.floor(random.exponential(MORE_GUEST_ORDERS_MEAN)); left > 0; left--)
        order(retailer, person, undefined, cards);
  });
  for (const account of accounts) {
    if (!random.chance(TRADE.SHOP_ACCOUNT_ORDERS)) continue;
    for (let left = orderCount(random); left > 0; left--) {
      const others = members.filter((member) => member !== account.owner);
      const borrowed = others.length > 0 && random.chance(TRADE.ACCOUNT_USED_BY_HOUSEHOLD);
      order(retailer, borrowed ? random.pick(others) : account.owner, account, cards);
    }
  }
}

function visitsOf(random: Random, { prefersOnline }: Person): Record<keyof typeof ONLINE | "guest", boolean> {
  const likely = prefersOnline ? ONLINE : IN_STORE;
  const visits = {
    web_shop: random.chance(likely.web_shop),
    loyalty: random.chance(likely.loyalty),
    email_tool: random.chance(likely.email_tool),
    support_desk: random.chance(likely.support_desk),
    guest: random.chance(TRADE.GUEST_CHECKOUT),
  };
  if (Object.values(visits).some(Boolean)) return visits;
  return { ...visits, [prefersOnline ? "web_shop" : "loyalty"]: true };
}

function orderCount(random: Random): number {
  return Math.min(MAX_ORDERS, 1 + Math.floor(random.exponential(MORE_ORDERS_MEAN)));
}

/** Any day from then on. */
function dayAfter(random: Random, day: number): number {
  return random.between(day, HISTORY_DAYS);
}

/** A day not long after the first contact. */
function joinDay(random: Random, since: number): number {
  const day = since + Math.floor(random.exponential(MEAN_DAYS_TO_JOIN));
  return day <= HISTORY_DAYS ? day : dayAfter(random, since);
}

function timeOf({ random, calendar }: Retailer, day: number): string {
  return calendar.time(day, random.between(0, 86_399));
}

function openAccounts(retailer: Retailer, person: Person): Account[] {
  const { random, numbers, keep } = retailer;
  return Array.from({ length: random.chance(TRADE.SECOND_SHOP_ACCOUNT) ? 2 : 1 }, () => {
    const day = joinDay(random, person.since);
    const account = {
      id: numbers.web_shop.next(),
      day,
      owner: person,
      as: answer(retailer, "web_shop", person, day),
    };
    keep(webShopRow(random, account.id, timeOf(retailer, day), account.as), person);
    return account;
  });
}

function takeCards(retailer: Retailer, person: Person): Card[] {
  const { random, calendar, numbers, keep } = retailer;
  return Array.from({ length: random.chance(TRADE.SECOND_LOYALTY_CARD) ? 2 : 1 }, () => {
    const day = joinDay(random, person.since);
    const card = { id: cardNumber(numbers.loyalty.next()), day, owner: person };
    const as = answer(retailer, "loyalty", person, day);
    keep(loyaltyRow(random, card.id, calendar.date(day), person.sex, as), person);
    return card;
  });
}

function subscribe(retailer: Retailer, person: Person, accounts: readonly Account[]): void {
  const { random, numbers, keep } = retailer;
  for (let left = random.chance(TRADE.SECOND_SUBSCRIPTION) ? 2 : 1; left > 0; left--) {
    const day = joinDay(random, person.since);
    const as = answer(retailer, "email_tool", person, day);
    // Ticked in the shop: the address comes from the account.
    const shopEmail = random.chance(0.5) ? accounts[0]?.as.email : undefined;
    const id = `sub_${Number(numbers.email_tool.next()).toString(16).padStart(7, "0")}`;
    const source = shopEmail ? "checkout" : random.pick(["popup", "footer", "contest", "store"]);
    const subscriber = { ...as, email: shopEmail ?? as.email };
    keep(emailToolRow(random, id, timeOf(retailer, day), source, subscriber), person);
  }
}

function askForHelp(retailer: Retailer, person: Person, accounts: readonly Account[]): void {
  const { random, numbers, keep } = retailer;
  for (let left = 1 + Math.floor(random.exponential(0.6)); left > 0; left--) {
    const day = dayAfter(random, person.since);
    const known = accounts.find((account) => account.day <= day);
    const named = known !== undefined && random.chance(TRADE.TICKET_NAMES_SHOP_ACCOUNT) ? known.id : null;
    const as = answer(retailer, "support_desk", person, day);
    keep(supportDeskRow(random, `S${numbers.support_desk.next()}`, timeOf(retailer, day), named, as), person);
  }
}

function order(
  retailer: Retailer,
  buyer: Person,
  account: Account | undefined,
  cards: readonly Card[],
): void {
  const { random, acquaintances, numbers, keep } = retailer;
  const day = dayAfter(random, account?.day ?? buyer.since);
  const contact = asked(random, buyer, day);
  const checkout = recorded(random, "orders", contact);
  // An account fills in the form by itself; what was wrong there is wrong here.
  const own = account !== undefined && account.owner === buyer;
  const given = own ? (account.as.given ?? checkout.given) : checkout.given;
  const surname = own ? (account.as.surname ?? checkout.surname) : checkout.surname;
  const buyerName = [given, surname].filter((part) => part !== null).join(" ") || null;
  const friend =
    random.chance(TRADE.GIFT) && acquaintances.length > 0 ? random.pick(acquaintances) : undefined;
  const shipTo: WrittenAddress = friend
    ? written(random, friend.address)
    : (checkout.address ?? written(random, at(buyer.addresses, day)));
  // Couriers want a phone number at the door: some shops mean the recipient's.
  const courierPhone = friend && random.chance(TRADE.GIFT_HAS_RECIPIENTS_PHONE) ? friend.phone : undefined;
  const ownPhone = own && random.chance(0.7) ? (account.as.phone ?? checkout.phone) : checkout.phone;
  const placedAt = timeOf(retailer, day);
  keep(
    ordersRow(random, `O-${placedAt.slice(0, 4)}-${numbers.orders.next()}`, {
      placedAt,
      shopCustomer: account?.id ?? null,
      loyaltyCard: cardFor(random, buyer, day, cards),
      buyerName,
      email: account !== undefined && random.chance(0.9) ? account.as.email : checkout.email,
      phone: ownPhone === null ? null : (courierPhone ?? ownPhone),
      recipient: friend ? `${friend.given} ${friend.surname}` : random.chance(0.9) ? buyerName : null,
      shipTo,
      gift: friend !== undefined,
    }),
    buyer,
  );
  acquaintances.push(contact);
  if (acquaintances.length > 500) acquaintances.shift();
}

function cardFor(random: Random, buyer: Person, day: number, cards: readonly Card[]): string | null {
  const usable = cards.filter((card) => card.day <= day);
  if (usable.length === 0 || !random.chance(TRADE.CARD_ON_ORDER)) return null;
  const borrowed = usable.filter((card) => card.owner !== buyer);
  if (borrowed.length > 0 && random.chance(TRADE.CARD_USED_BY_HOUSEHOLD)) return borrowed[0]!.id;
  return usable.find((card) => card.owner === buyer)?.id ?? null;
}

function answer(retailer: Retailer, system: (typeof SYSTEMS)[number], person: Person, day: number): Recorded {
  return recorded(retailer.random, system, asked(retailer.random, person, day));
}
