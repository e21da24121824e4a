import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Session, literal } from "../../engine/index.ts";
import { Dictionary } from "../node/dictionary.ts";
import { isPartOf, similarity, withinEdits } from "./distance.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";

let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-distance-");
  ({ session } = bench);
});
afterAll(async () => {
  await bench.close();
});

const few = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 9 });
const pairs = fc.array(fc.tuple(few, few), { minLength: 50, maxLength: 50 });

async function theirs(some: readonly (readonly [string, string])[]) {
  return await session.rows<{ x: string; y: string; swaps: number; plain: number; jw: number; wj: number }>(`
    SELECT x, y, damerau_levenshtein(x, y) AS swaps, levenshtein(x, y) AS plain, jaro_winkler_similarity(x, y) AS jw,
      jaro_winkler_similarity(y, x) AS wj
    FROM (VALUES ${some.map(([x, y]) => `(${literal(x)}, ${literal(y)})`).join(", ")}) v(x, y)`);
}

describe("says of two texts what the engine's functions say", () => {
  test("edits", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (some) => {
        const { dictionary, id } = dictionaryOf();
        for (const { x, y, swaps, plain } of await theirs(some)) {
          expect(withinEdits(dictionary, id(x), id(y), 1), `${x} ${y}`).toBe(swaps <= 1);
          // The engine may put letters between two that it swapped.
          const within2 = withinEdits(dictionary, id(x), id(y), 2);
          if (plain <= 2) expect(within2, `${x} ${y}`).toBe(true);
          if (swaps > 2) expect(within2, `${x} ${y}`).toBe(false);
          expect(withinEdits(dictionary, id(y), id(x), 2), `${x} ${y}`).toBe(within2);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("Jaro–Winkler", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (some) => {
        const { dictionary, id } = dictionaryOf();
        for (const { x, y, jw, wj } of await theirs(some)) {
          const found = similarity(dictionary, id(x), id(y));
          expect(Math.min(Math.abs(found - jw), Math.abs(found - wj)), `${x} ${y}`).toBeLessThan(1e-9);
          expect(similarity(dictionary, id(y), id(x)), `${x} ${y}`).toBe(found);
          for (const least of [0.5, 0.8, 0.9])
            expect(similarity(dictionary, id(x), id(y), least) >= least, `${x} ${y} ${least}`).toBe(
              found >= least,
            );
        }
      }),
      { numRuns: 20 },
    );
  });
});

test("a text is a part of another at its beginning or its end", () => {
  const { dictionary, id } = dictionaryOf();
  expect(isPartOf(dictionary, id("smith"), id("smithjones"))).toBe(true);
  expect(isPartOf(dictionary, id("jonessmith"), id("smith"))).toBe(true);
  expect(isPartOf(dictionary, id("esm"), id("jonesmith"))).toBe(false);
});

test("texts longer than any name are compared by their beginnings", () => {
  const { dictionary, id } = dictionaryOf();
  const long = "x".repeat(1_000_000);
  expect(similarity(dictionary, id(`${long}y`), id(long))).toBe(1);
  expect(withinEdits(dictionary, id(`${long}y`), id(long), 1)).toBe(true);
});

describe("a dictionary", () => {
  test("gives each text one number, and the text back", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { maxLength: 3000 }), (texts) => {
        const { dictionary, id } = dictionaryOf();
        const ids = texts.map(id);
        const well = (text: string): string => Buffer.from(text).toString();
        expect(dictionary.size).toBe(new Set(texts.map(well)).size);
        for (const [i, text] of texts.entries()) {
          expect(dictionary.text(ids[i]!)).toBe(well(text));
          expect(dictionary.findText(text)).toBe(ids[i]);
        }
        expect(dictionary.findText(`${texts.join("")}!`)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test("has one code for one text, also for its parts, whatever else it holds", () => {
    const [one, other] = [dictionaryOf(), dictionaryOf()];
    other.id("before");
    expect(one.dictionary.code(one.id("smith"))).toBe(other.dictionary.code(other.id("smith")));
    expect(one.dictionary.codeOf(one.id("smith"), 0, 3)).toBe(
      other.dictionary.codeOf(other.id("smiley"), 0, 3),
    );
    expect(one.dictionary.codeOf(one.id("5551234"), -4, 4)).toBe(
      other.dictionary.codeOf(other.id("1234"), -7, 7),
    );
  });
});

function dictionaryOf(): { dictionary: Dictionary; id: (text: string) => number } {
  const dictionary = new Dictionary();
  return {
    dictionary,
    id(text) {
      const bytes = Buffer.from(text);
      return dictionary.add(bytes, 0, bytes.length);
    },
  };
}
