import type { Address } from "../noise/places.ts";
import type { Random } from "../random.ts";
import { noise } from "./noise.ts";
import { at, type Person, type Timeline } from "./person.ts";

const { habit, life } = noise;

/** What somebody says at some time about how to reach them, all of it true then; `traits` name what is odd about it. */
export interface Contact {
  readonly given: string;
  readonly middle: string | undefined;
  readonly surname: string;
  readonly suffix: string | undefined;
  readonly birthdate: string;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly address: Address;
  readonly traits: readonly string[];
}

export function contactOf(random: Random, person: Person, source: string): Contact {
  const traits: string[] = [];
  const time = random.next();
  const lapse = (): number => (random.chance(habit.givesOld) ? 0 : time);
  const said: Said = (timeline, trait) => {
    const { value, old } = at(timeline, lapse());
    if (old) traits.push(trait);
    return value;
  };
  return {
    given: person.given,
    middle: person.middle,
    surname: said(person.surnames, "name before wedding"),
    suffix: person.suffix !== undefined && random.chance(life.saysJunior) ? person.suffix : undefined,
    birthdate: person.birthdate,
    email: email(random, person, said, traits),
    phone: phone(random, person, source, said, traits),
    address: said(person.addresses, "old address"),
    traits,
  };
}

/** What holds at the time, or somewhat later still; the trait when it is no longer the newest. */
type Said = <T>(timeline: Timeline<T>, trait: string) => T;

function email(random: Random, person: Person, said: Said, traits: string[]): string | undefined {
  const shared = (trait: string, value: string | undefined): string | undefined => {
    if (value !== undefined) traits.push(trait);
    return value;
  };
  if (person.roleMailbox !== undefined && random.chance(habit.givesRoleMailbox))
    return shared("role mailbox", person.roleMailbox);
  if (person.familyMailbox !== undefined && random.chance(habit.givesFamilyMailbox))
    return shared("family mailbox", person.familyMailbox);
  if (person.role === "child" && random.chance(habit.givesParentsEmail)) {
    const parents = person.partner?.emails;
    if (parents !== undefined) return shared("parent's mailbox", at(parents, 1).value);
  }
  if (person.secondEmail !== undefined && random.chance(habit.givesSecondEmail))
    return shared("second mailbox", person.secondEmail);
  return person.emails === undefined ? undefined : said(person.emails, "old mailbox");
}

function phone(
  random: Random,
  person: Person,
  source: string,
  said: Said,
  traits: string[],
): string | undefined {
  const landline = source === "loyalty" ? habit.givesLandlineOnPaper : habit.givesLandline;
  if (person.landline !== undefined && random.chance(landline)) {
    traits.push("home phone");
    return person.landline;
  }
  const others = person.partner?.mobiles;
  if (
    others !== undefined &&
    random.chance(person.role === "child" ? habit.givesParentsPhone : habit.givesPartnersPhone)
  ) {
    traits.push("relative's phone");
    return at(others, 1).value;
  }
  return person.mobiles === undefined ? undefined : said(person.mobiles, "old phone");
}
