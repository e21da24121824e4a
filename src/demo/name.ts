import { faker as german } from "@faker-js/faker/locale/de";
import { faker as english } from "@faker-js/faker/locale/en";
import { faker as spanish } from "@faker-js/faker/locale/es";
import { faker as french } from "@faker-js/faker/locale/fr";
import { faker as polish } from "@faker-js/faker/locale/pl";
import { type Random, hash } from "./random.ts";

export type Sex = "female" | "male";

/** Where a household's names come from; the shares are roughly those of a large American city. */
const ORIGINS = { english: 0.72, spanish: 0.18, german: 0.05, polish: 0.03, french: 0.02 } as const;
export type Origin = keyof typeof ORIGINS;

/** Names by falling frequency. */
class NamePool {
  private readonly cumulated: Float64Array;

  constructor(private readonly names: readonly string[]) {
    // Zipf–Mandelbrot: the commonest has about 1.2 % of the people, as Smith and James have in the US.
    let sum = 0;
    this.cumulated = Float64Array.from(names, (_, rank) => (sum += 1 / (rank + 16)));
  }

  pick(random: Random): string {
    const wanted = random.next() * this.cumulated.at(-1)!;
    let low = 0;
    let high = this.cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulated[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.names[low]!;
  }
}

const COMMON_SURNAMES =
  "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts";
const COMMON_HISPANIC_SURNAMES =
  "García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Cruz Morales Reyes Gutiérrez Ortiz Chávez";
const COMMON_GIVEN = {
  female:
    "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Karen Sarah Lisa Nancy Sandra Ashley Emily Kimberly Margaret Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Amy Kathleen Angela Katherine Christine Samantha",
  male: "James Michael Robert John David William Richard Joseph Thomas Christopher Charles Daniel Matthew Anthony Mark Steven Donald Andrew Joshua Paul Kenneth Kevin Brian Timothy Ronald Jason George Edward Jeffrey Ryan Jacob Nicholas Gary Jonathan Stephen Benjamin",
} as const;

function pool(common: string, rest: readonly string[] | undefined): NamePool {
  const first = common === "" ? [] : common.split(" ");
  // The library lists names by alphabet; their rank should have nothing to do with it.
  const others = [...new Set(rest)].filter((name) => !first.includes(name));
  const ranked = others.map((name) => [hash(name)[0], name] as const).sort((a, b) => a[0] - b[0]);
  return new NamePool([...first, ...ranked.map(([, name]) => name)]);
}

const LIBRARY = { english, spanish, german, polish, french } as const;

const SURNAMES = byOrigin((origin) => {
  const common =
    origin === "english" ? COMMON_SURNAMES : origin === "spanish" ? COMMON_HISPANIC_SURNAMES : "";
  return pool(common, LIBRARY[origin].definitions.person.last_name.generic);
});

const GIVEN_NAMES = byOrigin((origin) => {
  const of = (sex: Sex): NamePool =>
    pool(
      origin === "english" ? COMMON_GIVEN[sex] : "",
      LIBRARY[origin].definitions.person.first_name[sex]?.filter((name) => !/[^\p{L}]/u.test(name)),
    );
  return { female: of("female"), male: of("male") };
});

function byOrigin<T>(make: (origin: Origin) => T): Readonly<Record<Origin, T>> {
  const origins = Object.keys(ORIGINS) as Origin[];
  return Object.fromEntries(origins.map((origin) => [origin, make(origin)])) as Record<Origin, T>;
}

export function pickOrigin(random: Random): Origin {
  return random.share(ORIGINS);
}

export function pickSurname(random: Random, origin: Origin): string {
  return SURNAMES[origin].pick(random);
}

/** Families with roots elsewhere choose an English name half of the time. */
export function pickGivenName(random: Random, origin: Origin, sex: Sex): string {
  return GIVEN_NAMES[random.chance(0.5) ? "english" : origin][sex].pick(random);
}
