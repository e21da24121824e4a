import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import type { Tag } from "../source/index.ts";
import { withoutPlaceholder } from "./placeholder.ts";

let engine: Engine;
let session: Session;

beforeAll(async () => {
  engine = await openEngine({ spillFolder: tmpdir(), memoryLimit: "300MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
});

async function kept(tag: Tag, texts: readonly string[]): Promise<string[]> {
  const values = texts.map((text, i) => `(${i}, ${literal(text)})`).join(", ");
  const rows = await session.rows<{ v: string }>(
    `SELECT ${tag} AS v FROM (VALUES ${values}) t(i, ${tag}) WHERE (${withoutPlaceholder(tag, [tag])}) IS NOT NULL ORDER BY i`,
  );
  return rows.map(({ v }) => v);
}

describe("placeholders", () => {
  test.each([
    [
      "surname",
      [
        "n/a",
        "N/A",
        "unknown",
        "-",
        "...",
        "?",
        "xxx",
        "null",
        "NULL",
        "na",
        "none",
        "TEST",
        "Last Name",
        "000",
      ],
    ],
    [
      "email",
      [
        "noreply@x.org",
        "test@test.com",
        "None@none.com",
        "no-email@x.org",
        "na@na.com",
        "ann@",
        "ann",
        "@x.org",
        "n/a",
        "xxx@xxx.xx",
      ],
    ],
    [
      "phone",
      ["0000000000", "+99 999 9999", "111-1111", "1234567", "(123) 456-7890", "+1 23", "unknown", "none"],
    ],
    ["birthdate", ["1900-01-01", "unknown", "1980-13-32", "0"]],
    ["city", ["na", "Null", "NONE", "n.a.", "99999", "00000", "x", "tbd", "\\N"]],
    ["state", ["na", "N/A"]],
  ] as const)("%s", async (tag, texts) => {
    expect(await kept(tag, texts)).toEqual([]);
  });
});

describe("values that only look like one", () => {
  test.each([
    ["surname", ["Null", "Na", "Nil", "Li", "O", "Xu", "Testa", "Ng", "王"]],
    ["email", ["ann@x.org", "test.user@x.org", "nora@no.com", "x.y+z@sub.example.org"]],
    ["phone", ["+49 171 2345678", "030 1234", "555-0100", "11111112"]],
    ["birthdate", ["1980-12-25", "2001-01-01"]],
    ["state", ["NA"]],
    ["postal", ["22222", "44444", "10000", "0150", "SW1A 1AA"]],
  ] as const)("%s", async (tag, texts) => {
    expect(await kept(tag, texts)).toEqual(texts);
  });
});
