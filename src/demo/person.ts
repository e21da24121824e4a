import { HISTORY_DAYS, HISTORY_YEARS, LAST_DAY } from "./calendar.ts";
import type { Population } from "./household.ts";
import type { Sex } from "./name.ts";
import type { Address, Metro } from "./place.ts";
import { HABIT, LIFE } from "./rates.ts";
import { newEmail, newPhone, newWorkEmail } from "./reach.ts";

/** What held from which day on. The first entry is from day 0. */
export type Timeline<T> = readonly { readonly from: number; readonly value: T }[];

/** What held on a day. */
export function at<T>(timeline: Timeline<T>, day: number): T {
  return timeline.findLast(({ from }) => from <= day)!.value;
}

/** One customer, as they really are. */
export interface Person {
  readonly sex: Sex;
  readonly given: string;
  readonly middleInitial: string | undefined;
  /** Named like his father. */
  readonly namesake: boolean;
  readonly age: number;
  /** `YYYY-MM-DD` */
  readonly birthDate: string;
  surnames: Timeline<string>;
  readonly emails: Timeline<string>;
  readonly secondEmail: string | undefined;
  readonly phones: Timeline<string>;
  readonly landline: string | undefined;
  readonly addresses: Timeline<Address>;
  readonly prefersOnline: boolean;
  /** The day of the first contact with the retailer. */
  readonly since: number;
  /** Of somebody who lives with them. */
  readonly parent: Person | undefined;
  partner: Person | undefined;
  sharedEmail: string | undefined;
}

interface Birth {
  readonly metro: Metro;
  readonly sex: Sex;
  readonly given: string;
  readonly surname: string;
  readonly age: number;
  readonly namesake: boolean;
  readonly addresses: Timeline<Address>;
  readonly landline: string | undefined;
  readonly parent: Person | undefined;
}

export function newPerson(population: Population, birth: Birth): Person {
  const { random, registry } = population;
  const { metro, sex, given, surname, age, namesake, addresses, landline, parent } = birth;
  const birthYear = Number(LAST_DAY.slice(0, 4)) - age - 1;
  const birthDate = new Date(Date.UTC(birthYear, 10, 1 + random.between(0, 364))).toISOString().slice(0, 10);
  const named = { given, surname, birthYear: Number(birthDate.slice(0, 4)) };
  const since = random.between(0, HISTORY_DAYS - 30);
  const phones = changes(population, LIFE.NEW_PHONE_PER_YEAR, (day) => {
    const old = random.chance(LIFE.RECYCLED_PHONE)
      ? registry.recycled(random, metro.areaCodes, Math.max(day, since))
      : undefined;
    return old ?? newPhone(random, registry, metro);
  });
  phones.slice(1).forEach(({ from }, before) => registry.release(phones[before]!.value, from));
  return {
    sex,
    given,
    middleInitial: random.chance(LIFE.MIDDLE_NAME) ? random.pick([..."ABCDEFGHJKLMNPRSTW"]) : undefined,
    namesake,
    age,
    birthDate,
    surnames: [{ from: 0, value: surname }],
    emails: changes(population, LIFE.NEW_EMAIL_PER_YEAR, () => newEmail(random, registry, named)),
    secondEmail: !random.chance(LIFE.SECOND_EMAIL)
      ? undefined
      : age > 22 && random.chance(0.5)
        ? newWorkEmail(random, registry, named)
        : newEmail(random, registry, named),
    phones,
    landline,
    addresses,
    prefersOnline: random.chance(HABIT.PREFERS_ONLINE),
    since,
    parent,
    partner: undefined,
    sharedEmail: undefined,
  };
}

function changes<T>({ random }: Population, perYear: number, make: (day: number) => T): Timeline<T> {
  const days = Array.from({ length: HISTORY_YEARS }, (_, year) =>
    random.chance(perYear) ? [year * 365 + random.between(1, 365)] : [],
  );
  return [0, ...days.flat()].map((from) => ({ from, value: make(from) }));
}
