import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../identity/index.ts";
import { baseline } from "./baseline.ts";
import { contacts, truth } from "./contacts.ts";
import { type DemoForTest, demoForTest } from "./demo-for-test.ts";
import { measureDemo } from "./measure.ts";

let demo: DemoForTest;

beforeAll(async () => {
  demo = await demoForTest({ people: 3000, seed: 11 });
});
afterAll(() => demo.remove());

/** A relation of records, written out. */
function records(
  rows: readonly (readonly [id: string, email: string | null, phone: string | null])[],
): string {
  const text = (value: string | null): string => (value === null ? "NULL" : `'${value}'`);
  return `(SELECT 's' AS source, * FROM (VALUES ${rows.map((row) => `(${row.map(text).join(",")})`).join(",")})
    AS t (record_id, email, phone))`;
}

async function groups(rows: Parameters<typeof records>[0]): Promise<string[]> {
  const table = await baseline(demo.session, records(rows));
  const found = await demo.session.rows<{ ids: string }>(
    `SELECT string_agg(record_id, '' ORDER BY record_id) AS ids FROM ${table} GROUP BY profile_id ORDER BY 1`,
  );
  return found.map(({ ids }) => ids);
}

describe("the plain match", () => {
  it("joins over several steps what has an e-mail or a phone in common, however written", async () => {
    expect(
      await groups([
        ["a", " Ann@X.example", null],
        ["b", "ann@x.example ", "+1 (312) 567-4821"],
        ["c", null, "312.567.4821"],
        ["d", "d@x.example", "3125674821"],
        ["e", "other@x.example", "3125674822"],
        ["f", null, null],
        ["g", null, null],
      ]),
    ).toEqual(["abcd", "e", "f", "g"]);
  });

  it("takes no junk for an address or a number", async () => {
    expect(
      await groups([
        ["a", "N/A", "000-000-0000"],
        ["b", "N/A", "000-000-0000"],
        ["c", "", "5555555555"],
        ["d", "", "5555555555"],
      ]),
    ).toEqual(["a", "b", "c", "d"]);
    const crowd = Array.from({ length: 21 }, (_, i) => [`r${i}`, "test@test.com", null] as const);
    expect((await groups(crowd)).length).toBe(21);
  });

  it("is far from the truth of the demo, and not as far as a straw man", async () => {
    const table = await baseline(demo.session, contacts(demo.folder));
    const plain = await evaluate(demo.session, table, truth(demo.folder));
    expect(plain.f1).toBeLessThanOrEqual(0.75);
    expect(plain.f1).toBeGreaterThan(0.6);
  });
});

describe("measureDemo", () => {
  it("gives the truth full marks", async () => {
    const measure = await measureDemo(
      demo.session,
      demo.folder,
      `(SELECT source, record_id, person AS profile_id FROM ${truth(demo.folder)})`,
    );
    expect(measure).toMatchObject({ records: demo.summary.records, precision: 1, recall: 1, f1: 1 });
    expect(measure.people).toBe(3002); // two testers of the staff
    expect(measure.baseline_f1).toBeLessThanOrEqual(0.75);
  });

  it("counts what was left out as not found", async () => {
    const half = `(SELECT source, record_id, person AS profile_id FROM ${truth(demo.folder)} WHERE source <> 'orders')`;
    const measure = await measureDemo(demo.session, demo.folder, half);
    expect(measure.precision).toBe(1);
    expect(measure.records).toBe(demo.summary.records);
    expect(measure.recall).toBeLessThan(0.6);
  });

  it("refuses assignments of something else", async () => {
    const other = "(SELECT 'web_shop' AS source, 'nobody' AS record_id, 'p' AS profile_id)";
    await expect(measureDemo(demo.session, demo.folder, other)).rejects.toMatchObject({
      code: "demo.unknown_records",
      message: expect.stringContaining("1 of 1"),
    });
  });
});
