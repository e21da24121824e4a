import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOf } from "./paging.ts";

const self = (name: string): string => name;

test("the pages together are the list, whatever their size", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 7 }), (names, size) => {
      const sorted = [...names].sort();
      const seen: string[] = [];
      let token: string | undefined;
      do {
        const page = pageOf(sorted, self, String(size), token);
        expect(page.items.length).toBeLessThanOrEqual(size);
        seen.push(...page.items);
        token = page.nextPageToken;
      } while (token !== undefined);
      expect(seen).toEqual(sorted);
    }),
  );
});

test("what is added or removed between two pages moves nothing else", () => {
  const first = pageOf(["b", "d", "f"], self, "2", undefined);
  expect(first.items).toEqual(["b", "d"]);
  expect(pageOf(["a", "b", "e", "f"], self, "2", first.nextPageToken).items).toEqual(["e", "f"]);
});

test("a page of size 0 holds nothing and leads on", () => {
  const page = pageOf(["a"], self, "0", undefined);
  expect(page.items).toEqual([]);
  expect(pageOf(["a"], self, undefined, page.nextPageToken).items).toEqual(["a"]);
});

test("a page holds no more than 1000, however many are asked for", () => {
  const many = Array.from({ length: 1500 }, (_, i) => String(i).padStart(5, "0"));
  expect(pageOf(many, self, "2147483647", undefined).items).toHaveLength(1000);
});

test.each([
  ["-1", undefined],
  ["ten", undefined],
  ["1e3", undefined],
  ["", undefined],
  ["99999999999", undefined],
  [undefined, "bm90IG91cnM"],
  [undefined, "!"],
  [undefined, "A".repeat(10_000)],
])("size %s and token %s are refused", (size, token) => {
  expect(() => pageOf(["a"], self, size, token)).toThrow(
    expect.objectContaining({ code: "bridge.bad_parameter" }),
  );
});
