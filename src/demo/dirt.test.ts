import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { type Contact, asked } from "./contact.ts";
import { type Recorded, recorded } from "./dirt.ts";
import { newHousehold } from "./household.ts";
import { Random } from "./random.ts";
import { DIRT, FILLED, HABIT, LIFE, SYSTEMS, type System, TRADE } from "./rates.ts";
import { Registry } from "./registry.ts";

const DRAWS = 40_000;

const contact: Contact = {
  given: "William",
  middleInitial: "J",
  surname: "Muñozson",
  suffix: undefined,
  email: "william.munozson@goodmail.example",
  phone: "3125674821",
  birthDate: "1984-03-27",
  address: {
    house: "1207",
    street: "Oak Street",
    unit: "4",
    city: "Chicago",
    state: "IL",
    stateName: "Illinois",
    postalCode: "60614",
  },
};

function shares(
  system: System,
  tests: Readonly<Record<string, (record: Recorded) => boolean>>,
): Record<string, number> {
  const random = new Random(`dirt ${system}`);
  const counts = Object.fromEntries(Object.keys(tests).map((name) => [name, 0]));
  for (let i = 0; i < DRAWS; i++) {
    const record = recorded(random, system, contact);
    for (const [name, test] of Object.entries(tests)) if (test(record)) counts[name]!++;
  }
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / DRAWS]));
}

/** Six standard deviations of so many draws. */
function tolerance(rate: number): number {
  return 6 * Math.sqrt((rate * (1 - rate)) / DRAWS) + 1e-9;
}

describe.each(SYSTEMS)("what %s records", (system) => {
  const dirt = (kind: keyof typeof DIRT): number => DIRT[kind][system];
  const filled = (field: keyof typeof FILLED): number => FILLED[field][system] * (1 - dirt("ONE_FIELD"));
  const measured = shares(system, {
    surname: ({ surname }) => surname !== null,
    birthDate: ({ birthDate }) => birthDate !== null,
    address: ({ address }) => address !== null,
    junkEmail: ({ email }) => email !== null && /^(test|none|noemail|a|no)@/.test(email),
    junkPhone: ({ phone }) =>
      phone !== null &&
      ["0000000000", "5555555555", "1234567890", "9999999999", "1111111111"].includes(phone),
    junkBirthDate: ({ birthDate }) => birthDate !== null && /^(1900|1970|2000)-01-01$/.test(birthDate),
    phoneTypo: ({ phone }) => phone !== null && phone !== contact.phone && /^312|821$/.test(phone),
    nickname: ({ given }) => given !== null && /^(Bill|Will|Billy|Liam)$/.test(given),
    transposed: ({ given, surname }) => given === contact.surname && surname === contact.given,
    notAvailable: ({ surname }) =>
      surname !== null && ["N/A", "n/a", "-", "unknown", "NONE"].includes(surname),
    mojibake: ({ surname }) => surname !== null && surname.includes("Ã±"),
    streetTypo: ({ address }) => address !== null && !/^1207 Oak (Street|St)$/.test(address.line),
  });

  it("is filled in at the published rates", () => {
    for (const [name, rate] of [
      ["surname", filled("SURNAME")],
      ["birthDate", filled("BIRTH_DATE")],
      ["address", filled("ADDRESS")],
    ] as const)
      expect(Math.abs(measured[name]! - rate), name).toBeLessThanOrEqual(tolerance(rate));
  });

  it("holds junk at the published rates", () => {
    for (const [name, rate] of [
      ["junkEmail", filled("EMAIL") * dirt("JUNK_EMAIL")],
      ["junkPhone", filled("PHONE") * dirt("JUNK_PHONE")],
      ["junkBirthDate", filled("BIRTH_DATE") * dirt("JUNK_BIRTH_DATE")],
      ["notAvailable", filled("SURNAME") * dirt("NOT_AVAILABLE")],
    ] as const)
      // One field that is left may be the junk one: a little more than the product.
      expect(Math.abs(measured[name]! - rate), name).toBeLessThanOrEqual(
        tolerance(rate) + dirt("ONE_FIELD") * 0.05,
      );
  });

  it("is mistyped at about the published rates, others on top of it left aside", () => {
    for (const [name, rate] of [
      ["phoneTypo", filled("PHONE") * dirt("PHONE_TYPO")],
      ["nickname", filled("GIVEN_NAME") * dirt("NICKNAME")],
      ["mojibake", filled("SURNAME") * dirt("MOJIBAKE") * (1 - dirt("DIACRITICS_LOST"))],
      ["streetTypo", filled("ADDRESS") * dirt("STREET_TYPO")],
    ] as const)
      expect(Math.abs(measured[name]! - rate), name).toBeLessThanOrEqual(tolerance(rate) + rate * 0.2);
    const transposed = filled("GIVEN_NAME") * FILLED.SURNAME[system] * dirt("NAMES_TRANSPOSED");
    const upright = 1 - dirt("DIACRITICS_LOST");
    expect(measured.transposed!).toBeLessThanOrEqual(transposed * upright + tolerance(transposed));
    expect(measured.transposed! > 0).toBe(transposed * upright > 0);
  });
});

