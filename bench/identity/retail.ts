import { LabelledFiles } from "./labelled-files.ts";
import { type Address, phoneLine, streetLine } from "./noise/places.ts";
import { Random } from "./random.ts";
import { type Contact, contactOf } from "./retail/contact.ts";
import { Dirt, type Recorded } from "./retail/dirt.ts";
import { Population } from "./retail/household.ts";
import { noise, type Source, sources } from "./retail/noise.ts";
import { at, type Person } from "./retail/person.ts";

const { channel, habit } = noise;

/** The columns of the five files; the first is the id. Those of the orders and of the shop that are called `account_id` are the same key. */
export const retailColumns = {
  webshop: [
    "account_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "street",
    "postcode",
    "town",
    "date_of_birth",
    "created_at",
  ],
  orders: [
    ...[
      "order_no",
      "account_id",
      "order_date",
      "contact_email",
      "contact_phone",
      "ship_first_name",
      "ship_last_name",
    ],
    ...["ship_address", "ship_city", "ship_zip", "total"],
  ],
  loyalty: [
    "card_no",
    "surname",
    "forename",
    "birth_day",
    "home_phone",
    "address_line",
    "city",
    "zip",
    "email",
    "issued",
  ],
  newsletter: ["subscriber_id", "email_address", "name", "signup_date"],
  store: ["contact_id", "customer_name", "telephone", "city", "email", "store_no", "contact_date"],
} as const satisfies Record<Source, readonly string[]>;

/**
 * The customers of a retailer in five sources: accounts of the web shop, its orders (of guests too), loyalty cards (paper forms), subscribers of
 * a newsletter, and contacts in the stores. {@link noise} says what is wrong with them and how often.
 *
 * The person of an order is the buyer, whose e-mail and account stand on it; the ship-to name, address and often phone of a gift are
 * somebody else's. Rows of staff who try the systems are each of a person of their own.
 * `records` is exact. A million take about a minute, and memory that does not grow with them but for the mailboxes (about 100 bytes a person).
 */
export async function writeRetail(folder: string, records: number, seed: number): Promise<void> {
  const files = await LabelledFiles.create(folder, seed, retailColumns);
  const retailer = new Retailer(files, new Random(seed), records);
  await retailer.fill();
  await files.close();
}

class Retailer {
  private readonly population: Population;
  private readonly dirt: Readonly<Record<Source, Dirt>>;
  private readonly stores: readonly Store[];
  private readonly numbers: Record<Source, number> = {
    webshop: 0,
    orders: 0,
    loyalty: 0,
    newsletter: 0,
    store: 0,
  };
  /** Some of the people before, to whom others send gifts. */
  private readonly known: Person[] = [];
  private written = 0;
  private staff = 0;

  constructor(
    private readonly files: LabelledFiles,
    private readonly random: Random,
    private readonly records: number,
  ) {
    this.population = new Population(random);
    this.dirt = Object.fromEntries(sources.map((source) => [source, new Dirt(random, source)])) as Record<
      Source,
      Dirt
    >;
    this.stores = Array.from({ length: 24 }, () => {
      const address = this.population.country.address(random);
      return {
        address: { ...address, unit: undefined },
        phone: this.population.country.phone(random, address.city),
      };
    });
  }

  async fill(): Promise<void> {
    while (this.written < this.records) {
      const household = this.population.household();
      for (const person of household) await this.customer(person, household);
      const somebody = this.random.pick(household);
      if (this.known.length < mostKnown) this.known.push(somebody);
      else this.known[this.random.below(mostKnown)] = somebody;
    }
  }

  private async customer(person: Person, household: readonly Person[]): Promise<void> {
    const { random } = this;
    const factor = person.role === "child" ? channel.childFactor : 1;
    const joins = (share: number): boolean => random.chance(share * factor);
    const orders = (): number =>
      random.count(channel.ordersMean * (random.chance(channel.heavyBuyer) ? 10 : 1));
    const account = joins(channel.account) ? await this.account(person) : undefined;
    if (account !== undefined && random.chance(channel.secondAccount)) await this.account(person);
    if (account !== undefined ? random.chance(channel.accountOrders) : joins(channel.guestCheckout))
      for (let left = orders(), friend = this.somebody(); left > 0; left--)
        await this.order(person, { household, friend }, account);
    if (joins(channel.loyalty)) {
      await this.card(person);
      if (random.chance(channel.secondCard)) await this.card(person);
    }
    if (person.emails !== undefined && joins(channel.newsletter)) {
      await this.subscription(person);
      if (random.chance(channel.secondSubscription)) await this.subscription(person);
    }
    if (joins(channel.storeContact))
      for (let left = random.count(channel.storeContactsMean); left > 0; left--)
        await this.storeContact(person);
  }

