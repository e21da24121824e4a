import {
  Frequencies,
  nickname,
  type Origin,
  pickGiven,
  pickOrigin,
  pickSurname,
  type Sex,
} from "../noise/names.ts";
import { type Address, type City, Country, nextDoor } from "../noise/places.ts";
import { plainLetters, two } from "../noise/slips.ts";
import type { Random } from "../random.ts";
import { noise } from "./noise.ts";
import type { Person, Timeline } from "./person.ts";

const { life } = noise;

const mailProviders = new Frequencies(
  [
    ..."gmail.com yahoo.com hotmail.com outlook.com aol.com icloud.com comcast.net msn.com live.com verizon.net".split(
      " ",
    ),
    ..."att.net proton.me ymail.com mail.com gmx.com sbcglobal.net me.com cox.net earthlink.net".split(" "),
  ],
  0.5,
);
const handles =
  "sun moon star blue red green tiger eagle happy lucky crazy little big soccer hockey music rock dance garden beach river".split(
    " ",
  );
const trades =
  "plumbing dental bakery legal motors design travel realty electric cafe books flowers consulting roofing".split(
    " ",
  );

/** The people of one made-up country, household by household. Mailboxes are unique; numbers are, but for those given on. */
export class Population {
  readonly country: Country;
  private people = 0;
  private households = 0;
  private readonly mailboxes = new Set<string>();
  private readonly freePhones: string[] = [];
  private readonly companies: string[] = [];
  private lastAddress: Address | undefined;

  constructor(private readonly random: Random) {
    this.country = new Country(random, 45);
  }

  household(): Person[] {
    const { random } = this;
    this.households++;
    const origin = pickOrigin(random);
    const home = this.home(pickSurname(random, origin), origin);
    const shape = random.share(life.shape);
    const sex: Sex = random.chance(0.5) ? "f" : "m";
    if (shape === "single") return [this.person(home, { role: "adult", sex, age: random.between(18, 88) })];
    if (shape === "flatmates")
      return Array.from({ length: random.between(2, 3) }, () => {
        const own = pickOrigin(random);
        const flatmate = { ...home, origin: own, surname: pickSurname(random, own), mailbox: undefined };
        return this.person(flatmate, {
          role: "flatmate",
          sex: random.chance(0.5) ? "f" : "m",
          age: random.between(18, 40),
        });
      });
    const children = shape === "couple" ? 0 : random.count(1 / (1 - life.anotherChild));
    const age = children > 0 ? random.between(36, 62) : random.between(20, 85);
    const parents =
      shape === "loneParent"
        ? [this.person(home, { role: "adult", sex: random.chance(0.75) ? "f" : "m", age })]
        : this.couple(home, age);
    return [...parents, ...this.children(home, parents, age, children)];
  }

  private home(surname: string, origin: Origin): Home {
    const { random, country } = this;
    const neighbour = this.lastAddress;
    const first =
      neighbour !== undefined && random.chance(life.flatInSameHouse)
        ? nextDoor(random, neighbour)
        : country.address(random);
    this.lastAddress = first;
    const addresses = random.chance(life.move)
      ? [
          { from: 0, value: first },
          { from: random.next(), value: this.nextAddress(first.city) },
        ]
      : [{ from: 0, value: first }];
    return {
      surname,
      origin,
      addresses,
      landline: random.chance(life.landline) ? country.phone(random, first.city) : undefined,
      mailbox: random.chance(life.familyMailbox)
        ? this.mailbox(
            random.pick([
              `the${surname}s`,
              `${surname}family`,
              `${surname}.family`,
              `family.${surname}`,
              `${surname}clan`,
            ]),
          )
        : undefined,
    };
  }

  private nextAddress(city: City): Address {
    return this.random.chance(0.7)
      ? this.country.address(this.random, city)
      : this.country.address(this.random);
  }

