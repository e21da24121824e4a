import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, literal, openEngine, type Session } from "../../engine/index.ts";
import type { Tag } from "../../source/index.ts";
import { gatherRecords } from "../input.ts";
import { Facts } from "../model/facts.ts";
import { readMailboxNames } from "./mailbox.ts";
import { dropSharedValues } from "./shared.ts";
import { standardise } from "./standardise.ts";

let folder: string;
let engine: Engine;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-standardise-"));
  engine = await openEngine({ spillFolder: folder });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

type Record_ = Readonly<Partial<Record<Tag, string>>>;

/** The standardised records, in the order given. */
async function standard(records: readonly Record_[]): Promise<Record<string, string | null>[]> {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record) as Tag[]))];
  const rows = records.map(
    (record, i) =>
      `(${[`${1000 + i}`, ...columns.map((column) => literal(record[column] ?? null))].join(", ")})`,
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE written (${["id VARCHAR", ...columns.map((c) => `${c} VARCHAR`)].join(", ")});
    INSERT INTO written VALUES ${rows.join(", ")}`);
  await gatherRecords(session, [
    {
      source: "s",
      relation: "written",
      idColumn: "id",
      tags: Object.fromEntries(columns.map((c) => [c, c])),
    },
  ]);
  const facts = await Facts.toLearn(session);
  await standardise(session, 0, facts);
  await dropSharedValues(session);
  await readMailboxNames(session, facts);
  return session.rows("SELECT * FROM identity_standard ORDER BY r");
}

describe("standardise", () => {
  test.each([
    [{ full_name: "Guest xxx" }, { given: null, family: null }],
    [
      { given_name: "Łukasz", surname: "O'Brien-Jones" },
      { given: "lukasz", family: "obrienjones", last_part: "jones" },
    ],
    [{ full_name: "van der Berg, Dr. Jan Peter" }, { given: "jan", middle: "peter", family: "vanderberg" }],
    [{ full_name: "Mr. Carlos de la Cruz III" }, { given: "carlos", family: "delacruz", suffix: "iii" }],
    [
      { given_name: "Иван", surname: "Петров" },
      { given: "ivan", family: "petrov" },
    ],
    [
      { given_name: "test", surname: "n/a" },
      { given: null, family: null },
    ],
    [{ full_name: "DAVIS, JR., Ed" }, { given: "ed", family: "davis", suffix: "jr" }],
    [
      { given_name: "Ed", surname: "Davis Junior" },
      { given: "ed", family: "davis", suffix: "jr" },
    ],
    [{ full_name: "Lord Gerhard Darrion Reed" }, { given: "gerhard", middle: "darrion", family: "reed" }],
    [{ full_name: "Sir Thomas Grey, 2nd Baronet" }, { given: "thomas", middle: null, family: "grey" }],
    [{ full_name: "John Russell, 1st Earl of Orford" }, { given: "john", family: "russell" }],
    [
      { full_name: "Gerhard Darrion Reed", given_name: "Gerhard", surname: "Reed" },
      { given: "gerhard", middle: "darrion" },
    ],
    [
      { full_name: "Ida Darrion Reed", given_name: "Gerhard", surname: "Reed" },
      { given: "gerhard", middle: null },
    ],
    [{ full_name: "John DOE" }, { given: null, family: null }],
    [{ full_name: "Major Lance" }, { given: "major", family: "lance" }],
    [{ full_name: "John Smith, MD" }, { given: "john", middle: null, family: "smith" }],
    [{ full_name: "Jack Ma" }, { given: "jack", family: "ma" }],
    [{ full_name: "Don Hammes" }, { given: "don", family: "hammes" }],
    [{ full_name: "王 小明" }, { given: "王", family: "小明" }],
  ])("name %o", async (record, expected) => {
    expect((await standard([record]))[0]).toMatchObject(expected);
  });

  test.each([
    ["J.Doe+news@Googlemail.com", "jdoe@gmail.com"],
    ['"Joe" <joe.doe@firm.example>', "joe.doe@firm.example"],
    ["info@firm.example", null],
    ["not an address", null],
  ])("e-mail %s", async (email, expected) => {
    expect((await standard([{ email }]))[0]!["email"]).toBe(expected);
  });

  test("a mistyped domain of a large provider is put right", async () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ email: `person${i}@hotmail.com` }));
    const found = await standard([...many, { email: "someone@hotmial.com" }]);
    expect(found.at(-1)!["email"]).toBe("someone@hotmail.com");
  });

  test("a provider with mailboxes of its own is no mistyped one", async () => {
    const names = Array.from({ length: 400 }, (_, i) => `person${i}`);
    const at = (domain: string, some: readonly string[]): Record_[] =>
      some.map((name) => ({ email: `${name}@${domain}` }));
    const own = Array.from({ length: 25 }, (_, i) => `other${i}`);
    const found = await standard([
      ...at("gmail.com", names),
      ...at("mail.com", own),
      ...at("gmial.com", names.slice(0, 25)),
    ]);
    expect(found.slice(400, 425).map(({ email }) => email)).toEqual(own.map((name) => `${name}@mail.com`));
    expect(found.slice(425).map(({ email }) => email)).toEqual(
      names.slice(0, 25).map((name) => `${name}@gmail.com`),
    );
  });

  test("telephones: written in any way, in the country of the record or of the table", async () => {
    const found = await standard([
      { phone: "(415) 867-2671 x12" },
      { phone: "415.867.2671" },
      { phone: "1-415-867-2671" },
      { phone: "+44 (0)20 7946 0018" },
      { phone: "0044 20 7946 0018" },
      { phone: "030 123456", country: "Germany" },
      { phone: "000-000-0000" },
    ]);
    const [american, british] = ["+14158672671", "+442079460018"];
    expect(found.map((row) => row["phone"])).toEqual([
      american,
      american,
      american,
      british,
      british,
      "+4930123456",
      null,
    ]);
  });

  test("dates: the order of day and month is learned, what cannot be is kept as evidence", async () => {
    const found = await standard(
      [
        "25/12/1980",
        "03/04/1981",
        "1980-02-03 00:00:00",
        "12 März 1990",
        "Dec 5, 1979",
        "1975",
        "19801332",
        "soon",
      ].map((birthdate) => ({ birthdate })),
    );
    expect(found.map((row) => row["birth"])).toEqual([
      "1980-12-25",
      "1981-04-03",
      "1980-02-03",
      "1990-03-12",
      "1979-12-05",
      "1975-00-00",
      "1980-13-32",
      null,
    ]);
  });

  test("dates of other centuries, and of which little is known", async () => {
    const found = await standard(
      [
        "1560-03-12",
        "+1560-03-12T00:00:00Z",
        "15600312",
        "12031560",
        "1799-00-00",
        "c. 1560",
        "bef. March 1850",
        "13.01.00",
      ].map((birthdate) => ({ birthdate })),
    );
    expect(found.map((row) => row["birth"])).toEqual([
      "1560-03-12",
      "1560-03-12",
      "1560-03-12",
      "1560-03-12",
      "1799-00-00",
      "1560-00-00",
      "1850-03-00",
      "2000-01-13",
    ]);
  });

  test("a birth date in three columns, in any order of them", async () => {
    const found = await standard([
      { birth_day: "4", birth_month: "3", birth_year: "1980" },
      { birth_day: "04", birth_month: "March", birth_year: "80" },
      { birth_day: "4.0", birth_month: "3.0", birth_year: "1980.0" },
      { birth_month: "12", birth_year: "1980" },
      { birth_day: "25", birth_year: "1980" },
      { birth_day: "25", birth_month: "12" },
      { birth_day: "31", birth_month: "2", birth_year: "1560" },
      { birthdate: "1990-01-02", birth_year: "1980" },
      { birth_month: "12" },
      {},
    ]);
    expect(found.map((row) => row["birth"])).toEqual([
      "1980-03-04",
      "1980-03-04",
      "1980-03-04",
      "1980-12-00",
      "1980-00-25",
      "0000-12-25",
      "1560-02-31",
      "1990-01-02",
      null,
      null,
    ]);
  });

  test.each([
    [{ address: "12 North Main Street, Apt. 4B" }, { number: "12", street: "n main st", unit: "4b" }],
    [{ address: "5359 W 9th Street" }, { number: "5359", street: "w 9th st", unit: null }],
    [{ address: "7 First Avenue" }, { number: "7", street: "1st ave" }],
    [{ address: "3/14 Rose Lane, Gate 5 of 21" }, { number: "14", unit: "3", street: "rose ln gate of" }],
    [{ address: "8 Rd 21b North 9th" }, { number: "8", street: "rd n 9th" }],
    [{ address: "Lindenstraße 7" }, { number: "7", street: "linden st" }],
    [
      { address: "7 Rose Ave", address2: "#12" },
      { number: "7", street: "rose ave", unit: "12" },
    ],
    [
      { postal: "12345-6789", city: "St. Louis" },
      { zip: "12345", town: "st louis" },
    ],
  ])("address %o", async (record, expected) => {
    expect((await standard([record]))[0]).toMatchObject(expected);
  });

  test("a first of January is a year where a table has too many of them", async () => {
    const years = Array.from({ length: 100 }, (_, i) => 1800 + i);
    const born = years.flatMap((year) => ["03-07", "05-20", "11-30", "01-01"].map((day) => `${year}-${day}`));
    const births = (dates: readonly string[]) =>
      standard(dates.map((birthdate) => ({ birthdate }))).then((rows) => rows.map(({ birth }) => birth));
    expect(await births(born)).toEqual(born.map((day) => day.replace("-01-01", "-00-00")));

    // What a form fills in is another matter: it is found by how many people share it.
    const filledIn = born.map((day) => day.replace(/^....-01-01/, "1970-01-01"));
    expect(await births(filledIn)).toContain("1970-01-01");
  });

  test("a value that very many people share identifies nobody; one of a family stays", async () => {
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const many = letters.map((letter) => ({
      given_name: letter.repeat(3),
      surname: `${letter}${letter}son`,
      email: "no@mail.com",
    }));
    const family = ["Ann", "Bob", "Cleo"].map((given_name) => ({
      given_name,
      surname: "Ray",
      email: "rays@mail.com",
    }));
    const found = await standard([...many, ...family]);
    expect(found.map((row) => row["email"])).toEqual([
      ...many.map(() => null),
      ...family.map(() => "rays@mail.com"),
    ]);
    expect(await session.rows("SELECT kind, value FROM identity_shared_value")).toEqual([
      { kind: "email", value: "no@mail.com" },
    ]);
  });

  test("a mailbox lends the names it spells, unless the record has others", async () => {
    const known = Array.from({ length: 3 }, () => ({
      given_name: "Sven",
      surname: "Bosco",
      email: undefined,
    }));
    const found = await standard(
      [
        ...known.map(({ given_name, surname }) => ({ given_name, surname })),
        { email: "svenbosco77@mail.com" },
        { email: "bosco.sven@mail.com" },
        { email: "svenbosco@mail.com", given_name: "Mona" },
      ].map((record) => record as Record_),
    );
    expect(found.slice(3).map((row) => [row["given"], row["family"]])).toEqual([
      ["sven", "bosco"],
      ["sven", "bosco"],
      ["mona", null],
    ]);
  });

  test("a mailbox is read the way that explains it best", async () => {
    const people = (count: number, given_name: string, surname: string): Record_[] =>
      Array.from({ length: count }, () => ({ given_name, surname }));
    const found = await standard([
      ...people(40, "Antonina", "Miller"),
      ...people(4, "Anton", "Ina"),
      { email: "antonina1972@mail.com" },
      { email: "anton.ina@mail.com" },
      { email: "amiller@mail.com" },
      { email: "miller.a@mail.com" },
    ]);
    expect(found.slice(44).map((row) => [row["given"], row["family"]])).toEqual([
      ["antonina", null],
      ["anton", "ina"],
      ["a", "miller"],
      ["a", "miller"],
    ]);
  });

  test("letters that the names of their people contradict are no name", async () => {
    const named = (given_name: string, surname: string, email?: string): Record_ => ({
      given_name,
      surname,
      ...(email === undefined ? {} : { email }),
    });
    const reds = Array.from({ length: 3 }, () => named("Red", "Red"));
    const svens = Array.from({ length: 3 }, (_, i) => named("Sven", "Bosco", `svenbosco${i}@mail.com`));
    const others = ["Ann", "Bea", "Cleo"].map((name, i) => named(name, `${name}son`, `redred${i}@mail.com`));
    const found = await standard([
      ...[...reds, ...svens, ...others],
      { email: "redred77@mail.com" },
      { email: "svenbosco77@mail.com" },
    ]);
    expect(found.slice(9).map((row) => [row["given"], row["family"]])).toEqual([
      [null, null],
      ["sven", "bosco"],
    ]);
  });
});

test("a middle name of its own column, a birthplace and an occupation: folded, and none where nothing is said", async () => {
  const read = await standard([
    {
      given_name: "Ann Zoë",
      surname: "Lee",
      middle_name: "B.",
      birthplace: "Köln, Rhein",
      occupation: "Coal-Miner",
    },
    { given_name: "Ann Zoë", surname: "Lee", birthplace: "unknown", occupation: "n/a" },
  ]);
  expect(read.map(({ middle, birthplace, occupation }) => [middle, birthplace, occupation])).toEqual([
    ["b", "koln rhein", "coal miner"],
    ["zoe", null, null],
  ]);
});
