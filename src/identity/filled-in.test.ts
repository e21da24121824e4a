import { afterAll, beforeAll, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../test/workbench.ts";
import { literal } from "../engine/index.ts";
import type { Tag } from "../source/index.ts";
import { filledIn } from "./filled-in.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-filled-in-");
});
afterAll(async () => {
  await bench.close();
});

type Written = Readonly<Partial<Record<Tag, string>>>;

/** What is left of one record's values. */
async function left(record: Written): Promise<(string | null)[]> {
  const tags = Object.keys(record) as Tag[];
  const values = tags.map((tag) => literal(record[tag]!));
  const [row] = await bench.session.rows<Record<string, string | null>>(
    `SELECT * FROM ${filledIn(
      `(VALUES (1, ${values.join(", ")})) t(id, ${tags.map((_, i) => `c${i}`).join(", ")})`,
      "id",
      tags.map((tag, i) => [`c${i}`, tag]),
    )}`,
  );
  return tags.map((_, i) => row![`value_${i}`]!);
}

test.each([
  "NULL",
  "null",
  "\\N",
  " N/A ",
  "n/a",
  "None",
  "none",
  "-",
  "--",
  "?",
  "unknown",
  "NaN",
  "#N/A",
  "  ",
])("%j is nothing, whatever the column", async (nothing) => {
  const tags = [
    "given_name",
    "middle_name",
    "surname",
    "full_name",
    "email",
    "city",
    "state",
    "postal",
    "national_id",
    "customer_key",
    "foreign_key:crm",
  ] as const;
  expect(await left(Object.fromEntries(tags.map((tag) => [tag, nothing])))).toEqual(tags.map(() => null));
});

test("NA is no value, except of places that are called so", async () => {
  expect(await left({ "foreign_key:crm": "NA", national_id: "na", city: "Na", postal: "NA" })).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(await left({ state: "NA", country: "NA" })).toEqual(["NA", "NA"]);
  expect(await left({ state: "na", country: "n/a" })).toEqual([null, null]);
});

test.each<[Written]>([
  [{ given_name: "Minji", surname: "Na" }],
  [{ given_name: "MINJI", surname: "NA" }],
  [{ given_name: "minji", surname: "na" }],
  [{ given_name: "민지", surname: "NA" }],
  [{ full_name: "KIM NA", surname: "NA" }],
  [{ given_name: "Nan", surname: "Goldin" }],
  [{ given_name: "NIL", surname: "YALTER" }],
  [{ given_name: "Christopher", surname: "Null" }],
  [{ given_name: "Na", surname: "Li" }],
  [{ given_name: "Nadja", surname: "Nanni" }],
])("a name is kept: %j", async (record) => {
  expect(await left(record)).toEqual(Object.values(record));
});

test.each<[Written, (string | null)[]]>([
  [{ given_name: "Minji", surname: "NA" }, ["Minji", null]],
  [{ given_name: "Minji", surname: "na" }, ["Minji", null]],
  [{ given_name: "NA", surname: "NA" }, [null, null]],
  [{ given_name: "NULL", surname: "NA" }, [null, null]],
  [{ given_name: "J.", surname: "NA" }, ["J.", null]],
  [{ given_name: "J", middle_name: "NA", surname: "SMITH" }, ["J", null, "SMITH"]],
  [{ surname: "NA" }, [null]],
  [{ full_name: "NA" }, [null]],
])("a placeholder beside names goes: %j", async (record, expected) => {
  expect(await left(record)).toEqual(expected);
});
