import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMount } from "../catalog/index.ts";
import { parseConfig } from "../project/index.ts";
import { scan } from "../table/index.ts";
import { contacts, truth } from "./contacts.ts";
import { type DemoForTest, demoForTest, fileHashes } from "./demo-for-test.ts";
import { generateDemo } from "./generate.ts";
import { SYSTEMS } from "./rates.ts";

let demo: DemoForTest;

beforeAll(async () => {
  demo = await demoForTest({ people: 1500, seed: 7 });
});
afterAll(() => demo.remove());

describe("a generated demo", () => {
  it("is the same, byte for byte, for the same seed in another folder, and another for another seed", async () => {
    const [same, other] = [
      await demoForTest({ people: 1500, seed: 7 }),
      await demoForTest({ people: 1500, seed: 8 }),
    ];
    try {
      const expected = await fileHashes(demo.folder);
      expect(await fileHashes(same.folder)).toEqual(expected);
      const differing = Object.entries(await fileHashes(other.folder)).filter(
        ([path, hash]) => expected[path] !== hash,
      );
      expect(differing.map(([path]) => path)).toContain("truth.csv");
      expect(differing.length).toBeGreaterThan(20);
    } finally {
      await same.remove();
      await other.remove();
    }
  });

  it("has a truth for every well-formed record of every source, and for nothing else", async () => {
    const [row] = await demo.session.rows<Record<string, number>>(
      `SELECT count(*) AS records, count(DISTINCT (source, record_id)) AS different,
         count(*) FILTER (person IS NULL) AS without, count(*) FILTER (email IS NULL AND phone IS NULL AND found IS NULL) AS missing
       FROM (SELECT *, true AS found FROM ${contacts(demo.folder)}) FULL JOIN ${truth(demo.folder)} USING (source, record_id)`,
    );
    const { records } = demo.summary;
    expect(row).toEqual({ records, different: records, without: 0, missing: 0 });
    const bySource = await demo.session.rows<{ source: string; n: number }>(
      `SELECT source, count(*) AS n FROM ${truth(demo.folder)} GROUP BY 1`,
    );
    expect(Object.fromEntries(bySource.map(({ source, n }) => [source, n]))).toEqual(
      demo.summary.recordsBySource,
    );
  });

  it("has every person in it, in 1 to 5 sources, with the records that life leaves", async () => {
    const people = await demo.session.rows<{ sources: number; n: number }>(
      `SELECT sources, count(*) AS n FROM (SELECT person, count(DISTINCT source) AS sources FROM ${truth(demo.folder)}
       WHERE person LIKE 'P%' GROUP BY 1) GROUP BY 1 ORDER BY 1`,
    );
    expect(people.map(({ sources }) => sources)).toEqual([1, 2, 3, 4, 5]);
    expect(people.reduce((sum, { n }) => sum + n, 0)).toBe(1500);
    expect(demo.summary.records).toBeGreaterThan(3 * 1500);
    expect(demo.summary.records).toBeLessThan(4.5 * 1500);
  });

  it("has as many malformed lines as it says, and a reader that skips them misses nothing else", async () => {
    let lines = 0;
    for (const system of ["web_shop", "email_tool", "support_desk"]) {
      const folder = join(demo.folder, "drops", system);
      for (const name of await readdir(folder)) {
        const text = await readFile(join(folder, name), "utf8");
        lines += text.split("\n").filter((line) => line !== "").length - (name.endsWith(".csv") ? 1 : 0);
      }
    }
    const { web_shop, email_tool, support_desk } = demo.summary.recordsBySource;
    expect(lines).toBe(web_shop + email_tool + support_desk + demo.summary.malformedLines);
    expect(demo.summary.malformedLines).toBeGreaterThan(20);
  });

  it("has a foreign Delta table that can be mounted, with no key of OneCopy in its log", async () => {
    const snapshot = await openMount({ delta: "pos/loyalty_members" }, demo.folder);
    const [row] = await demo.session.rows<{ n: number; numbers: number; days: number }>(
      `SELECT count(*) AS n, count(DISTINCT member_no) AS numbers, count(*) FILTER (enrolled_on <= DATE '2026-10-31') AS days
       FROM ${await scan(demo.session, snapshot)}`,
    );
    const { loyalty } = demo.summary.recordsBySource;
    expect(row).toEqual({ n: loyalty, numbers: loyalty, days: loyalty });
    expect(snapshot.version).toBe(1);
    const log = join(demo.folder, "pos/loyalty_members/_delta_log");
    for (const name of await readdir(log))
      expect((await readFile(join(log, name), "utf8")).toLowerCase()).not.toContain("onecopy");
  });

  it("has a configuration that OneCopy accepts, with all five systems as sources", async () => {
    const file = join(demo.folder, "onecopy.yaml");
    const config = parseConfig(await readFile(file, "utf8"), file);
    expect(Object.keys(config.sources)).toEqual([...SYSTEMS]);
  });

  it("keeps the truth out of what sources read, and leaves no temporary file", async () => {
    expect((await readdir(demo.folder)).sort()).toEqual([
      ".onecopy",
      "demo.json",
      "drops",
      "onecopy.yaml",
      "pos",
      "truth.csv",
    ]);
    const files = Object.keys(await fileHashes(demo.folder));
    expect(files.filter((path) => path.includes("truth"))).toEqual(["truth.csv"]);
    expect(
      files.filter(
        (path) => !/\.(csv|jsonl|parquet|yaml)$|^demo\.json$|_delta_log\/\d{20}\.json$/.test(path),
      ),
    ).toEqual([]);
  });
});

