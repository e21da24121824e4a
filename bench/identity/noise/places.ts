import { en } from "@faker-js/faker";
import type { Random } from "../random.ts";
import { Frequencies } from "./names.ts";

export interface City {
  readonly name: string;
  readonly state: string;
  readonly zips: readonly string[];
  readonly areaCodes: readonly string[];
  readonly streets: readonly string[];
}

export interface Address {
  readonly city: City;
  readonly number: number;
  readonly street: string;
  readonly unit: string | undefined;
  readonly zip: string;
}

/** Cities with falling sizes; each has its postal codes and area codes, and streets whose names other cities have too. */
export class Country {
  private readonly cities = new Map<string, City>();
  private readonly names: Frequencies;

  constructor(random: Random, cities: number) {
    const states = en.location?.state_abbr ?? [];
    const streets = en.location?.street_name ?? [];
    const listed = en.location?.city_name ?? [];
    const names = new Set<string>();
    while (names.size < cities) names.add(random.pick(listed));
    this.names = new Frequencies([...names], 3);
    let rank = 0;
    for (const name of names) {
      rank++;
      const prefix = String(random.between(100, 989));
      const zips = Math.max(3, Math.round(60 / Math.sqrt(rank)));
      this.cities.set(name, {
        name,
        state: random.pick(states),
        zips: Array.from({ length: zips }, (_, i) => prefix + String(i).padStart(2, "0")),
        areaCodes: Array.from({ length: rank < 6 ? 3 : 1 }, () => String(random.between(201, 979))),
        streets: Array.from({ length: Math.max(40, Math.round(700 / Math.sqrt(rank))) }, () =>
          random.pickSkewed(streets),
        ),
      });
    }
  }

  city(random: Random): City {
    return this.cities.get(this.names.pick(random))!;
  }

  address(random: Random, city = this.city(random)): Address {
    const at = random.below(city.streets.length);
    return {
      city,
      number: random.chance(0.4) ? random.between(1, 120) : random.between(100, 4999),
      street: city.streets[at]!,
      unit: random.chance(0.25) ? unit(random) : undefined,
      // A street lies in one or two postal codes.
      zip: city.zips[(at * 7 + (random.chance(0.25) ? 1 : 0)) % city.zips.length]!,
    };
  }

  phone(random: Random, city: City): string {
    return random.pick(city.areaCodes) + random.between(2, 9) + random.digits(6);
  }
}

/** Another flat of the same house. */
export function nextDoor(random: Random, address: Address): Address {
  return { ...address, unit: unit(random) };
}

function unit(random: Random): string {
  return random.chance(0.7)
    ? String(random.between(1, 60))
    : `${random.between(1, 12)}${random.pick(["A", "B", "C"])}`;
}

const short: Readonly<Record<string, string>> = {
  Street: "St",
  Avenue: "Ave",
  Road: "Rd",
  Drive: "Dr",
  Lane: "Ln",
  Boulevard: "Blvd",
  Court: "Ct",
  Place: "Pl",
  Highway: "Hwy",
  Terrace: "Ter",
  North: "N",
  South: "S",
  East: "E",
  West: "W",
};

/** House number, street and flat as somebody writes them: in full or short, the flat in one of several ways or left out. */
export function streetLine(random: Random, { number, street, unit: flat }: Address): string {
  const words = random.chance(0.5)
    ? street
    : street
        .split(" ")
        .map((word) => (short[word] === undefined ? word : short[word] + (random.chance(0.3) ? "." : "")))
        .join(" ");
  const line = `${number} ${words}`;
  if (flat === undefined || random.chance(0.15)) return line;
  return line + random.pick([` Apt ${flat}`, ` Apt. ${flat}`, ` #${flat}`, `, Unit ${flat}`, ` apt ${flat}`]);
}

/** Ten digits as somebody writes them. */
export function phoneLine(random: Random, digits: string): string {
  const [area, exchange, line] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
  switch (random.below(7)) {
    case 0:
      return digits;
    case 1:
      return `(${area}) ${exchange}-${line}`;
    case 2:
      return `${area}-${exchange}-${line}`;
    case 3:
      return `${area}.${exchange}.${line}`;
    case 4:
      return `+1 ${area} ${exchange} ${line}`;
    case 5:
      return `1-${area}-${exchange}-${line}`;
    default:
      return `${area} ${exchange}${line}`;
  }
}
