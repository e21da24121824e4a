import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRange } from "./byte-range.ts";

test.each([
  ["bytes=0-3", "0123"],
  ["bytes=4-", "456789"],
  ["bytes=-3", "789"],
  ["bytes=-100", "0123456789"],
  ["bytes=8-100", "89"],
  ["bytes=9-9", "9"],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-4", "whole"],
  ["bytes=-", "whole"],
  ["bytes=0-1,4-5", "whole"],
  ["bytes=a-b", "whole"],
  ["lines=0-1", "whole"],
  ["bytes=0-99999999999999999999", "whole"],
  [undefined, "whole"],
])("%s of ten bytes", (header, expected) => {
  const asked = parseRange(header, 10);
  const shown =
    asked.kind === "part"
      ? "0123456789".slice(asked.range.offset, asked.range.offset + asked.range.length)
      : asked.kind;
  expect(shown).toBe(expected);
});

test("a part lies inside the object and is never empty", () => {
  const number = fc.oneof(fc.constant(""), fc.nat(30).map(String));
  fc.assert(
    fc.property(number, number, fc.nat(20), (first, last, sizeBytes) => {
      const asked = parseRange(`bytes=${first}-${last}`, sizeBytes);
      if (asked.kind !== "part") return;
      expect(asked.range.length).toBeGreaterThan(0);
      expect(asked.range.offset).toBeGreaterThanOrEqual(0);
      expect(asked.range.offset + asked.range.length).toBeLessThanOrEqual(sizeBytes);
    }),
  );
});