  private somebody(): Person | undefined {
    return this.known.length === 0 ? undefined : this.random.pick(this.known);
  }

  private async account(person: Person): Promise<Account> {
    const contact = contactOf(this.random, person, "webshop");
    const traits = [...contact.traits];
    const record = this.dirt.webshop.record(contact, traits);
    const id = this.id("webshop");
    await this.write("webshop", person, traits, {
      account_id: id,
      first_name: record.given,
      last_name: record.surname,
      email: record.email,
      phone: record.phone,
      street: record.street,
      postcode: record.zip,
      town: record.city,
      date_of_birth: record.birthdate,
      created_at: this.day(),
    });
    return { id, contact, record, traits };
  }

  /** What an account says is what its orders say, except for gifts and slips; a guest types everything again. */
  private async order(person: Person, around: Around, account: Account | undefined): Promise<void> {
    const { random } = this;
    const loggedIn = account !== undefined && !random.chance(channel.notLoggedIn);
    const buyer = loggedIn && random.chance(0.8) ? account.contact : contactOf(random, person, "orders");
    const traits = [loggedIn ? "logged in" : "guest", ...buyer.traits];
    const shipTo = random.chance(habit.gift) ? this.recipient(person, around, buyer, traits) : buyer;
    const copied = loggedIn && shipTo === account.contact && random.chance(channel.formFilledIn);
    const typed = this.dirt.orders.record({ ...shipTo, email: buyer.email }, copied ? [] : traits);
    const record = copied ? { ...typed, ...account.record } : typed;
    if (copied) traits.push(...account.traits);
    if (random.chance(habit.storeAddress)) this.atStore(record, traits);
    await this.write("orders", person, traits, {
      order_no: this.id("orders"),
      account_id: loggedIn ? account.id : undefined,
      order_date: this.day(),
      contact_email: record.email,
      contact_phone: record.phone,
      ship_first_name: record.given,
      ship_last_name: record.surname,
      ship_address: record.street,
      ship_city: record.city,
      ship_zip: record.zip,
      total: (5 + 200 * random.next() ** 3).toFixed(2),
    });
  }

  private recipient(
    person: Person,
    { household, friend }: Around,
    buyer: Contact,
    traits: string[],
  ): Contact {
    const { random } = this;
    const others = household.filter((other) => other !== person);
    const within = others.length > 0 && random.chance(habit.giftWithinHousehold);
    const receiver = within ? random.pick(others) : random.chance(0.7) ? friend : this.somebody();
    if (receiver === undefined) return buyer;
    traits.push(within ? "gift within household" : "gift");
    const recipient = contactOf(random, receiver, "orders");
    return {
      ...recipient,
      phone: random.chance(habit.giftHasRecipientsPhone) ? recipient.phone : buyer.phone,
    };
  }

  private async card(person: Person): Promise<void> {
    const { random } = this;
    const contact = contactOf(random, person, "loyalty");
    const traits = [...contact.traits];
    const record = this.dirt.loyalty.record(contact, traits);
    if (random.chance(habit.shopAddress)) this.atStore(record, traits);
    if (record.phone !== undefined) this.shopPhone(record, traits);
    const [year, month, day] = record.birthdate?.split("-") ?? [];
    await this.write("loyalty", person, traits, {
      card_no: this.id("loyalty"),
      surname: record.surname,
      forename: record.given,
      birth_day:
        year === undefined
          ? undefined
          : random.chance(0.06)
            ? `${month}/${day}/${year.slice(2)}`
            : `${month}/${day}/${year}`,
      home_phone: record.phone,
      address_line: record.street,
      city: record.city,
      zip: record.zip,
      email: record.email,
      issued: this.day(),
    });
  }

  private async subscription(person: Person): Promise<void> {
    const contact = contactOf(this.random, person, "newsletter");
    const traits = [...contact.traits];
    const record = this.dirt.newsletter.record(contact, traits);
    if (record.given === undefined && record.surname === undefined) traits.push("e-mail only");
    await this.write("newsletter", person, traits, {
      subscriber_id: this.id("newsletter"),
      email_address: record.email,
      name: joined(record.given, record.surname),
      signup_date: this.day(),
    });
  }

