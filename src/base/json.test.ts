import { describe, expect, it } from "vitest";
import { JsonNumber, parseLossless, stringifyLossless } from "./json.ts";

describe("lossless JSON", () => {
  it("keeps every digit of what a double would round, there and back", () => {
    const text = '{"a":9223372036854775807,"b":99999999999999.9999999999,"c":[1,2.5,-0.1],"d":null}';
    const parsed = parseLossless(text) as { a: unknown; c: unknown };
    expect(parsed.a).toBeInstanceOf(JsonNumber);
    expect(parsed.c).toEqual([1, 2.5, -0.1]);
    expect(stringifyLossless(parsed)).toBe(text);
  });

  it("writes bigints as bare numbers, and bytes as base64", () => {
    expect(stringifyLossless({ n: 2n ** 70n, b: new Uint8Array([255, 0]) })).toBe(
      '{"n":1180591620717411303424,"b":"/wA="}',
    );
  });
});
