import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { onecopy, warmCommand } from "./command.ts";
import { smallShop } from "./small-shop.ts";

const BIN = fileURLToPath(new URL("../../bin/onecopy", import.meta.url));

let folder: string;
const warm = warmCommand();
const run = (...args: string[]): ReturnType<typeof onecopy> => onecopy(["--project", folder, ...args]);
/** Of commands that write nothing. */
const read = (...args: string[]): ReturnType<typeof onecopy> => warm.run(["--project", folder, ...args]);
const json = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await read(...args, "--json")).stdout);

beforeAll(async () => {
  folder = await smallShop();
  expect(await run("apply", "-m", "first")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("revision 1"),
  });
  const first = await run("run");
  expect(first, first.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("1 malformed row; see raw.shop_rejects"),
  });
});
afterAll(async () => {
  warm.end();
  await rm(folder, { recursive: true, force: true });
});

describe("onecopy run", () => {
  it("makes people of records: the same woman of two sources is one", async () => {
    expect(
      await json("query", "select records, sources from unified.customer_360 order by records desc"),
    ).toEqual([
      { records: 2, sources: 2 },
      { records: 1, sources: 1 },
      { records: 1, sources: 1 },
      { records: 1, sources: 1 },
    ]);
  });

  it("does nothing a second time, and says so", async () => {
    const before = await versions();
    expect(await run("run")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing to do: all \d+ are up to date/),
    });
    expect(await versions()).toEqual(before);
  });

  it("takes a new file, touches nothing of the others, and sends only the difference", async () => {
    const sent = await readdir(join(folder, "out"));
    await writeFile(
      join(folder, "drops", "more.jsonl"),
      `${JSON.stringify({ id: "s3", firstName: "Ada", lastName: "Lovejoy", email: "ada@lovejoy.test", subscribedAt: "2025-05-06T06:07:08Z" })}\n`,
    );
    const status = await read("status");
    expect(status.stdout).toContain("newsletter: 1 file is new or changed");
    const before = await versions();
    expect(await run("run")).toMatchObject({ code: 0 });
    const after = await versions();
    expect(after["raw.shop"]).toBe(before["raw.shop"]);
    expect(after["raw.newsletter"]).toBeGreaterThan(before["raw.newsletter"]!);
    const fresh = (await readdir(join(folder, "out"))).filter((name) => !sent.includes(name));
    expect(fresh).toHaveLength(1);
    const lines = (await readFile(join(folder, "out", fresh[0]!), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({ operation: "added", surname: "Lovejoy", email: "ada@lovejoy.test" }),
    ]);
  });

  it("asks before it moves many people, with its own exit code, and says what to do", async () => {
    const drop = join(folder, "drops", "more.jsonl");
    const before = await readFile(drop, "utf8");
    // Ada turns out to be Otis.
    await writeFile(
      drop,
      `${JSON.stringify({ id: "s3", firstName: "Otis", lastName: "Grimaldi", email: "otis@grimaldi-canary.test", subscribedAt: "2025-05-06T06:07:08Z" })}\n`,
    );
    const asked = await run("run");
    expect(asked).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/1 of the 6 records .*\(16.7%\).*onecopy run --accept-identity-changes/),
    });
    expect(await json("query", "select count(distinct profile_id) n from identity.assignments")).toEqual([
      { n: 5 },
    ]);
    const accepted = await run("run", "--accept-identity-changes");
    expect(accepted).toMatchObject({ code: 0, stdout: expect.stringContaining("(jitter 16.7%)") });
    expect((await read("status")).stdout).toContain("1 of the 6 records");
    expect((await read("status")).stdout).toMatch(
      /^The identity model: version 1, trained at \d{4}-.*Z: there was none\.$/m,
    );
    expect(await json("status")).toMatchObject({
      lastResolution: { moved: 1, of: 6 },
      identityModel: { version: 1, why: "there was none" },
    });
    await writeFile(drop, before);
    expect(await run("run", "--accept-identity-changes")).toMatchObject({ code: 0 });
  });

  it("brings only what depends on it up to date when a rule changes", async () => {
    const before = await versions();
    const file = join(folder, "onecopy.yaml");
    const config = await readFile(file, "utf8");
    await writeFile(file, config.replace("columns: [surname, email]", "columns: [surname, email, city]"));
    expect((await read("status")).stdout).toContain("onecopy.yaml differs from revision 1");
    expect(await run("apply", "-m", "The city too")).toMatchObject({
      stdout: expect.stringContaining("revision 2"),
    });
    expect(await run("run")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 brought up to date"),
    });
    const after = await versions();
    expect(
      Object.keys(after)
        .filter((name) => after[name] !== before[name])
        .sort(),
    ).toEqual(["_system.deliveries", "_system.runs"]);
  });

  it("goes on without a branch that fails, says which, and ends with 3", async () => {
    const file = join(folder, "onecopy.yaml");
    const config = await readFile(file, "utf8");
    await writeFile(file, config.replace("sources:\n", "sources:\n  pos: { delta: ./not-there }\n"));
    await run("apply");
    const failed = await run("run");
    expect(failed).toMatchObject({ code: 3 });
    expect(failed.stdout).not.toContain("Nothing to do");
    expect(failed.stdout).toMatch(/✗ pos: .*not-there/);
    expect(failed.stdout).toContain("People stay as they are, since pos failed");
    await writeFile(file, config);
    await run("apply");
    expect(await run("run")).toMatchObject({ code: 0 });
  });
});