  private async storeContact(person: Person): Promise<void> {
    const { random } = this;
    const contact = contactOf(random, person, "store");
    const traits = [...contact.traits];
    const record = this.dirt.store.record(contact, traits);
    const store = random.below(this.stores.length);
    if (record.phone !== undefined) this.shopPhone(record, traits, store);
    const lastFirst = random.chance(0.2) && record.given !== undefined && record.surname !== undefined;
    await this.write("store", person, traits, {
      contact_id: this.id("store"),
      customer_name: lastFirst ? `${record.surname}, ${record.given}` : joined(record.given, record.surname),
      telephone: record.phone,
      city: record.city,
      email: record.email,
      store_no: String(store + 1),
      contact_date: this.day(),
    });
  }

  private shopPhone(record: Recorded, traits: string[], store = this.random.below(this.stores.length)): void {
    if (!this.random.chance(habit.shopPhone)) return;
    traits.push("shop's phone");
    record.phone = phoneLine(this.random, this.stores[store]!.phone);
  }

  private atStore(record: Recorded, traits: string[]): void {
    traits.push("store's address");
    const { address } = this.random.pick(this.stores);
    record.street = streetLine(this.random, address);
    record.zip = address.zip;
    record.city = address.city.name;
  }

  private async write(
    source: Source,
    person: Person,
    traits: readonly string[],
    fields: Readonly<Record<string, string | undefined>>,
  ): Promise<void> {
    if (this.written >= this.records) return;
    this.written++;
    await this.files.write(source, fields, {
      person: person.number,
      household: person.household,
      role: person.role,
      name: `${person.given} ${at(person.surnames, 1).value}`,
      traits: [...new Set(traits)],
    });
    if (this.random.chance(habit.staffTest)) await this.staffTest();
  }

  /** Somebody of the staff tries a form. */
  private async staffTest(): Promise<void> {
    if (this.written >= this.records) return;
    this.written++;
    const { random } = this;
    const source = random.pick(["webshop", "orders", "newsletter"] as const);
    const [given, surname] = random.pick([
      ["Test", "Test"],
      ["Test", "User"],
      ["QA", "Tester"],
      ["Max", "Mustermann"],
      ["John", "Doe"],
      ["asdf", "asdf"],
      ["Test", `Order${random.below(20)}`],
    ] as const);
    const email = random.pick([
      "test@shop.example",
      "qa@shop.example",
      `test${random.below(30)}@shop.example`,
      "test@test.com",
    ]);
    const phone = random.pick(["5555555555", "1234567890", "0000000000", ""]);
    const store = random.pick(this.stores).address;
    const fields = {
      webshop: {
        ...{
          account_id: this.id("webshop"),
          first_name: given,
          last_name: surname,
          email,
          phone,
          created_at: this.day(),
        },
        ...{ street: "1 Test Street", postcode: "12345", town: "Testtown", date_of_birth: "2000-01-01" },
      },
      orders: {
        ...{
          order_no: this.id("orders"),
          contact_email: email,
          contact_phone: phone,
          ship_first_name: given,
          ship_last_name: surname,
        },
        ...{
          ship_address: `${store.number} ${store.street}`,
          ship_city: store.city.name,
          ship_zip: store.zip,
          order_date: this.day(),
          total: "1.00",
        },
      },
      newsletter: {
        subscriber_id: this.id("newsletter"),
        email_address: email,
        name: given,
        signup_date: this.day(),
      },
    }[source];
    await this.files.write(source, fields, {
      person: `staff-${this.staff++}`,
      role: "staff",
      traits: ["staff test"],
    });
  }

  /** Unique in the source, and in no order. */
  private id(source: Source): string {
    const n = this.numbers[source]++;
    return String(10_000_000 + ((n * 1_299_709 + 7_654_321) % 20_000_003));
  }

  private day(): string {
    const day = new Date(Date.UTC(2020, 0, 1 + this.random.below(1_900)));
    return day.toISOString().slice(0, 10);
  }
}

const mostKnown = 1000;

/** To whom somebody sends gifts. */
interface Around {
  readonly household: readonly Person[];
  readonly friend: Person | undefined;
}

interface Account {
  readonly id: string;
  readonly contact: Contact;
  readonly record: Recorded;
  readonly traits: readonly string[];
}

interface Store {
  readonly address: Address;
  readonly phone: string;
}

function joined(...parts: readonly (string | undefined)[]): string | undefined {
  const text = parts.filter((part) => part !== undefined).join(" ");
  return text === "" ? undefined : text;
}
