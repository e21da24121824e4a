import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onecopy, warmCommand } from "./command.ts";

let folder: string;
const warm = warmCommand();
const run = (...args: string[]): ReturnType<typeof onecopy> => onecopy(["--project", folder, ...args]);
/** Of commands that write nothing to the lake. */
const read = (...args: string[]): ReturnType<typeof onecopy> => warm.run(["--project", folder, ...args]);
const json = async <T>(...args: string[]): Promise<T> =>
  JSON.parse((await read(...args, "--json")).stdout) as T;

/** Forty customers; every second one wrote to the desk too, under a nickname or with a typing error. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-identity-"));
  await mkdir(join(folder, "drops"));
  const given = ["Robert", "William", "Katherine", "Elizabeth", "Michael", "Margaret", "Richard", "Susan"];
  const short = ["Bob", "Bill", "Kate", "Liz", "Mike", "Peggy", "Dick", "Sue"];
  const person = (i: number): string =>
    `${String.fromCharCode(65 + (i % 26))}${["ashford", "elmonte", "ironwood", "ottoman", "umberland"][i % 5]}`;
  const born = (i: number): string =>
    `19${50 + i}-${String(1 + (i % 12)).padStart(2, "0")}-${String(1 + (i % 28)).padStart(2, "0")}`;
  const all = Array.from({ length: 40 }, (_, i) => i);
  await writeFile(
    join(folder, "drops", "shop.csv"),
    `customer_id,first_name,last_name,email,birth_date\n${all.map((i) => `c${i},${given[i % 8]},${person(i)},m${i * 17}@mail.test,${born(i)}\n`).join("")}`,
  );
  await writeFile(
    join(folder, "drops", "desk.csv"),
    `contact_id,first_name,last_name,email,birth_date\n${all
      .filter((i) => i % 2 === 0)
      .map(
        (i) => `d${i},${short[i % 8]},${person(i)},${i % 4 === 0 ? `m${i * 17}@mail.test` : ""},${born(i)}\n`,
      )
      .join("")}`,
  );
  await writeFile(
    join(folder, "onecopy.yaml"),
    "name: desk\nlake: ./lake\nsources:\n  shop: { files: drops/shop.csv }\n  desk: { files: drops/desk.csv }\n",
  );
  await run("apply", "-m", "first");
  const first = await run("run");
  expect(first, first.stderr).toMatchObject({ code: 0 });
});
afterAll(async () => {
  warm.end();
  await rm(folder, { recursive: true, force: true });
});

describe("onecopy identity", () => {
  it("explain shows the prior, each field with both values, and how rare they are", async () => {
    const { stdout } = await read("identity", "explain", "shop:c0", "desk:d0");
    expect(stdout).toMatch(/prior +any two records/);
    expect(stdout).toMatch(/given_name +nickname.* +Robert +Bob/);
    expect(stdout).toMatch(/rarity +how rare the values are that agree/);
    expect(stdout).toContain("They are one person.");
  });

  it("cluster shows a profile's records, its edges, its weakest link and what would split it", async () => {
    const { stdout, code } = await read("identity", "cluster", "desk:d0");
    expect(code).toBe(0);
    expect(stdout).toMatch(/desk:d0 +Bob/);
    expect(stdout).toContain("Weakest link: desk:d0 and shop:c0");
    expect(stdout).toContain("It would be two people without 1 edge, of weight");
    const found = await json<{ profileId: string }>("identity", "cluster", "desk:d0");
    expect(await json("identity", "cluster", found.profileId)).toEqual(found);
    expect(await read("identity", "cluster", "nobody")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no profile nobody"),
    });
  });

  it("evaluate measures against a file of people", async () => {
    const truth = join(folder, "truth.csv");
    const rows = Array.from(
      { length: 40 },
      (_, i) => `shop,c${i},p${i}\n${i % 2 === 0 ? `desk,d${i},p${i}\n` : ""}`,
    );
    await writeFile(truth, `source,id,person\n${rows.join("")}`);
    expect((await read("identity", "evaluate", "--truth", truth)).stdout).toMatch(
      /pairs: +precision 1.0000, recall 1.0000/,
    );
    const found = await json("identity", "evaluate", "--truth", truth);
    expect(found).toMatchObject({ people: { records: 60, bCubed: { f1: 1 } }, pairs: null });
    expect(await read("identity", "evaluate", "--truth", "identity.assignments")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("source, id and person"),
    });
    expect(await read("identity", "evaluate", "--truth", "nothing.csv")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("neither a file nor a table"),
    });
  });

  it("review writes pairs whose answers evaluate reads", async () => {
    const out = join(folder, "pairs.csv");
    expect((await read("identity", "review", "--count", "5", "--out", out)).stdout).toContain("5 pairs");
    const text = await readFile(out, "utf8");
    await writeFile(out, text.replaceAll("\r\n,", "\r\nyes,"));
    expect(await json("identity", "evaluate", "--truth", out)).toMatchObject({
      people: null,
      pairs: { pairs: 5 },
    });
    expect((await read("identity", "review")).stdout).toMatch(/probability 0\.\d+.*two profiles|one profile/);
  });

  it("report says how the people came about, as tables, as JSON, and as a page that stands alone", async () => {
    const html = join(folder, "people.html");
    const { stdout, code } = await read("identity", "report", "--html", html);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^60 records, 40 profiles\. All health figures pass\./);
    const page = await readFile(html, "utf8");
    expect(page).toContain("People of desk");
    expect(page).not.toMatch(/<script|(?:src|href)=/i);
    const text = (await read("identity", "report")).stdout;
    for (const part of [
      "Health",
      "Jitter",
      "Field weights",
      "threshold",
      "Bands",
      "link",
      "blocking",
      "largest",
    ])
      expect(text).toContain(part);
    expect(await json("identity", "report")).toMatchObject({
      records: 60,
      profiles: 40,
      sizes: [
        { records: 1, profiles: 20 },
        { records: 2, profiles: 20 },
      ],
    });
  });

  it("cluster names what was decided by hand, where no pair holds the records together", async () => {
    expect(await run("identity", "link", "shop:c1", "shop:c3")).toMatchObject({ code: 0 });
    expect(await run("run", "--accept-identity-changes")).toMatchObject({ code: 0 });
    const { stdout } = await read("identity", "cluster", "shop:c1");
    expect(stdout).toContain("No weighed pair holds all of it together: a decision by hand");
    expect(stdout).toContain("By hand: shop:c1 and shop:c3 are one person");
  });
});

describe("onecopy resolve", () => {
  it("resolves more records than one thread does alone", async () => {
    const file = join(folder, "many.csv");
    const out = join(folder, "ids.csv");
    const letters = (i: number): string =>
      Array.from({ length: 6 }, (_, at) =>
        String.fromCharCode(97 + (Math.floor(i / 7 ** at) % 7) * 3 + (at % 3)),
      ).join("");
    const rows = Array.from(
      { length: 55_000 },
      (_, i) => `${i},${letters(i % 9001)},${letters(i)},m${i}@mail.test\n`,
    );
    await writeFile(
      file,
      `id,first_name,last_name,email\n${rows.join("")}55000,${letters(0)},${letters(0)},m0@mail.test\n55001,X,${letters(0)},m0@mail.test\n`,
    );
    expect(await onecopy(["resolve", file, "--out", out])).toMatchObject({ code: 0, stderr: "" });
    const ids = new Map(
      (await readFile(out, "utf8"))
        .trim()
        .split("\n")
        .map((line) => [line.split(",")[1]!, line.split(",")[2]!] as const),
    );
    expect(ids.size).toBe(55_003);
    expect(ids.get("55000")).toBe(ids.get("0"));
    expect(ids.get("1")).not.toBe(ids.get("0"));
  });
});