  private couple(home: Home, age: number): Person[] {
    const { random } = this;
    const sex: Sex = random.chance(0.5) ? "f" : "m";
    const other: Sex = random.chance(0.04) ? sex : sex === "f" ? "m" : "f";
    const first = this.person(home, { role: "adult", sex, age });
    const second = this.person(home, {
      role: "spouse",
      sex: other,
      age: Math.max(18, age + random.between(-6, 6)),
      ...this.marriedName(home),
    });
    first.partner = second;
    second.partner = first;
    return [first, second];
  }

  private marriedName(home: Home): { surnames?: Timeline<string>; addresses?: Timeline<Address> } {
    const { random } = this;
    const maiden = pickSurname(random, random.chance(0.7) ? home.origin : pickOrigin(random));
    if (!random.chance(life.sameSurname)) return { surnames: [{ from: 0, value: maiden }] };
    if (!random.chance(life.weddingInTime)) return {};
    const wedding = 0.1 + 0.8 * random.next();
    const name = random.chance(life.doubleSurname) ? `${maiden}-${home.surname}` : home.surname;
    const [last] = home.addresses.slice(-1);
    return {
      surnames: [
        { from: 0, value: maiden },
        { from: wedding, value: name },
      ],
      addresses: [
        { from: 0, value: this.nextAddress(last!.value.city) },
        { from: wedding - 0.05, value: last!.value },
      ],
    };
  }

  private children(home: Home, parents: readonly Person[], parentsAge: number, count: number): Person[] {
    const { random } = this;
    const made: Person[] = [];
    const fullNames = new Set(parents.map(({ given }) => given));
    for (let i = 0; i < count; i++) {
      const before = made[i - 1];
      const twin = before !== undefined && random.chance(life.twin);
      const sex: Sex = random.chance(0.5) ? "f" : "m";
      const namesake = parents.find((parent) => parent.sex === sex);
      const named =
        namesake !== undefined && random.chance(sex === "m" ? life.namesakeSon : life.namesakeDaughter);
      let given = named ? namesake.given : pickGiven(random, home.origin, sex);
      if (twin && random.chance(life.twinSoundsAlike))
        for (let tries = 0; tries < 40 && given[0] !== before.given[0]; tries++)
          given = pickGiven(random, home.origin, sex);
      // Nobody calls two children the same.
      while (!named && fullNames.has(given)) given = pickGiven(random, home.origin, sex);
      if (made.some((sibling) => sibling.given === given)) continue;
      fullNames.add(given);
      const leaves = random.chance(life.childLeaves)
        ? [{ from: random.next(), value: this.nextAddress(home.addresses[0]!.value.city) }]
        : [];
      const child = this.person(home, {
        role: "child",
        sex,
        given,
        age: random.between(14, Math.max(14, parentsAge - 20)),
        ...(twin ? { birthdate: before.birthdate } : {}),
        ...(named && sex === "m" ? { suffix: "Jr." as const } : {}),
        addresses: [
          ...home.addresses.filter(({ from }) => leaves.length === 0 || from < leaves[0]!.from),
          ...leaves,
        ],
      });
      child.partner = parents[0];
      if (named && sex === "m") namesake.suffix = "Sr.";
      made.push(child);
    }
    return made;
  }

