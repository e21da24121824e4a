import { type Person, at } from "./person.ts";
import { type Address, streetLine } from "./place.ts";
import type { Random } from "./random.ts";
import { HABIT } from "./rates.ts";

/** What a person says of themselves on one day, each word of it right. */
export interface Contact {
  readonly given: string;
  readonly middleInitial: string | undefined;
  readonly surname: string;
  readonly suffix: string | undefined;
  readonly email: string;
  /** Ten digits. */
  readonly phone: string;
  /** `YYYY-MM-DD` */
  readonly birthDate: string;
  readonly address: Address;
}

/** What the person answers when a system asks. */
export function asked(random: Random, person: Person, day: number): Contact {
  return {
    given: person.given,
    middleInitial: person.middleInitial,
    surname: at(person.surnames, day),
    suffix: person.namesake && random.chance(0.3) ? "Jr." : undefined,
    email: givenEmail(random, person, day),
    phone: givenPhone(random, person, day),
    birthDate: person.birthDate,
    address: at(person.addresses, day),
  };
}

function givenEmail(random: Random, person: Person, day: number): string {
  const { parent, sharedEmail, secondEmail } = person;
  if (parent !== undefined && person.age < 18 && random.chance(HABIT.MINOR_GIVES_PARENTS_EMAIL))
    return at(parent.emails, day);
  if (sharedEmail !== undefined && random.chance(HABIT.GIVES_SHARED_EMAIL)) return sharedEmail;
  if (secondEmail !== undefined && random.chance(HABIT.GIVES_SECOND_EMAIL)) return secondEmail;
  return at(person.emails, day);
}

function givenPhone(random: Random, person: Person, day: number): string {
  const { parent, partner, landline } = person;
  if (parent !== undefined && person.age < 18 && random.chance(HABIT.MINOR_GIVES_PARENTS_PHONE))
    return at(parent.phones, day);
  if (landline !== undefined && random.chance(HABIT.GIVES_LANDLINE)) return landline;
  if (partner !== undefined && random.chance(HABIT.GIVES_PARTNERS_PHONE)) return at(partner.phones, day);
  return at(person.phones, day);
}

/** An address as it is written into a form's fields. */
export interface WrittenAddress {
  readonly line: string;
  readonly unit: string | null;
  readonly city: string;
  readonly state: string;
  readonly stateName: string;
  readonly postalCode: string;
}

export function written(random: Random, address: Address): WrittenAddress {
  const unit =
    address.unit === undefined ? null : `${random.pick(["Apt ", "Apt. ", "#", "Unit "])}${address.unit}`;
  const { city, state, stateName, postalCode } = address;
  return { line: streetLine(address, random.chance(0.5)), unit, city, state, stateName, postalCode };
}
