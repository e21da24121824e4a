import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, literal, openEngine, type Session } from "../../engine/index.ts";
import { labelledTables } from "./labelled-for-test.ts";
import { suggestTags } from "./suggest.ts";
import type { TagContext, TagSuggestion } from "./suggestion.ts";

let folder: string;
let engine: Engine;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-tags-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 2, memoryLimit: "1GB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function suggest(csv: string, context?: TagContext): Promise<readonly TagSuggestion[]> {
  const path = join(folder, "table.csv");
  await writeFile(path, csv);
  const delimiter = csv.split("\n")[0]!.includes(";") ? ";" : ",";
  return suggestTags(
    session,
    `read_csv(${literal(path)}, all_varchar = true, header = true, delim = '${delimiter}', quote = '"')`,
    context,
  );
}

function byColumn(suggestions: readonly TagSuggestion[]): Record<string, string> {
  return Object.fromEntries(suggestions.map(({ column, tag }) => [column, tag]));
}

test("labelled tables: what is suggested is right, and little is missed", async () => {
  let [right, wrong, missed, labelled] = [0, 0, 0, 0];
  const mistakes: string[] = [];
  for (const { name, csv, labels } of labelledTables) {
    const found = byColumn(await suggest(csv, { sourceName: name }));
    labelled += Object.keys(labels).length;
    for (const column of new Set([...Object.keys(labels), ...Object.keys(found)])) {
      if (found[column] === labels[column]) right++;
      else
        mistakes.push(`${name}.${column}: ${labels[column] ?? "none"}, suggested ${found[column] ?? "none"}`);
      if (found[column] !== undefined && found[column] !== labels[column]) wrong++;
      if (labels[column] !== undefined && found[column] !== labels[column]) missed++;
    }
  }
  const precision = right / (right + wrong);
  const recall = right / (right + missed);
  console.log(
    `tags: ${labelled} labelled columns in ${labelledTables.length} tables, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    mistakes,
  );
  expect(labelled).toBeGreaterThanOrEqual(100);
  expect({ mistakes, isPrecise: precision >= 0.97 }).toMatchObject({ isPrecise: true });
  expect({ mistakes, isComplete: recall >= 0.95 }).toMatchObject({ isComplete: true });
});

describe("the public data sets, where they are at hand", async () => {
  const data = join(import.meta.dirname, "../../../../shared/data");
  const there = await access(data).then(
    () => true,
    () => false,
  );
  test.runIf(there)("febrl: every column", async () => {
    const relation = `read_csv(${literal(join(data, "febrl/dataset1.csv"))}, all_varchar = true)`;
    expect(byColumn(await suggestTags(session, relation))).toEqual({
      rec_id: "customer_key",
      given_name: "given_name",
      surname: "surname",
      street_number: "address",
      address_1: "address",
      address_2: "address2",
      suburb: "city",
      postcode: "postal",
      state: "state",
      date_of_birth: "birthdate",
      soc_sec_id: "national_id",
    });
  });
  test.runIf(there)("fake_1000: the truth is no evidence", async () => {
    const relation = `read_csv(${literal(join(data, "fake_1000/fake_1000.csv"))})`;
    expect(byColumn(await suggestTags(session, relation))).toEqual({
      unique_id: "customer_key",
      first_name: "given_name",
      surname: "surname",
      dob: "birthdate",
      city: "city",
      email: "email",
    });
  });
});

test.each([
  ["mi", "middle_name"],
  ["Middle Initial", "middle_name"],
  ["patient_middle_name", "middle_name"],
  ["Zweiter Vorname", "middle_name"],
  ["place_of_birth", "birthplace"],
  ["Geburtsort", "birthplace"],
  ["lieu de naissance", "birthplace"],
  ["job", "occupation"],
  ["Beruf", "occupation"],
])("%s is %s where its values are words, and nothing where they are numbers", async (header, tag) => {
  const suggested = async (values: string): Promise<Record<string, string>> =>
    byColumn(
      await suggestTags(
        session,
        `(SELECT unnest([${values}]) AS "${header}", unnest(['Ann', 'Bob', 'Carl']) AS first_name)`,
      ),
    );
  expect(await suggested("'A', 'Leeds', 'Baker'")).toEqual({ [header]: tag, first_name: "given_name" });
  expect(await suggested("17, 4, 17")).toEqual({ first_name: "given_name" });
});

test("febrl's headers have a blank in front", async () => {
  const found = await suggest(
    "rec_id, given_name, surname, soc_sec_id\nrec-1-org, lachlan, berry, 7364009\nrec-1-dup-0, lachlan, bery, 7364009\nrec-2-org, talia, mason, 1551941\n",
  );
  expect(found.map(({ column, tag }) => [column.trim(), tag])).toEqual([
    ["rec_id", "customer_key"],
    ["given_name", "given_name"],
    ["surname", "surname"],
    ["soc_sec_id", "national_id"],
  ]);
});

describe("birth dates in several columns", () => {
  test.each([
    ["birth_year,birth_month,birth_day"],
    ["by,bm,bd"],
    ["dob_year,dob_month,dob_day"],
    ["year_of_birth,month_of_birth,day_of_birth"],
    ["YOB,MOB,DAYOB"],
    ["birthYear,birthMonth,birthday"],
    ["Geburtsjahr,Geburtsmonat,Geburtstag"],
    ["annee_naissance,mois_naissance,jour_naissance"],
    ["Année de naissance,Mois de naissance,Jour de naissance"],
    ["anio_nacimiento,mes_nacimiento,dia_nacimiento"],
    ["anno_di_nascita,mese_di_nascita,giorno_di_nascita"],
    ["geboortejaar,geboortemaand,geboortedag"],
    ["patient_birth_year,patient_birth_month,patient_birth_day"],
    ["byear,bmonth,bday"],
    ["year,month,day"],
  ])("%s", async (columns) => {
    const rows = [
      "Anna,Berg,1950,3,12",
      "Otto,Klein,1881,12,31",
      "Emma,Vogel,1999,7,5",
      "Paul,Roth,2001,1,28",
    ];
    const found = byColumn(await suggest([`first,last,${columns}`, ...rows].join("\n")));
    const [year, month, day] = columns.split(",") as [string, string, string];
    expect(found).toEqual({
      first: "given_name",
      last: "surname",
      [year]: "birth_year",
      [month]: "birth_month",
      [day]: "birth_day",
    });
  });

  test("a year alone is one; a month alone, or year, month and day of something else are none", async () => {
    expect(byColumn(await suggest("name,yob\nAnna Berg,1950\nOtto Klein,61\n"))).toEqual({
      name: "full_name",
      yob: "birth_year",
    });
    expect(byColumn(await suggest("name,birth_month\nAnna Berg,3\nOtto Klein,12\n"))).toEqual({
      name: "full_name",
    });
    expect(
      byColumn(await suggest("name,year,month,day\nAnna Berg,2024,3,4\nOtto Klein,2025,12,1\n")),
    ).toEqual({
      name: "full_name",
    });
    expect(
      byColumn(await suggest("name,by,born\nAnna Berg,1980,1980-01-02\nOtto Klein,1950,1950-02-03\n")),
    ).toEqual({
      name: "full_name",
      born: "birthdate",
    });
    expect(byColumn(await suggest("name,mother_birth_year\nAnna Berg,1980\nOtto Klein,1950\n"))).toEqual({
      name: "full_name",
    });
  });
});

test.each([
  ["1560-03-12", "1799-01-30", "1901-07-07"],
  ["1560", "1799", "1901"],
  ["1799-00-00", "1811-05-00", "1850-02-03"],
  ["+1560-03-12T00:00:00Z", "+1799-01-30T00:00:00Z", "+1901-07-07T00:00:00Z"],
  ["c. 1560", "abt. 1799", "1901"],
  ["May 1850", "3 Mar 1799", "1560"],
])("birth dates of historical persons: %s, %s", async (...dates) => {
  const names = ["Anna Berg", "Otto Klein", "Emma Vogel"];
  const rows = dates.map((date, i) => `${names[i]},${date}`);
  expect(byColumn(await suggest(["name,birth_date", ...rows].join("\n")))).toEqual({
    name: "full_name",
    birth_date: "birthdate",
  });
});

test("a key that is another source's is found by its values, whatever the column's name says", async () => {
  await session.run("CREATE OR REPLACE TEMP TABLE shop AS SELECT 'S' || i AS id FROM range(100) t(i)");
  await session.run(
    "CREATE OR REPLACE TEMP TABLE loyalty AS SELECT 'L' || i AS card_no FROM range(100) t(i)",
  );
  const otherSources = [
    { name: "web_shop", relation: "shop", keyColumn: "id" },
    { name: "loyalty", relation: "loyalty", keyColumn: "card_no" },
  ];
  const found = await suggest(
    "order_id,customer_id,loyalty_card,total,order_date\nO1,S1,L7,10.5,2025-01-01\nO2,S1,,3.0,2025-01-02\nO3,S9,L8,4.0,2025-01-03\n",
    { sourceName: "orders", otherSources },
  );
  expect(byColumn(found)).toMatchObject({
    customer_id: "foreign_key:web_shop",
    loyalty_card: "foreign_key:loyalty",
    order_id: "transaction_key",
  });
});

test("keys that count from 1 are in every source: without a name that tells, none is guessed", async () => {
  await session.run("CREATE OR REPLACE TEMP TABLE a AS SELECT i AS id FROM range(100) t(i)");
  const otherSources = ["shop_one", "shop_two"].map((name) => ({ name, relation: "a", keyColumn: "id" }));
  const csv = (column: string): string =>
    `order_id,${column},total,order_date\n1,5,1.0,2025-01-01\n2,5,2.0,2025-01-02\n3,6,3.0,2025-01-03\n`;
  expect(
    byColumn(await suggest(csv("customer_id"), { sourceName: "orders", otherSources }))["customer_id"],
  ).toBe("foreign_key:orders.customer");
  expect(
    byColumn(await suggest(csv("shop_two_id"), { sourceName: "orders", otherSources }))["shop_two_id"],
  ).toBe("foreign_key:shop_two");
});

test("a table without rows is read by its names, with less confidence; a column that is always empty has no tag", async () => {
  const [email] = await suggest("email,foo\n");
  expect(email).toMatchObject({ tag: "email", confidence: 0.6 });
  expect(byColumn(await suggest("email,phone\nann@example.com,\nbob@example.com,\n"))).toEqual({
    email: "email",
  });
});

test("suggestions do not depend on the order of rows, and say why", async () => {
  const { csv } = labelledTables[0]!;
  const [header, ...rows] = csv.split("\n");
  const backwards = [header, ...rows.reverse()].join("\n");
  const found = await suggest(csv);
  expect(await suggest(backwards)).toEqual(found);
  for (const { confidence, reason } of found) {
    expect(confidence).toBeGreaterThanOrEqual(0.5);
    expect(confidence).toBeLessThan(1);
    expect(reason.length).toBeGreaterThan(20);
  }
});