describe("onecopy query", () => {
  it("reads tables by name, as table, csv and json", async () => {
    const sql = "select surname from unified.customer_360 where surname like 'Vander%'";
    expect((await run("query", sql)).stdout).toBe("surname\n───────────\nVandersloot\n\n1 row\n");
    expect((await read("query", sql, "--format", "csv")).stdout).toBe("surname\nVandersloot\n");
    expect(JSON.parse((await read("query", sql, "--format", "json")).stdout)).toEqual([
      { surname: "Vandersloot" },
    ]);
  });

  it("writes JSON that is JSON, whatever the numbers and names are", async () => {
    const sql = `select 'nan'::double as x, 1 as x, ['-inf'::float, 1.5] as list, {'q': 'inf'::double} as s, 'NaN\\", NaN "' as text`;
    expect(await json("query", sql)).toEqual([
      { x: "nan", x_1: 1, list: ["-inf", 1.5], s: { q: "inf" }, text: 'NaN\\", NaN "' },
    ]);
    expect((await read("query", "select 1 as a, 2 as a", "--format", "csv")).stdout).toBe("a,a_1\n1,2\n");
    expect(await json("query", "select 1 as a where false")).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves no copy behind when %s ends it",
    async (signal) => {
      const spill = join(folder, ".onecopy", "spill");
      const slow = "select a.range, b.range from range(10000000) a, range(1000000) b";
      const child = spawn(process.execPath, [BIN, "--project", folder, "query", slow, "--format", "csv"]);
      const ended = once(child, "close");
      await vi.waitFor(async () => expect(await sizeOf(spill)).toBeGreaterThan(0), { timeout: 60_000 });
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(await readdir(spill)).toEqual([]);
    },
  );

  it.each([
    ["another file", "select * from read_csv('/etc/passwd')"],
    ["a file by its name alone", "select * from '/etc/passwd'"],
    ["the state", "select * from read_text('STATE')"],
    ["a way out by ..", "select * from read_text('LAKE/../onecopy.yaml')"],
    ["a link that leads out", "select * from read_text('LAKE/link')"],
    ["a write", "copy (select 1) to 'LAKE/x.csv'"],
    ["a write inside an explanation", "explain analyze copy (select 1) to 'LAKE/x.csv'"],
    ["a second statement", "select 1; select 2"],
    ["a setting", "set enable_external_access = true"],
    ["an attachment", "attach 'LAKE/x.db'"],
    ["nothing", " "],
  ])("refuses %s", async (_what, sql) => {
    await symlink(join(folder, "onecopy.yaml"), join(folder, "lake", "link")).catch(() => undefined);
    const text = sql
      .replace("STATE", join(folder, "state", "revisions", "0000000001.json"))
      .replaceAll("LAKE", join(folder, "lake"));
    const refused = await read("query", text);
    await rm(join(folder, "lake", "link"), { force: true });
    expect(refused.stdout).toBe("");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: /) });
    expect(await readdir(join(folder, "lake"))).not.toContain("x.csv");
  });
});

