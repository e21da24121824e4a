import { nickname, pickGiven, pickOrigin, pickSurname, type Sex } from "./noise/names.ts";
import { type Address, Country, streetLine } from "./noise/places.ts";
import { spoilt } from "./noise/spoil.ts";
import { digitSlip } from "./noise/slips.ts";
import { Random } from "./random.ts";
import { type LabelledRow, writeLabelled } from "./rows.ts";

/** Shares of people where `in` a file, else of records or fields. */
const noise = {
  in: { census: 0.94, social_security: 0.97, benefits: 0.42 },
  /** Of people: counted twice, at another address. */
  countedTwice: 0.015,
  household: { single: 0.28, couple: 0.28, family: 0.34, loneParent: 0.1 },
  sameSurname: 0.82,
  namesake: 0.06,
  twin: 0.03,
  /** Of women of couples: the social security knows the name before the wedding. */
  maidenName: 0.08,
  /** Between the files. */
  moved: 0.09,
  nickname: 0.025,
  misspelt: { first: 0.025, last: 0.025, street: 0.03, city: 0.015, zip: 0.015 },
  missing: {
    first: 0.01,
    middle: 0.25,
    last: 0.01,
    day: 0.015,
    month: 0.01,
    year: 0.015,
    sex: 0.01,
    street: 0.015,
    zip: 0.01,
  },
  digitOff: { day: 0.015, month: 0.01, year: 0.02 },
  dayForMonth: 0.01,
  /** A field of somebody else of the household. */
  copied: 0.008,
  wrongSex: 0.005,
  employed: 0.7,
} as const;

interface Person {
  readonly number: number;
  readonly household: number;
  readonly role: string;
  readonly sex: Sex;
  readonly first: string;
  readonly middle: string;
  readonly last: string;
  readonly maiden: string | undefined;
  readonly born: { readonly year: number; readonly month: number; readonly day: number };
  readonly addresses: readonly Address[];
  readonly employer: string | undefined;
}

/** A count of households, the social security's list of insured people, and the files of a benefit office, of the same `people`. */
export async function writeCensus(folder: string, people: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const country = new Country(random, 30);
  const employers = Array.from(
    { length: 400 },
    () =>
      `${pickSurname(random, pickOrigin(random))} ${random.pick(["Inc", "LLC", "& Sons", "Stores", "Foods", "Group"])}`,
  );
  const files: Record<keyof typeof noise.in, LabelledRow[]> = {
    census: [],
    social_security: [],
    benefits: [],
  };
  let made = 0;
  for (let household = 0; made < people; household++) {
    const members = newHousehold(random, country, employers, { household, first: made }).slice(
      0,
      people - made,
    );
    made += members.length;
    for (const person of members) {
      const others = members.filter((one) => one !== person);
      const write = (file: keyof typeof noise.in): number =>
        files[file].push(record(random, file, person, others));
      if (random.chance(noise.in.census)) write("census");
      if (random.chance(noise.countedTwice)) write("census");
      if (random.chance(noise.in.social_security)) write("social_security");
      if (random.chance(noise.in.benefits)) write("benefits");
    }
  }
  await writeLabelled(folder, seed, files);
}

function newHousehold(
  random: Random,
  country: Country,
  employers: readonly string[],
  { household, first }: { readonly household: number; readonly first: number },
): Person[] {
  const origin = pickOrigin(random);
  const home = country.address(random);
  const surname = pickSurname(random, origin);
  const shape = random.share(noise.household);
  const members: Person[] = [];
  const add = (role: string, age: number, known: Partial<Person> = {}): void => {
    const sex: Sex = known.sex ?? (random.chance(0.5) ? "f" : "m");
    members.push({
      number: first + members.length,
      household,
      role,
      sex,
      first: pickGiven(random, origin, sex),
      middle: pickGiven(random, origin, sex),
      last: surname,
      maiden: undefined,
      born: { year: 2020 - age, month: random.between(1, 12), day: random.between(1, 28) },
      addresses: random.chance(noise.moved) ? [home, country.address(random, home.city)] : [home],
      employer: age > 17 && random.chance(noise.employed) ? random.pick(employers) : undefined,
      ...known,
    });
  };
  const age = shape === "single" || shape === "couple" ? random.between(20, 90) : random.between(26, 60);
  const sex: Sex = shape === "loneParent" ? (random.chance(0.8) ? "f" : "m") : "m";
  add("adult", age, shape === "single" ? {} : { sex });
  if (shape === "couple" || shape === "family") {
    const maiden = pickSurname(random, pickOrigin(random));
    const last = random.chance(noise.sameSurname) ? surname : maiden;
    add("spouse", Math.max(18, age + random.between(-6, 6)), {
      sex: "f",
      last,
      maiden: last === surname ? maiden : undefined,
    });
  }
  if (shape === "family" || shape === "loneParent")
    for (let left = random.count(1.8); left > 0; left--) {
      const before = members.at(-1)!;
      const parent = members.find((one) => one.role !== "child" && random.chance(noise.namesake));
      add("child", random.between(0, Math.max(0, Math.min(25, age - 20))), {
        ...(parent === undefined ? {} : { sex: parent.sex, first: parent.first }),
        ...(before.role === "child" && random.chance(noise.twin) ? { born: before.born } : {}),
      });
    }
  return members;
}

