import { faker } from "@faker-js/faker/locale/en_US";
import type { Random } from "./random.ts";

/** A metropolitan area: a resident has one of its area codes, cities and postal codes (first three digits). */
export interface Metro {
  readonly state: string;
  readonly stateName: string;
  readonly areaCodes: readonly string[];
  readonly postalPrefixes: readonly string[];
  readonly cities: readonly string[];
}

export interface Address {
  readonly house: string;
  readonly street: string;
  readonly unit: string | undefined;
  readonly city: string;
  readonly state: string;
  readonly stateName: string;
  readonly postalCode: string;
}

function metro(state: string, stateName: string, codes: string, prefixes: string, cities: string): Metro {
  const words = (text: string): string[] => text.split(" ");
  return {
    state,
    stateName,
    areaCodes: words(codes),
    postalPrefixes: words(prefixes),
    cities: cities.split(", "),
  };
}

// Where the retailer has stores, the largest markets first.
const METROS: readonly Metro[] = [
  metro("IL", "Illinois", "312 773 847 630", "606 600 605", "Chicago, Evanston, Naperville, Oak Park"),
  metro("OH", "Ohio", "614 740", "432 430", "Columbus, Dublin, Westerville, Grove City"),
  metro("MI", "Michigan", "313 248 734", "482 480 481", "Detroit, Royal Oak, Ann Arbor, Dearborn"),
  metro("TX", "Texas", "214 972 469 817", "752 750 761", "Dallas, Plano, Fort Worth, Garland"),
  metro("MN", "Minnesota", "612 651 952", "554 551 553", "Minneapolis, St. Paul, Bloomington, Edina"),
  metro("MO", "Missouri", "314 636", "631 633", "St. Louis, St. Charles, Florissant"),
  metro(
    "PA",
    "Pennsylvania",
    "215 267 610",
    "191 190 194",
    "Philadelphia, Upper Darby, Norristown, Bensalem",
  ),
  metro("AZ", "Arizona", "602 480 623", "850 852 853", "Phoenix, Mesa, Glendale, Tempe"),
  metro("CO", "Colorado", "303 720", "802 800", "Denver, Aurora, Boulder, Lakewood"),
  metro("WI", "Wisconsin", "414 262", "532 530", "Milwaukee, Waukesha, West Allis"),
  metro("IN", "Indiana", "317 463", "462 460", "Indianapolis, Carmel, Fishers"),
  metro("GA", "Georgia", "404 770 678", "303 300", "Atlanta, Decatur, Marietta, Sandy Springs"),
];

/** An area, the larger markets more often. */
export function pickMetro(random: Random): Metro {
  return METROS[Math.floor(METROS.length * random.next() ** 1.6)]!;
}

const STREETS = faker.definitions.location.street_name!;

/** A new address in the area; the same street names are everywhere, as in life. */
export function newAddress(random: Random, metro: Metro): Address {
  return {
    house: String(random.chance(0.3) ? random.between(1, 99) : random.between(100, 9899)),
    street: random.pick(STREETS),
    unit: random.chance(0.3) ? newUnit(random) : undefined,
    city: random.chance(0.55) ? metro.cities[0]! : random.pick(metro.cities),
    state: metro.state,
    stateName: metro.stateName,
    postalCode: random.pick(metro.postalPrefixes) + random.digits(2),
  };
}

/** Another flat of the same house. */
export function sameBuilding(random: Random, address: Address): Address {
  return { ...address, unit: newUnit(random) };
}

function newUnit(random: Random): string {
  return random.chance(0.7)
    ? String(random.between(1, 40))
    : `${random.between(1, 12)}${random.pick(["A", "B", "C", "D"])}`;
}

const STREET_SHORT: Readonly<Record<string, string>> = {
  Street: "St",
  Avenue: "Ave",
  Road: "Rd",
  Drive: "Dr",
  Lane: "Ln",
  Boulevard: "Blvd",
  Court: "Ct",
  Place: "Pl",
  Highway: "Hwy",
};

/** `12 Oak Street` or, abbreviated, `12 Oak St`. */
export function streetLine(address: Address, abbreviated: boolean): string {
  const street = abbreviated
    ? address.street.replace(/\w+$/, (last) => STREET_SHORT[last] ?? last)
    : address.street;
  return `${address.house} ${street}`;
}
