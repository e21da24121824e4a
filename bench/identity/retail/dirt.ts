import { nickname } from "../noise/names.ts";
import { phoneLine, streetLine } from "../noise/places.ts";
import {
  dateSlip,
  digitSlip,
  emailSlip,
  hearingError,
  keySlip,
  mojibake,
  plainLetters,
  scanError,
} from "../noise/slips.ts";
import type { Random } from "../random.ts";
import type { Contact } from "./contact.ts";
import { noise, type Source, sources } from "./noise.ts";

/** The fields of a record, as it arrives; a field that is not there was left empty. */
export interface Recorded {
  given?: string | undefined;
  surname?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  /** `YYYY-MM-DD`, or junk. */
  birthdate?: string | undefined;
  street?: string | undefined;
  zip?: string | undefined;
  city?: string | undefined;
}

const junk = {
  names: ["N/A", "unknown", "Guest", "Customer", "xxx", "asdf", "-", "No Name", "test", "."],
  emails: [
    "none@none.com",
    "noemail@noemail.com",
    "na@na.com",
    "test@test.com",
    "x@x.com",
    "no@mail.com",
    "customer@shop.example",
  ],
  phones: [
    "0000000000",
    "9999999999",
    "1234567890",
    "5555555555",
    "1111111111",
    "555-555-5555",
    "000-000-0000",
  ],
  dates: ["1900-01-01", "1970-01-01", "1901-01-01", "2000-01-01", "1980-01-01"],
} as const;

type Filled = Partial<Record<keyof Recorded | "address", number>>;

/** Spoils what a contact says in the ways and as often as {@link noise} has it for the source, and adds to `traits` how. */
export class Dirt {
  private readonly position: number;
  private readonly filled: Filled;

  constructor(
    private readonly random: Random,
    private readonly source: Source,
  ) {
    this.position = sources.indexOf(source);
    this.filled = noise.filled[source];
  }

  private has(kind: keyof typeof noise.dirt): boolean {
    return this.random.chance(noise.dirt[kind][this.position]!);
  }

  record(contact: Contact, traits: string[]): Recorded {
    const { random, filled } = this;
    const keep = (field: keyof Filled, otherwise: number): boolean =>
      random.chance(filled[field] ?? otherwise);
    const record: Recorded = {};
    this.names(record, contact, traits);
    if (!keep("given", 1)) delete record.given;
    if (!keep("surname", 1)) delete record.surname;
    if (contact.email !== undefined && keep("email", 1)) record.email = this.email(contact.email, traits);
    if (contact.phone !== undefined && keep("phone", 0)) record.phone = this.phone(contact.phone, traits);
    if (keep("birthdate", 0)) record.birthdate = this.birthdate(contact.birthdate, traits);
    if (keep("address", 0)) this.address(record, contact, traits);
    else if (keep("city", 0)) record.city = this.city(contact, traits);
    dropTraitsOfMissing(record, traits);
    if (this.has("oneField")) {
      const fields = (Object.keys(record) as (keyof Recorded)[]).filter(
        (field) => record[field] !== undefined,
      );
      const only = random.pick(fields);
      traits.push("one field");
      return { [only]: record[only] };
    }
    return record;
  }

  private names(record: Recorded, contact: Contact, traits: string[]): void {
    const { random } = this;
    let { given, surname } = contact;
    if (this.has("nickname")) {
      const short = nickname(random, given);
      if (short !== undefined) {
        traits.push("nickname");
        given = short;
      }
    } else if (this.has("initial")) {
      traits.push("initial");
      given = random.chance(0.5) ? given[0]! : `${given[0]!}.`;
    }
    for (const [kind, slip] of [
      ["keySlip", keySlip],
      ["scanError", scanError],
      ["hearingError", hearingError],
    ] as const) {
      if (given.length > 2 && this.has(kind)) {
        given = slip(random, given);
        traits.push("given name misspelt");
      }
      if (this.has(kind)) {
        surname = slip(random, surname);
        traits.push("surname misspelt");
      }
    }
    if (contact.middle !== undefined && this.has("middle"))
      given += random.chance(0.7) ? ` ${contact.middle[0]}` : ` ${contact.middle}`;
    if (contact.suffix !== undefined) surname += ` ${contact.suffix}`;
    const recast = (text: string): string => {
      let out = text;
      if (this.plain) out = plainLetters(out);
      if (this.broken) out = mojibake(out);
      return this.lower ? out.toLowerCase() : this.upper ? out.toUpperCase() : out;
    };
    this.plain = this.has("plainLetters");
    this.broken = this.has("mojibake");
    this.lower = this.has("lowerCase");
    this.upper = this.has("upperCase");
    [record.given, record.surname] = [recast(given), recast(surname)];
    if (this.has("transposed")) {
      traits.push("names exchanged");
      [record.given, record.surname] = [record.surname, record.given];
    }
    if (this.has("junkName")) {
      traits.push("junk name");
      record.given = random.pick(junk.names);
      if (random.chance(0.7)) record.surname = random.pick(junk.names);
    }
  }

