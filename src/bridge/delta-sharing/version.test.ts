import fc from "fast-check";
import { expect, test } from "vitest";
import { OneCopyError } from "../../base/index.ts";
import type { VersionHead } from "../../table/index.ts";
import { refusalOf } from "../error.ts";
import { type History, firstVersionSince, parseTimestamp, versionAt, versionRange } from "./version.ts";

/** Versions made at these times, of which the log has lost those before `oldest`. */
function history(times: readonly number[], oldest: number): History {
  return {
    head: async (version = times.length - 1) => {
      const timestampMs = times[version];
      if (timestampMs !== undefined && version >= oldest) return { version, timestampMs } as VersionHead;
      throw new OneCopyError("table.version_not_found", "gone");
    },
  };
}

/** -1 for the refusal, as the array's own search has it. */
function noVersion(error: unknown): number {
  if (refusalOf(error) === "bad_parameter") return -1;
  throw error;
}

const histories = fc.array(fc.nat(30), { minLength: 1, maxLength: 40 }).chain((times) =>
  fc.record({
    times: fc.constant([...times].sort((a, b) => a - b)),
    oldest: fc.nat(times.length - 1),
    moment: fc.integer({ min: -1, max: 31 }),
  }),
);

test("at a moment: the newest version that is not younger, of those that are left", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ times, oldest, moment }) => {
      const expected = times.findLastIndex((time, version) => version >= oldest && time <= moment);
      expect(await versionAt(history(times, oldest), moment).catch(noVersion)).toBe(expected);
    }),
  );
});

test("since a moment: the oldest version that is not older, of those that are left", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ times, oldest, moment }) => {
      const expected = times.findIndex((time, version) => version >= oldest && time >= moment);
      expect(await firstVersionSince(history(times, oldest), moment).catch(noVersion)).toBe(expected);
    }),
  );
});

test("a range, by versions or moments, ends with the newest version at the latest", async () => {
  const table = history([10, 20, 20, 30], 0);
  const range = (start: object, end?: object) =>
    versionRange(table, { start, end } as Parameters<typeof versionRange>[1]);
  expect(await range({ version: 1 })).toEqual({ from: 1, to: 3 });
  expect(await range({ version: 1 }, { version: 99 })).toEqual({ from: 1, to: 3 });
  expect(await range({ timestampMs: 11 }, { timestampMs: 29 })).toEqual({ from: 1, to: 2 });
  for (const [start, end] of [
    [{ version: 4 }, undefined],
    [{ version: 4 }, { version: 9 }],
    [{ version: 2 }, { version: 1 }],
    [{ timestampMs: 31 }, undefined],
    [{ version: 0 }, { timestampMs: 9 }],
  ] as const)
    await expect(range(start, end)).rejects.toMatchObject({ code: "bridge.bad_parameter" });
});

test.each([
  ["2022-01-01T00:00:00Z", 1640995200000],
  ["2022-01-01T00:00:00.5Z", 1640995200500],
  ["2022-01-01T00:00:00.123456Z", 1640995200123],
  ["2022-01-01T00:00:00+00:00", 1640995200000],
])("the timestamp %s", (text, expected) => {
  expect(parseTimestamp(text)).toBe(expected);
});

test.each([
  "2022-01-01",
  "2022-01-01T00:00:00",
  "2022-13-01T00:00:00Z",
  "2022-01-01T00:00:00+02:00",
  "now",
  "1",
])("%s is no timestamp", (text) => {
  expect(() => parseTimestamp(text)).toThrow("ISO 8601");
});
