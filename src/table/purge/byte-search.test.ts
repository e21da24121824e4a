import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteSearch } from "./byte-search.ts";
import { needles } from "./needles.ts";

test("finds what a search for one after the other finds", () => {
  const few = fc
    .uint8Array({ min: 0, max: 2, minLength: 4, maxLength: 7 })
    .map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(
      fc.array(few, { maxLength: 5 }),
      fc.uint8Array({ min: 0, max: 2, maxLength: 60 }),
      (wanted, bytes) => {
        const body = Buffer.from(bytes);
        expect(new ByteSearch(wanted).isIn(body)).toBe(wanted.some((needle) => body.includes(needle)));
      },
    ),
    { numRuns: 500 },
  );
});

test("a value is found however it was written, wherever it stands", () => {
  const wraps: readonly ((text: string) => string | Buffer)[] = [
    (text) => JSON.stringify({ stats: JSON.stringify({ minValues: { name: text } }) }),
    (text) => Buffer.from(text, "utf16le"),
    (text) => `p=${encodeURIComponent(text)}/f.parquet`,
    (text) => Buffer.from(text).toString("hex"),
    (text) => Buffer.from(`{"k":"${text}"}`).toString("base64"),
    (text) => Buffer.from(`a${text}b`).toString("base64"),
    (text) => Buffer.from(`ab${text}`).toString("base64"),
  ];
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 6, maxLength: 20 }).filter((text) => !/^[-+.\d]+/.test(text)),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(...wraps),
      (value, around, wrap) => {
        const search = new ByteSearch(needles([value]));
        const body = Buffer.concat([Buffer.from(around), Buffer.from(wrap(value)), Buffer.from(around)]);
        expect(search.isIn(body)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