  private plain = false;
  private broken = false;
  private lower = false;
  private upper = false;

  private email(email: string, traits: string[]): string {
    const { random } = this;
    if (this.has("junkEmail")) {
      traits.push("junk e-mail");
      return random.pick(junk.emails);
    }
    let written = email;
    const [local, domain] = email.split("@") as [string, string];
    if (this.has("plusTag"))
      written = `${local}+${random.pick(["shop", "news", "spam", "promo", "store"])}@${domain}`;
    else if (domain === "gmail.com" && this.has("gmailDots"))
      written = local.includes(".")
        ? `${local.replaceAll(".", "")}@${domain}`
        : `${local.slice(0, 2)}.${local.slice(2)}@${domain}`;
    if (this.has("emailSlip")) {
      traits.push("e-mail misspelt");
      written = emailSlip(random, written);
    }
    return this.lower || random.chance(0.93)
      ? written
      : random.chance(0.5)
        ? written.toUpperCase()
        : written[0]!.toUpperCase() + written.slice(1);
  }

  private phone(phone: string, traits: string[]): string {
    if (this.has("junkPhone")) {
      traits.push("junk phone");
      return this.random.pick(junk.phones);
    }
    if (!this.has("phoneSlip")) return phoneLine(this.random, phone);
    traits.push("phone misspelt");
    return phoneLine(this.random, digitSlip(this.random, phone));
  }

  private birthdate(date: string, traits: string[]): string {
    if (this.has("junkDate")) {
      traits.push("junk birth date");
      return this.random.pick(junk.dates);
    }
    if (!this.has("dateSlip")) return date;
    traits.push("birth date wrong");
    return dateSlip(this.random, date);
  }

  private address(record: Recorded, contact: Contact, traits: string[]): void {
    const { random } = this;
    let street = streetLine(random, contact.address);
    if (this.has("streetSlip")) {
      traits.push("street misspelt");
      street = (random.chance(0.3) ? digitSlip : this.source === "loyalty" ? scanError : keySlip)(
        random,
        street,
      );
    }
    record.street = this.upper ? street.toUpperCase() : this.lower ? street.toLowerCase() : street;
    record.zip = this.has("zipSlip") ? digitSlip(random, contact.address.zip) : contact.address.zip;
    record.city = this.city(contact, traits);
  }

  private city(contact: Contact, traits: string[]): string {
    const { name } = contact.address.city;
    if (!this.has("citySlip")) return this.upper ? name.toUpperCase() : name;
    traits.push("city misspelt");
    return keySlip(this.random, name);
  }
}

const traitsOf: readonly (readonly [keyof Recorded, readonly string[]])[] = [
  ["given", ["nickname", "initial", "given name misspelt"]],
  ["surname", ["name before wedding", "surname misspelt"]],
  ["email", ["role mailbox", "family mailbox", "parent's mailbox", "second mailbox", "old mailbox"]],
  ["phone", ["home phone", "relative's phone", "old phone"]],
  ["city", ["old address"]],
];

/** What is odd about a value that was left empty says nothing. */
function dropTraitsOfMissing(record: Recorded, traits: string[]): void {
  for (const [field, about] of traitsOf)
    if (record[field] === undefined)
      for (const trait of about) {
        const found = traits.indexOf(trait);
        if (found >= 0) traits.splice(found, 1);
      }
}
