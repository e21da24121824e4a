import { type Origin, pickGivenName, pickOrigin, pickSurname, type Sex } from "./name.ts";
import { type Person, type Timeline, newPerson } from "./person.ts";
import { type Address, type Metro, newAddress, pickMetro, sameBuilding } from "./place.ts";
import type { Random } from "./random.ts";
import { HISTORY_DAYS, HISTORY_YEARS } from "./calendar.ts";
import { LIFE } from "./rates.ts";
import { newEmail, newPhone } from "./reach.ts";
import type { Registry } from "./registry.ts";

/** What the makers of one population have in common. */
export interface Population {
  readonly random: Random;
  readonly registry: Registry;
  /** Of other households, for flats of the same house. */
  readonly recentAddresses: Map<Metro, Address>;
}

interface Home {
  readonly metro: Metro;
  readonly origin: Origin;
  readonly surname: string;
  readonly addresses: Timeline<Address>;
  readonly landline: string | undefined;
}

const SHAPES = {
  single: LIFE.HOUSEHOLD_SINGLE,
  couple: LIFE.HOUSEHOLD_COUPLE,
  family: LIFE.HOUSEHOLD_FAMILY,
  loneParent: LIFE.HOUSEHOLD_LONE_PARENT,
  flatmates: LIFE.HOUSEHOLD_FLATMATES,
} as const;

/** The customers of one household. */
export function newHousehold(population: Population): Person[] {
  const { random } = population;
  const home = newHome(population);
  switch (random.share(SHAPES)) {
    case "single":
      return [adult(population, home, pickSex(random), home.surname)];
    case "couple":
      return couple(population, home);
    case "family": {
      const parents = couple(population, home);
      const children = random.chance(0.35) ? 2 : 1;
      return [...parents, ...Array.from({ length: children }, () => child(population, home, parents))];
    }
    case "loneParent": {
      const parent = adult(population, home, random.chance(0.75) ? "female" : "male", home.surname);
      return [parent, child(population, home, [parent])];
    }
    case "flatmates":
      return Array.from({ length: random.chance(0.35) ? 3 : 2 }, () => {
        const origin = pickOrigin(random);
        return adult(population, { ...home, origin }, pickSex(random), surnameOf(random, origin));
      });
  }
}

function newHome(population: Population): Home {
  const { random, registry } = population;
  const metro = pickMetro(random);
  const origin = pickOrigin(random);
  return {
    metro,
    origin,
    surname: surnameOf(random, origin),
    addresses: newAddresses(population, metro),
    landline: random.chance(LIFE.LANDLINE) ? newPhone(random, registry, metro) : undefined,
  };
}

function newAddresses({ random, recentAddresses }: Population, metro: Metro): Timeline<Address> {
  const neighbour = recentAddresses.get(metro);
  const first =
    neighbour !== undefined && random.chance(LIFE.SAME_BUILDING)
      ? sameBuilding(random, neighbour)
      : newAddress(random, metro);
  recentAddresses.set(metro, first);
  const moves = Array.from({ length: HISTORY_YEARS }, (_, year) =>
    random.chance(LIFE.MOVE_PER_YEAR)
      ? [
          {
            from: year * 365 + random.between(1, 365),
            value: newAddress(random, random.chance(0.8) ? metro : pickMetro(random)),
          },
        ]
      : [],
  );
  return [{ from: 0, value: first }, ...moves.flat()];
}

function couple(population: Population, home: Home): Person[] {
  const { random, registry } = population;
  const sex = pickSex(random);
  const other: Sex = random.chance(0.04) ? sex : sex === "male" ? "female" : "male";
  const first = adult(population, home, sex, home.surname);
  const age = Math.max(19, first.age + random.between(-6, 6));
  const second = random.chance(LIFE.MARRIED_LATELY)
    ? newlyWed(population, home, other, age)
    : adult(
        population,
        home,
        other,
        random.chance(LIFE.PARTNER_SAME_SURNAME) ? home.surname : surnameOf(random, home.origin),
        age,
      );
  first.partner = second;
  second.partner = first;
  if (random.chance(LIFE.COUPLE_SHARES_EMAIL)) {
    const shared = random.chance(0.5)
      ? newEmail(random, registry, { given: "the", surname: `${home.surname}s`, birthYear: 0 })
      : first.emails[0]!.value;
    first.sharedEmail = shared;
    second.sharedEmail = shared;
  }
  return [first, second];
}

/** Lived elsewhere under another name until the wedding. */
function newlyWed(population: Population, home: Home, sex: Sex, age: number): Person {
  const { random } = population;
  const maiden = surnameOf(random, home.origin);
  const wedding = random.between(60, HISTORY_DAYS - 60);
  const before = newAddress(random, home.metro);
  const addresses = [
    { from: 0, value: before },
    ...home.addresses.map(({ from, value }) => ({ from: Math.max(from, wedding), value })),
  ];
  const person = adult(population, { ...home, addresses }, sex, maiden, age);
  if (!random.chance(LIFE.WIFE_TAKES_SURNAME)) return person;
  person.surnames = [...person.surnames, { from: wedding, value: home.surname }];
  return person;
}

function adult(population: Population, home: Home, sex: Sex, surname: string, age?: number): Person {
  const { random } = population;
  return newPerson(population, {
    ...home,
    sex,
    surname,
    given: pickGivenName(random, home.origin, sex),
    age: age ?? Math.min(19 + Math.floor(random.next() ** 1.3 * 65), random.between(60, 90)),
    parent: undefined,
    namesake: false,
  });
}

function child(population: Population, home: Home, parents: readonly Person[]): Person {
  const { random } = population;
  const sex = pickSex(random);
  const father = parents.find((parent) => parent.sex === "male");
  const namesake = sex === "male" && father !== undefined && random.chance(LIFE.NAMESAKE_SON);
  return newPerson(population, {
    ...home,
    sex,
    surname: home.surname,
    given: namesake ? father.given : pickGivenName(random, home.origin, sex),
    age: random.between(13, 24),
    parent: random.pick(parents),
    namesake,
  });
}

function pickSex(random: Random): Sex {
  return random.chance(0.51) ? "female" : "male";
}

function surnameOf(random: Random, origin: Origin): string {
  const surname = pickSurname(random, origin);
  return random.chance(LIFE.DOUBLE_SURNAME) ? `${surname}-${pickSurname(random, origin)}` : surname;
}
