import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Session, literal } from "../../engine/index.ts";
import { resolve } from "../resolve.ts";
import { resolveHouseholds } from "./households.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";

let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-households-", { threads: 2 });
  ({ session } = bench);
});
afterAll(async () => {
  await bench.close();
});

const tags = {
  given: "given_name",
  family: "surname",
  born: "birthdate",
  email: "email",
  phone: "phone",
  street: "address",
  zip: "postal",
} as const;
type Maybe = string | undefined;
type Person = readonly [
  id: string,
  given: string,
  family: string,
  home?: Maybe,
  email?: Maybe,
  phone?: Maybe,
];

/** Resolves people of one record each, with birth dates of their own, and their households, as the run after the last one does. */
async function households(people: readonly Person[], goesOn = false): Promise<ReadonlyMap<string, string>> {
  const rows = people.map(([id, given, family, home, email, phone]) => {
    const [street, zip] = home?.split(", ") ?? [];
    const day = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 20_000, 7);
    const born = new Date(Date.UTC(1945, 0, day)).toISOString().slice(0, 10);
    return `(${[id, given, family, born, email, phone, street, zip].map((value) => literal(value ?? null)).join(", ")})`;
  });
  await session.run(`CREATE OR REPLACE TEMP TABLE people AS SELECT * FROM (VALUES ${rows.join(", ")})
    t(id, given, family, born, email, phone, street, zip)`);
  const kept = { assignments: "kept_assignments", retired: "kept_retired" };
  const keptHouseholds = { households: "kept_households", retiredHouseholds: "kept_retired_households" };
  await resolve(
    session,
    [{ source: "crm", relation: "people", idColumn: "id", tags }],
    goesOn ? { previous: kept } : {},
  );
  await resolveHouseholds(session, goesOn ? keptHouseholds : undefined, new Date("2026-01-02"));
  await session.run(`CREATE OR REPLACE TEMP TABLE kept_assignments AS FROM identity_assignments;
    CREATE OR REPLACE TEMP TABLE kept_retired AS FROM identity_retired;
    CREATE OR REPLACE TEMP TABLE kept_households AS FROM identity_households;
    CREATE OR REPLACE TEMP TABLE kept_retired_households AS FROM identity_retired_households`);
  const found = await session.rows<{ record_id: string; household_id: string }>(
    "SELECT record_id, household_id FROM kept_assignments JOIN kept_households USING (profile_id)",
  );
  return new Map(found.map((row) => [row.record_id, row.household_id]));
}

const elm = "12 Elm Street, 10001";
const oak = "9 Oak Avenue, 60601";
const couple: Person[] = [
  ["anna", "Anna", "Marlowe", elm],
  ["peter", "Peter", "Marlowe", elm],
];

describe("a household", () => {
  test("is one surname at one address, or a shared mailbox or phone; not a shared house alone", async () => {
    const found = await households([
      ...couple,
      ["lodger", "Wolfgang", "Kessler", elm],
      ["tom", "Tom", "Okafor", oak, "family@okafor.test"],
      ["ines", "Ines", "Lindqvist", undefined, "family@okafor.test"],
      ["ruth", "Ruth", "Abadi", undefined, undefined, "+1 212 555 0142"],
      ["saul", "Saul", "Benitez", undefined, undefined, "+1 212 555 0142"],
      ["alone", "Otis", "Grimaldi", "3 Birch Lane, 73301"],
    ]);
    expect(found.get("anna")).toBe(found.get("peter"));
    expect(found.get("tom")).toBe(found.get("ines"));
    expect(found.get("ruth")).toBe(found.get("saul"));
    expect(new Set(found.values()).size).toBe(3);
    expect([...found.keys()].sort()).toEqual(["anna", "ines", "peter", "ruth", "saul", "tom"]);
  });

  test("is no company and no phone that somebody else has now", async () => {
    const office = Array.from({ length: 14 }, (_, i): Person => [
      `w${i}`,
      [
        "Amir",
        "Bella",
        "Carlos",
        "Dora",
        "Egon",
        "Fatima",
        "Gus",
        "Hanna",
        "Igor",
        "Jutta",
        "Kofi",
        "Lena",
        "Milo",
        "Nora",
      ][i]!,
      `Fam${String.fromCodePoint(97 + i)}son`,
      undefined,
      undefined,
      "+1 415 555 2671",
    ]);
    const found = await households([
      ...couple,
      ...office,
      ["before", "Ruth", "Abadi", elm, undefined, "+1 212 555 0142"],
      ["after", "Saul", "Benitez", oak, undefined, "+1 212 555 0142"],
    ]);
    expect([...found.keys()].sort()).toEqual(["anna", "peter"]);
  });

  test("keeps its id when people join it, and points on when it becomes one with another", async () => {
    const first = await households([
      ...couple,
      ["tom", "Tom", "Okafor", oak],
      ["mary", "Mary", "Okafor", oak],
    ]);
    const grown: Person[] = [
      ...couple,
      ["ben", "Ben", "Marlowe", elm],
      ["tom", "Tom", "Okafor", oak],
      ["mary", "Mary", "Okafor", oak],
    ];
    const second = await households(grown, true);
    expect(second.get("ben")).toBe(first.get("anna"));
    expect(second.get("tom")).toBe(first.get("tom"));
    // Tom and Anna share a mailbox now.
    const joined = grown.map((person): Person => {
      const [id, given, family, home] = person;
      if (id === "tom") return [id, given, family, elm, "both@home.test"];
      return id === "anna"
        ? [id, given, family, home, "both@home.test"]
        : id === "mary"
          ? [id, given, family, elm]
          : person;
    });
    const third = await households(joined, true);
    expect(new Set(third.values())).toEqual(new Set([first.get("anna")]));
    expect(await session.rows("FROM kept_retired_households")).toEqual([
      { household_id: first.get("tom"), successor: first.get("anna") },
    ]);
    const apart = await households(grown, true);
    expect(apart.get("anna")).toBe(first.get("anna"));
    expect([first.get("tom"), first.get("anna")]).not.toContain(apart.get("tom"));
  });
});
