import { expect, test } from "vitest";
import {
  formatAge,
  formatAttribute,
  formatBytes,
  formatCell,
  formatCountOf,
  formatPercent,
  formatShare,
  formatWeight,
} from "./format.ts";

test("counts have thousands separators and the right number", () => {
  expect(formatCountOf(1, "record")).toBe("1 record");
  expect(formatCountOf(1_234_567, "record")).toBe("1,234,567 records");
});

test("an F1 is cut, never rounded up to 1", () => {
  expect(formatShare(0.9999)).toBe("0.999");
  expect(formatShare(0.9)).toBe("0.900");
  expect(formatShare(0.29)).toBe("0.290");
  expect(formatShare(1)).toBe("1.000");
});

test("a percentage is neither rounded to nothing nor to all", () => {
  expect([0, 0.000_001, 0.000_011, 0.166_666, 0.975_2, 0.9999, 0.999_999, 1].map(formatPercent)).toEqual([
    "0 %",
    "< 0.001 %",
    "0.0011 %",
    "16.7 %",
    "97.5 %",
    "99.99 %",
    "99.99 %",
    "100 %",
  ]);
});

test("weights carry a true minus sign, and zero none", () => {
  expect([7.25, -3, 0.01].map(formatWeight)).toEqual(["+7.3", "−3.0", "0.0"]);
});

test("bytes step up before they would read as 1,000", () => {
  expect([0, 999, 1000, 999_499, 999_500, 23_004_001, 5e15].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "999 kB",
    "1 MB",
    "23 MB",
    "5 PB",
  ]);
});

test("an age is told in its own unit; a clock that is ahead says now", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  expect(formatAge("2026-11-22T11:56:40Z", now)).toBe("3 minutes ago");
  expect(formatAge("2026-11-20T12:00:00Z", now)).toBe("2 days ago");
  expect(formatAge("2026-11-22T12:00:09Z", now)).toBe("now");
  expect(formatAge("yesterday", now)).toBe("yesterday");
});

test("attributes: separators, a decimal's own digits; keys stay as they are", () => {
  expect(formatAttribute(12_345.678)).toBe("12,345.68");
  expect(formatAttribute("1204.50")).toBe("1,204.50");
  expect(formatAttribute("2026-11-02T10:00:00Z")).toBe("2026-11-02 10:00:00");
  expect(formatAttribute("0012345")).toBe("0012345");
  expect(formatAttribute(null)).toBeUndefined();
});

test("times lose their fraction, midnight its time; what only looks like a time stays", () => {
  expect(formatCell("2026-11-02T10:20:30.123456Z")).toBe("2026-11-02 10:20:30");
  expect(formatCell("2026-11-02T00:00:00Z")).toBe("2026-11-02");
  expect(formatCell("2026-11-02T00:00:00Z!")).toBe("2026-11-02T00:00:00Z!");
});

test("a cell without a value is told from one with", () => {
  expect([null, undefined, "", 0, false, ["a", 1]].map(formatCell)).toEqual([
    undefined,
    undefined,
    undefined,
    "0",
    "no",
    '["a",1]',
  ]);
});
