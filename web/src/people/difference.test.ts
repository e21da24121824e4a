import { expect, test } from "vitest";
import { tagRows } from "./difference.ts";

const record = (recordId: string, values: Record<string, unknown>) => ({ source: "shop", recordId, values });
const kinds = (values: readonly unknown[], tag = "surname") =>
  tagRows(values.map((value, index) => record(String(index), { [tag]: value })))[0]?.cells.map(
    (cell) => cell.kind,
  );

test("what most records say is the reference", () => {
  expect(kinds(["Smith", "Smith", "Smyth"])).toEqual(["agrees", "agrees", "differs"]);
});

test("letters' case, spaces and the way a character is composed are no difference", () => {
  expect(kinds(["José  Ñu", "josé ñu", "JOSE\u0301 N\u0303U "])).toEqual(["agrees", "agrees", "agrees"]);
});

test("where no value has a majority, all of them differ", () => {
  expect(kinds(["Smith", "Smyth"])).toEqual(["differs", "differs"]);
});

test("a missing value neither agrees nor differs", () => {
  expect(kinds(["Smith", null, "", undefined])).toEqual(["agrees", "none", "none", "none"]);
});

test("a phone's punctuation and country are no difference, a digit is", () => {
  expect(kinds(["(217) 555-0148", "+12175550148", "+12175550149"], "phone")).toEqual([
    "agrees",
    "agrees",
    "differs",
  ]);
});

test("keys and times are each record's own", () => {
  for (const tag of ["customer_key", "foreign_key_web_shop", "foreign_key:web_shop", "created_time"]) {
    expect(kinds(["1", "2"], tag)).toEqual(["agrees", "agrees"]);
  }
});

test("the punctuation of an e-mail address is a difference", () => {
  expect(kinds(["a.b@example.org", "ab@example.org"], "email")).toEqual(["differs", "differs"]);
});

test("rows come in reading order; a tag without any value has none", () => {
  const rows = tagRows([
    record("1", {
      customer_key: "7",
      zodiac: "lion",
      email: "a@example.org",
      given_name: "Ada",
      phone: null,
    }),
    record("2", { surname: "Byron" }),
  ]);
  expect(rows.map((row) => row.tag)).toEqual(["given_name", "surname", "email", "zodiac", "customer_key"]);
  expect(rows.every((row) => row.cells.length === 2)).toBe(true);
});
