import { faker } from "@faker-js/faker/locale/en";
import { toAscii } from "./ascii.ts";
import { nicknamesOf } from "./nickname.ts";
import type { Metro } from "./place.ts";
import type { Random } from "./random.ts";
import type { Registry } from "./registry.ts";

// Under the reserved ending .example (RFC 2606), so that no demo can ever write to anybody.
const PROVIDERS = {
  "goodmail.example": 46,
  "yonder.example": 17,
  "warmmail.example": 12,
  "lookout.example": 8,
  "skycloud.example": 7,
  "cablecast.example": 5,
  "oldonline.example": 3,
  "telephone.example": 2,
} as const;

interface Named {
  readonly given: string;
  readonly surname: string;
  readonly birthYear: number;
}

/** A personal address that nobody else has. */
export function newEmail(random: Random, registry: Registry, named: Named): string {
  const domain = random.share(PROVIDERS);
  return free(random, registry, localPart(random, named), domain);
}

/** An address at an employer's. */
export function newWorkEmail(random: Random, registry: Registry, { given, surname }: Named): string {
  const employer = plain(random.pick(faker.definitions.person.last_name.generic!));
  const domain = `${employer}${random.pick(["-group", "inc", "-partners", "logistics", "-health"])}.example`;
  return free(random, registry, `${plain(given)}.${plain(surname)}`, domain);
}

function localPart(random: Random, { given, surname, birthYear }: Named): string {
  const [first, last] = [plain(given), plain(surname)];
  const year = birthYear === 0 ? random.digits(2) : String(birthYear).slice(random.chance(0.5) ? 2 : 0);
  switch (random.share({ full: 30, joined: 15, initial: 18, year: 17, turned: 8, nickname: 7, word: 5 })) {
    case "full":
      return `${first}.${last}`;
    case "joined":
      return `${first}${last}`;
    case "initial":
      return `${first[0]}${last}${random.chance(0.4) ? random.digits(2) : ""}`;
    case "year":
      return `${first}${random.chance(0.5) ? last : ""}${year}`;
    case "turned":
      return `${last}.${first}`;
    case "nickname":
      return `${plain(random.pick([...nicknamesOf(given), given]))}_${last}`;
    case "word":
      return `${random.pick(faker.definitions.animal.type!).toLowerCase().replace(/\W/g, "")}${year}`;
  }
}

function free(random: Random, registry: Registry, local: string, domain: string): string {
  let email = `${local}@${domain}`;
  while (!registry.claim(email)) email = `${local}${random.digits(random.between(1, 3))}@${domain}`;
  return email;
}

function plain(name: string): string {
  return toAscii(name)
    .toLowerCase()
    .replace(/[^a-z]/g, "");
}

/** A number of ten digits that nobody else in the demo has; exchanges 200–999 but for N11 and 555. */
export function newPhone(random: Random, registry: Registry, metro: Metro): string {
  for (;;) {
    const exchange = `${random.between(2, 9)}${random.digits(2)}`;
    if (exchange.endsWith("11") || exchange === "555") continue;
    const phone = random.pick(metro.areaCodes) + exchange + random.digits(4);
    if (registry.claim(phone)) return phone;
  }
}