  private person(home: Home, what: Known): Person {
    const { random } = this;
    const given = what.given ?? pickGiven(random, home.origin, what.sex);
    const surnames = what.surnames ?? [{ from: 0, value: home.surname }];
    const addresses = what.addresses ?? home.addresses;
    const year = 2025 - what.age;
    const birthdate = what.birthdate ?? `${year}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
    const named = { given, surname: surnames[0]!.value, year: birthdate.slice(0, 4) };
    const first = this.personalMailbox(named);
    return {
      number: this.people++,
      household: this.households,
      role: what.role,
      sex: what.sex,
      given,
      middle: random.chance(life.middleName) ? pickGiven(random, home.origin, what.sex) : undefined,
      suffix: what.suffix,
      surnames,
      birthdate,
      addresses,
      mobiles: random.chance(life.noMobile) ? undefined : this.mobiles(addresses[0]!.value.city),
      landline: home.landline,
      emails: random.chance(life.noEmail)
        ? undefined
        : this.changing(life.newEmail, first, () =>
            this.personalMailbox({ ...named, surname: surnames.at(-1)!.value }),
          ),
      secondEmail: random.chance(life.secondEmail) ? this.personalMailbox(named) : undefined,
      familyMailbox: home.mailbox,
      roleMailbox:
        what.role !== "child" && random.chance(life.roleMailbox) ? this.companyMailbox() : undefined,
      partner: undefined,
    };
  }

  private changing(chance: number, first: string, next: () => string): Timeline<string> {
    if (!this.random.chance(chance)) return [{ from: 0, value: first }];
    return [
      { from: 0, value: first },
      { from: this.random.next(), value: next() },
    ];
  }

  private mobiles(city: City): Timeline<string> {
    const first = this.phone(city);
    const mobiles = this.changing(life.newMobile, first, () => this.phone(city));
    if (mobiles.length > 1) this.freePhones.push(first);
    if (this.freePhones.length > 500) this.freePhones.splice(0, 250);
    return mobiles;
  }

  /** A new number, or one that somebody else gave up. */
  private phone(city: City): string {
    const recycled = this.random.chance(life.recycledPhone) ? this.freePhones.pop() : undefined;
    return recycled ?? this.country.phone(this.random, city);
  }

  private personalMailbox({
    given,
    surname,
    year,
  }: {
    given: string;
    surname: string;
    year: string;
  }): string {
    const { random } = this;
    const [first, last] = [plainLetters(given), plainLetters(surname)];
    const short = nickname(random, given) ?? first;
    const initial = first[0]!;
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2:
        return this.mailbox(`${first}.${last}`);
      case 3:
      case 4:
        return this.mailbox(`${initial}${last}`);
      case 5:
        return this.mailbox(`${first}${last}`);
      case 6:
        return this.mailbox(`${first}_${last}${year.slice(2)}`);
      case 7:
        return this.mailbox(`${short}${year}`);
      case 8:
        return this.mailbox(`${short}${last[0]}${random.digits(2)}`);
      case 9:
        return this.mailbox(`${last}.${initial}`);
      default:
        return this.mailbox(
          `${random.pick(handles)}${random.pick(handles)}${random.digits(random.between(1, 3))}`,
        );
    }
  }

  /** The provider refuses a mailbox that exists, so the later comer puts digits behind it. */
  private mailbox(wanted: string): string {
    const { random } = this;
    const local = plainLetters(wanted)
      .toLowerCase()
      .replace(/[^a-z0-9._-]/g, "");
    const domain = mailProviders.pick(random);
    let email = `${local}@${domain}`;
    while (this.mailboxes.has(email)) email = `${local}${random.between(1, 9999)}@${domain}`;
    this.mailboxes.add(email);
    return email;
  }

  private companyMailbox(): string {
    const { random, companies } = this;
    if (companies.length > 0 && random.chance(0.7)) return random.pick(companies);
    const name = `${plainLetters(pickSurname(random, "english")).toLowerCase()}${random.pick(trades)}${random.chance(0.5) ? "" : random.digits(2)}`;
    const mailbox = `${random.pick(["info", "office", "sales", "contact", "orders", "admin"])}@${name}.example`;
    companies.push(mailbox);
    if (companies.length > 12) companies.shift();
    return mailbox;
  }
}

interface Home {
  readonly surname: string;
  readonly origin: Origin;
  readonly addresses: Timeline<Address>;
  readonly landline: string | undefined;
  readonly mailbox: string | undefined;
}

interface Known {
  readonly role: Person["role"];
  readonly sex: Sex;
  readonly age: number;
  readonly given?: string;
  readonly suffix?: "Jr.";
  readonly birthdate?: string;
  readonly surnames?: Timeline<string>;
  readonly addresses?: Timeline<Address>;
}