describe("households", () => {
  const population = {
    random: new Random("households"),
    registry: new Registry(),
    recentAddresses: new Map(),
  };
  const households = Array.from({ length: 8000 }, () => newHousehold(population));

  it("have the sizes and events of life at the published rates", () => {
    const within = (part: number, whole: number, rate: number): void =>
      expect(Math.abs(part / whole - rate)).toBeLessThan(0.02);
    within(households.filter((people) => people.length === 1).length, 8000, LIFE.HOUSEHOLD_SINGLE);
    const people = households.flat();
    const couples = people.filter((person) => person.partner !== undefined);
    within(couples.filter(({ sharedEmail }) => sharedEmail).length, couples.length, LIFE.COUPLE_SHARES_EMAIL);
    within(people.filter(({ secondEmail }) => secondEmail).length, people.length, LIFE.SECOND_EMAIL);
    within(people.filter(({ landline }) => landline).length, people.length, LIFE.LANDLINE);
    const movesPerYear =
      people.reduce((sum, { addresses }) => sum + addresses.length - 1, 0) / people.length / 4;
    expect(movesPerYear).toBeGreaterThan(LIFE.MOVE_PER_YEAR * 0.8);
    expect(movesPerYear).toBeLessThan(LIFE.MOVE_PER_YEAR * 1.3);
    expect(people.some(({ surnames }) => surnames.length > 1)).toBe(true);
    expect(
      people.some(({ namesake, given, parent }) => namesake && parent !== undefined && given !== ""),
    ).toBe(true);
  });

  it("do not share what is one person's own, but for numbers that were given up", () => {
    const emails = households.flat().flatMap(({ emails }) => emails.map(({ value }) => value));
    expect(new Set(emails).size).toBe(emails.length);
    const phones = households.flat().flatMap(({ phones }) => phones.map(({ value }) => value));
    const repeated = phones.length - new Set(phones).size;
    expect(repeated).toBeGreaterThan(0);
    expect(repeated / phones.length).toBeLessThanOrEqual(LIFE.RECYCLED_PHONE * 1.3);
  });

  it("answer with what holds on the day", () => {
    const random = new Random("answers");
    const mover = households.flat().find(({ addresses }) => addresses.length > 1)!;
    const day = mover.addresses[1]!.from;
    expect(asked(random, mover, day - 1).address).toEqual(mover.addresses[0]!.value);
    expect(asked(random, mover, day).address).toEqual(mover.addresses[1]!.value);
  });
});

describe("the README", () => {
  it("publishes every rate as it is", async () => {
    const lines = (await readFile(new URL("README.md", import.meta.url), "utf8")).split("\n");
    const cellsOf = (name: string): string[] =>
      lines
        .find((line) => line.replaceAll(" ", "").startsWith(`|\`${name}\`|`))
        ?.split("|")
        .slice(2, -2)
        .map((cell) => cell.trim()) ?? [];
    for (const [name, rate] of Object.entries({ ...LIFE, ...HABIT, ...TRADE }))
      expect(cellsOf(name).map(Number), name).toEqual([rate]);
    for (const [name, rates] of Object.entries({ ...FILLED, ...DIRT }))
      expect(cellsOf(name).map(Number), name).toEqual(SYSTEMS.map((system) => rates[system]));
  });
});
