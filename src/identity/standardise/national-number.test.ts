import { type CountryCode, getCountries } from "libphonenumber-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../../bench/identity/random.ts";
import type { Session } from "../../engine/index.ts";
import { textColumn } from "../literal-column.ts";
import { readNational } from "./national-number.ts";
import { numberingPlan } from "./numbering-plan.ts";
import { e164 } from "./phone.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";

let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-phone-", {});
  ({ session } = bench);
});
afterAll(async () => {
  await bench.close();
});

/** Figures as people dial them in a country: with and without its trunk prefix, its calling code, other beginnings. */
function figures(country: CountryCode, random: Random): string[] {
  const { callingCode, lengths } = numberingPlan(country);
  const beginnings = [
    "",
    "",
    "0",
    "1",
    "8",
    "00",
    "06",
    "011",
    callingCode,
    `${callingCode}0`,
    `${callingCode}1`,
  ];
  return Array.from({ length: 150 }, () => {
    const length = random.chance(0.7) ? random.pick(lengths) : random.between(4, 13);
    const number = Array.from({ length }, () => random.below(10)).join("");
    return (random.pick(beginnings) + number).slice(0, 15);
  }).filter((text) => text.length >= 7);
}

describe("national numbers", () => {
  test("what the rules say is what libphonenumber says, in every country, and they say nearly all", async () => {
    const differing: string[] = [];
    const random = new Random(5);
    let read = 0;
    let left = 0;
    for (const country of getCountries()) {
      await session.run(`CREATE OR REPLACE TEMP TABLE dialled AS
        SELECT 0 AS i, '${country}' AS country, ${textColumn(figures(country, random))} AS dialled`);
      const rows = await session.rows<{ dialled: string; phone: string | null }>(
        readNational("dialled", country),
      );
      for (const { dialled, phone } of rows) {
        if (phone === null) left++;
        else if (phone !== e164(dialled, country))
          differing.push(`${country} ${dialled}: ${phone}, not ${e164(dialled, country)}`);
        read++;
      }
    }
    expect(differing).toEqual([]);
    expect(read).toBeGreaterThan(20_000);
    expect(left / read).toBeLessThan(0.25);
  });
});