describe("generateDemo", () => {
  it("writes into an empty folder only, and says what to do", async () => {
    const folder = await mkdtemp(join(tmpdir(), "onecopy-demo-"));
    try {
      await writeFile(join(folder, "mine.txt"), "not to be lost");
      await expect(generateDemo({ folder, people: 10 })).rejects.toMatchObject({
        code: "demo.folder_not_empty",
        message: expect.stringContaining("mine.txt"),
        remedy: expect.stringContaining("another folder"),
      });
      expect(await readdir(folder)).toEqual(["mine.txt"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    [{ people: 0 }, "demo.people_invalid"],
    [{ people: 1.5 }, "demo.people_invalid"],
    [{ people: 1e9 }, "demo.people_invalid"],
    [{ seed: -1 }, "demo.seed_invalid"],
    [{ lastDay: "2026-02-30" }, "demo.last_day_invalid"],
    [{ lastDay: "yesterday" }, "demo.last_day_invalid"],
  ])("refuses %o before it makes anything", async (options, code) => {
    const parent = await mkdtemp(join(tmpdir(), "onecopy-demo-"));
    try {
      await expect(generateDemo({ folder: join(parent, "demo"), ...options })).rejects.toMatchObject({
        code,
      });
      expect(await readdir(parent)).toEqual([]);
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  it("makes a demo of one person", async () => {
    const one = await demoForTest({ people: 1, seed: 3 });
    try {
      const [row] = await one.session.rows(
        `SELECT count(DISTINCT person) AS n FROM ${truth(one.folder)} WHERE person LIKE 'P%'`,
      );
      expect(row).toEqual({ n: 1 });
    } finally {
      await one.remove();
    }
  });

  it("ends on the day that it is told to", async () => {
    const later = await demoForTest({ people: 300, seed: 3, lastDay: "2031-03-15" });
    try {
      const [row] = await later.session.rows<{ first: string; last: string }>(
        `SELECT min(placed_at) AS first, max(placed_at) AS last FROM read_parquet('${later.folder}/drops/orders/*.parquet')`,
      );
      expect(row!.last <= "2031-03-15T23:59:59Z").toBe(true);
      expect(row!.last > "2031-03").toBe(true);
      expect(row!.first >= "2027-03-15").toBe(true);
    } finally {
      await later.remove();
    }
  });
});
