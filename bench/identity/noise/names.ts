import { de, en, es, it, pl } from "@faker-js/faker";
import { nicknamesOf } from "./nicknames.ts";
import type { Random } from "../random.ts";

/** Values by falling frequency (Zipf–Mandelbrot): the share of the value of rank r is as 1 / (r + flatness). */
export class Frequencies {
  private readonly cumulated: Float64Array;

  constructor(
    readonly values: readonly string[],
    flatness: number,
  ) {
    let sum = 0;
    this.cumulated = Float64Array.from(values, (_, rank) => (sum += 1 / (rank + 1 + flatness)));
  }

  pick(random: Random): string {
    const wanted = random.next() * this.cumulated.at(-1)!;
    let [low, high] = [0, this.cumulated.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulated[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.values[low]!;
  }
}

export type Sex = "f" | "m";

/** Roughly the origins of the names in an American city. */
const origins = { english: 0.7, spanish: 0.14, german: 0.08, italian: 0.05, polish: 0.03 } as const;
export type Origin = keyof typeof origins;

const locales = { english: en, spanish: es, german: de, italian: it, polish: pl } as const;

const commonSurnames =
  "Smith Johnson Williams Brown Jones Davis Miller Wilson Moore Taylor Anderson Thomas Jackson White Harris Martin " +
  "Thompson Robinson Clark Lewis Lee Walker Hall Allen Young King Wright Hill Scott Green Adams Baker Nelson Carter " +
  "Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins Stewart Morris Rogers Reed Cook Morgan Bell";
const commonGiven = {
  f:
    "Mary Jennifer Linda Elizabeth Barbara Susan Jessica Margaret Sarah Karen Nancy Lisa Betty Sandra Ashley Dorothy " +
    "Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Helen Sharon Cynthia Kathleen Amy",
  m:
    "James John Robert Michael William David Richard Joseph Charles Thomas Christopher Daniel Matthew Anthony Mark Donald " +
    "Steven Paul Andrew Joshua Kenneth Kevin Brian George Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric",
} as const;

/** Rare English surnames are mostly names of places; they make the long tail. */
const placeBeginnings =
  "Ash Brad Black Brook Clay Cold Cran Dun East Ems Fair Farn Glen Gran Hart Hather Hol Kings Lang Lin Mar Mid Nor Oak " +
  "Pem Quar Rad Red Sand Shel Sten Stan Thorn Under Wal War Wet Whit Win Wood";
const placeEndings =
  "bridge bury by combe cote croft den field ford ham hurst ley more shaw stead ton wick worth";

function ranked(common: string, rest: readonly string[]): string[] {
  const first = common === "" ? [] : common.split(" ");
  const others = [...new Set(rest)].filter((name) => !first.includes(name) && /^\p{L}+$/u.test(name));
  // The library lists names by alphabet, and their rank should have nothing to do with it.
  return [
    ...first,
    ...others
      .map((name) => [scramble(name), name] as const)
      .sort((a, b) => a[0] - b[0])
      .map(([, name]) => name),
  ];
}

function scramble(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function byOrigin<T>(make: (origin: Origin) => T): Readonly<Record<Origin, T>> {
  const names = Object.keys(origins) as Origin[];
  return Object.fromEntries(names.map((origin) => [origin, make(origin)])) as Record<Origin, T>;
}

const surnames = byOrigin((origin) => {
  const listed = locales[origin].person?.last_name?.generic ?? [];
  if (origin !== "english") return new Frequencies(ranked("", listed), 15);
  const places = placeBeginnings.split(" ").flatMap((a) => placeEndings.split(" ").map((b) => a + b));
  return new Frequencies([...ranked(commonSurnames, listed), ...ranked("", places)], 20);
});

const givenNames = byOrigin((origin) => {
  const of = (sex: Sex): Frequencies =>
    new Frequencies(
      ranked(
        origin === "english" ? commonGiven[sex] : "",
        locales[origin].person?.first_name?.[sex === "f" ? "female" : "male"] ?? [],
      ),
      8,
    );
  return { f: of("f"), m: of("m") };
});

export function pickOrigin(random: Random): Origin {
  return random.share(origins);
}

export function pickSurname(random: Random, origin: Origin): string {
  return surnames[origin].pick(random);
}

/** Families with roots elsewhere choose an English name half of the time. */
export function pickGiven(random: Random, origin: Origin, sex: Sex): string {
  return givenNames[random.chance(0.5) ? "english" : origin][sex].pick(random);
}

/** An everyday form: a known one, or for one name in three a short form that is in no list. */
export function nickname(random: Random, given: string): string | undefined {
  const known = nicknamesOf(given);
  if (known.length > 0) return random.pick(known);
  if (given.length < 6 || scramble(given) % 3 !== 0) return undefined;
  const short = given.slice(0, 3 + (scramble(given) % 2));
  return /[aeiou]$/.test(short) ? short : random.chance(0.5) ? short : `${short}${random.pick(["y", "ie"])}`;
}