describe("the other commands", () => {
  it("history names author, message and parent of every revision", async () => {
    const revisions = (await json("history")) as {
      number: number;
      parent: number;
      message: string;
      author: string;
    }[];
    expect(revisions.at(-1)).toMatchObject({
      number: 1,
      parent: 0,
      message: "first",
      author: expect.stringMatching(/./),
    });
    expect(revisions.map(({ parent, number }) => number - parent)).toEqual(revisions.map(() => 1));
  });

  it("segment count and show agree with a query", async () => {
    const [{ n }] = (await json("query", "select count(*) n from unified.customer_360")) as [{ n: number }];
    expect(await json("segment", "count", "everybody")).toMatchObject({ people: n });
    expect(await json("segment", "show", "everybody", "--limit", "2")).toHaveLength(2);
    expect(await run("segment", "count", "everyboddy")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("the segments are everybody"),
    });
    expect(await read("segment", "count", "constructor")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is no segment constructor"),
    });
  });

  it("recipient profile leaves no token behind that nobody holds", async () => {
    const before = await json("recipient", "list");
    const out = join(folder, "nowhere", "x.share");
    expect(await run("recipient", "profile", "bi_team", "--out", out)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("could not be written"),
    });
    expect(await json("recipient", "list")).toEqual(before);
  });

  it("recipient link makes a link that opens once, and ends with bridge revoke", async () => {
    const made = (await json("recipient", "link", "bi_team", "--endpoint", "https://lake.example.com/")) as {
      url: string;
    };
    expect(made.url).toMatch(/^https:\/\/lake\.example\.com\/activate#onecopy_activation_[\w-]{43}$/);
    expect(await json("recipient", "list")).toContainEqual(
      expect.objectContaining({ principal: "bi_team", kind: "activation link" }),
    );
    expect(await json("bridge", "who-can", "unified.customer_360")).toContainEqual(
      expect.objectContaining({ who: "bi_team", links: 1 }),
    );
    expect(await json("bridge", "revoke", "bi_team")).toMatchObject({ links: 1 });
    expect(await run("recipient", "link", "bi_team", "--link-hours", "0")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("at most 720"),
    });
  });

  it("bridge who-can tells by which grant and with how many tokens; a rotation and bridge revoke change it", async () => {
    const who = async () =>
      ((await json("bridge", "who-can", "unified.customer_360")) as { who: string; tokens: number }[]).find(
        (one) => one.who === "bi_team",
      );
    expect(await who()).toMatchObject({ may: "read", by: "share analytics", addresses: [], tokens: 0 });
    await run("recipient", "profile", "bi_team", "--out", join(folder, "first.share"));
    const second = join(folder, "second.share");
    const rotated = await json(
      ...["recipient", "profile", "bi_team", "--out", second, "--oauth", "--others-end-after", "0.5"],
    );
    expect(rotated).toMatchObject({ recipient: "bi_team", rotated: 1 });
    expect(JSON.parse(await readFile(second, "utf8"))).toMatchObject({ clientId: "bi_team" });
    expect(await who()).toMatchObject({ tokens: 2 });
    expect(await json("bridge", "revoke", "bi_team")).toMatchObject({ recipient: "bi_team", revoked: 2 });
    expect(await who()).toMatchObject({ tokens: 0, tokensEndAt: null });
    expect(await json("bridge", "who-can", "unified.nothing")).not.toContainEqual(
      expect.objectContaining({ who: "bi_team" }),
    );
  });

  it("identity explain adds the weights up", async () => {
    const found = (await json("identity", "explain", "shop:c1", "newsletter:s1")) as {
      weight: number;
      sameProfile: boolean;
      evidence: { weight: number; comparison: string }[];
    };
    expect(found.sameProfile).toBe(true);
    expect(found.evidence.reduce((sum, e) => sum + e.weight, 0)).toBeCloseTo(found.weight, 1);
    expect(found.evidence.map((e) => e.comparison)).toContain("email");
    expect(await read("identity", "explain", "shop:c1", "shop:nobody")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nobody"),
    });
  });

  it("a steward's link is listed with who, when and why, holds after the next run, and is not asked about", async () => {
    const linked = await run("identity", "link", "shop:c2", "newsletter:s2", "-m", "a call", "--by", "ada");
    expect(linked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("one person from the next run on"),
    });
    expect((await read("identity", "links")).stdout).toMatch(
      /link +newsletter:s2 +shop:c2 +ada +20\S+ +a call/,
    );
    expect((await read("status")).stdout).toContain("people: identity.links is new");
    expect(await run("run")).toMatchObject({ code: 0 });
    const together =
      "select count(distinct profile_id) n from identity.assignments where record_id in ('c2', 's2')";
    expect(await json("query", together)).toEqual([{ n: 1 }]);
    expect((await read("identity", "explain", "newsletter:s2", "shop:c2")).stdout).toMatch(
      /They are one person\.\nThey were linked by hand, by ada at 20\S+: a call\. That wins/,
    );
    expect(await run("identity", "forget", "newsletter:s2", "shop:c2")).toMatchObject({ code: 0 });
    expect(await run("identity", "forget", "newsletter:s2", "shop:c2")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Nothing is decided of"),
    });
    expect(await run("run")).toMatchObject({ code: 0 });
    expect(await json("query", together)).toEqual([{ n: 2 }]);
    expect(await json("identity", "links", "--all")).toMatchObject([
      { kind: "forget" },
      { kind: "link", made_by: "ada" },
    ]);
  });

  it("audit finds every copy, with its bytes, and no other place", async () => {
    const { answers, copies } = (await json("audit")) as {
      answers: { answer: string }[];
      copies: { kind: string; what: string; sizeBytes: number; location: string }[];
    };
    expect(answers).toHaveLength(3);
    const lakeBytes = await sizeOf(join(folder, "lake"));
    expect(copies.filter((copy) => copy.kind === "lake").reduce((sum, copy) => sum + copy.sizeBytes, 0)).toBe(
      lakeBytes,
    );
    expect(copies.find((copy) => copy.kind === "destination")).toMatchObject({
      sizeBytes: await sizeOf(join(folder, "out")),
    });
    expect(copies.find((copy) => copy.kind === "rules")).toMatchObject({
      sizeBytes: await sizeOf(join(folder, "state")),
    });
    expect(copies.find((copy) => copy.kind === "temporary")).toMatchObject({ sizeBytes: 0 });
    await appendFile(join(folder, "lake", "stray.bin"), "12345");
    const again = (await json("audit")) as { copies: typeof copies };
    expect(again.copies.find((copy) => copy.what.includes("no table"))).toMatchObject({ sizeBytes: 5 });
    await rm(join(folder, "lake", "stray.bin"));
  });

  it("every command says how it is used, with an example", async () => {
    const help = (await warm.run(["--help"])).stdout;
    const names = [...help.split("Commands:")[1]!.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
      .map((match) => match[1]!)
      .filter((name) => name !== "help");
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const own = (await warm.run([name, "--help"])).stdout;
      const inner = own.includes("Commands:")
        ? [...own.split("Commands:")[1]!.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
            .map((match) => match[1]!)
            .filter((sub) => sub !== "help")
        : [];
      const pages =
        inner.length === 0
          ? [own]
          : await Promise.all(inner.map(async (sub) => (await warm.run([name, sub, "--help"])).stdout));
      for (const page of pages) {
        expect(page).toContain("Example:");
        expect(page).toContain("--json");
      }
    }
  });

  it("a wrong configuration ends with 2 and names file, line and what is allowed; as JSON too", async () => {
    const file = join(folder, "onecopy.yaml");
    const config = await readFile(file, "utf8");
    await writeFile(file, config.replace("lake: ./lake", "lakee: ./lake"));
    const text = await run("apply");
    expect(text).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/onecopy\.yaml:2:1: lakee: unknown key; allowed here: .*lake/),
    });
    const asJson = await run("apply", "--json");
    expect(JSON.parse(asJson.stderr)).toMatchObject({
      code: "project.config_invalid",
      remedy: expect.stringContaining("onecopy schema"),
    });
    await writeFile(file, config);
  });

  it("a folder without a project, and one that was not applied, say what to do", async () => {
    expect(await onecopy(["--project", join(folder, "drops"), "run"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--project"),
    });
    const other = await smallShop();
    expect(await onecopy(["run"], { cwd: other })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("onecopy apply"),
    });
    await rm(other, { recursive: true, force: true });
  });

  it("an unknown command or option ends with 2", async () => {
    expect(await onecopy(["fly"])).toMatchObject({ code: 2 });
    expect(await run("run", "--fast")).toMatchObject({ code: 2 });
    expect(await run("run", "--as-of", "2025-02-30")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("YYYY-MM-DD"),
    });
  });
});

async function versions(): Promise<Record<string, number>> {
  const { tables } = (await json("status")) as { tables: { name: string; version: number }[] };
  return Object.fromEntries(tables.map(({ name, version }) => [name, version]));
}

async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((e) => e.isFile()).map(async (e) => (await readFile(join(e.parentPath, e.name))).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