type File = keyof typeof noise.in;

function record(random: Random, file: File, person: Person, others: readonly Person[]): LabelledRow {
  const traits: string[] = [];
  const odd = (share: number, trait: string): boolean => {
    if (!random.chance(share)) return false;
    traits.push(trait);
    return true;
  };
  const of = <K extends keyof Person>(key: K): Person[K] =>
    others.length > 0 && odd(noise.copied, "copied from another") ? random.pick(others)[key] : person[key];
  const text = (
    field: keyof typeof noise.misspelt & keyof typeof noise.missing,
    value: string,
  ): string | undefined => {
    if (odd(noise.missing[field], `no ${field}`)) return undefined;
    return odd(noise.misspelt[field], `${field} misspelt`) ? spoilt(random, value, 1) : value;
  };
  const born = of("born");
  const exchanged = born.day <= 12 && odd(noise.dayForMonth, "day for month");
  const number = (field: keyof typeof noise.digitOff, value: number): string | undefined => {
    if (odd(noise.missing[field], `no ${field}`)) return undefined;
    return odd(noise.digitOff[field], `${field} off`)
      ? digitSlip(random, String(value).padStart(2, "0"))
      : String(value);
  };
  const short = odd(noise.nickname, "nickname") ? nickname(random, person.first) : undefined;
  const maiden =
    file === "social_security" && person.maiden !== undefined && odd(noise.maidenName, "maiden name");
  const first = text("first", short ?? of("first"));
  const middle = odd(noise.missing.middle, "no middle name") ? undefined : person.middle;
  const last = text("last", maiden ? person.maiden! : of("last"));
  const day = number("day", exchanged ? born.month : born.day);
  const month = number("month", exchanged ? born.day : born.month);
  const year = number("year", born.year);
  const sex = odd(noise.missing.sex, "no sex")
    ? undefined
    : odd(noise.wrongSex, "wrong sex") === (person.sex === "f")
      ? "M"
      : "F";
  const address = random.pick(person.addresses);
  if (address !== person.addresses[0]) traits.push("moved");
  const truth = {
    person: person.number,
    household: person.household,
    role: person.role,
    name: `${person.first} ${person.last}`,
    traits,
  };
  const place = {
    street: text("street", streetLine(random, address)),
    city: odd(noise.misspelt.city, "city misspelt")
      ? spoilt(random, address.city.name, 1)
      : address.city.name,
    state: address.city.state,
    zip: text("zip", address.zip),
  };
  switch (file) {
    case "census":
      return {
        row: {
          ...{ first_name: first, middle_initial: middle?.[0], last_name: last, sex },
          ...{
            birth_day: day,
            birth_month: month,
            birth_year: year,
            street_address: place.street,
            city: place.city,
            state: place.state,
            zipcode: place.zip,
          },
          relation: person.role,
        },
        truth,
      };
    case "social_security":
      return {
        row: {
          given_name: first,
          middle_name: middle,
          surname: last,
          day_of_birth: day,
          month_of_birth: month,
          year_of_birth: year,
          gender: sex,
        },
        truth,
      };
    case "benefits":
      return {
        row: {
          ...{
            last_name: last,
            first_name: first,
            mi: middle?.[0],
            dob_month: month,
            dob_day: day,
            dob_year: year,
            sex,
          },
          ...{
            mailing_address: place.street,
            town: place.city,
            st: place.state,
            zip_code: place.zip,
            employer: person.employer,
          },
        },
        truth,
      };
  }
}
