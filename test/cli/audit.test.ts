import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { onecopy, serve } from "./command.ts";
import { smallShop } from "./small-shop.ts";

interface Copy {
  readonly what: string;
  readonly kind: string;
  readonly location: string;
  readonly insideLake: boolean;
  readonly files: number;
  readonly reason: string;
}

let folder: string;
const run = (...args: string[]): ReturnType<typeof onecopy> => onecopy(["--project", folder, ...args]);

async function succeed(...args: string[]): Promise<string> {
  const finished = await run(...args);
  expect(finished.code, `${args.join(" ")}: ${finished.stderr}`).toBe(0);
  return finished.stdout;
}

async function configure(change: (config: string) => string): Promise<void> {
  const file = join(folder, "onecopy.yaml");
  await writeFile(file, change(await readFile(file, "utf8")));
  await succeed("apply", "-m", "changed");
}

async function audit(): Promise<{ copies: Copy[]; answers: { answer: string; details: string[] }[] }> {
  return JSON.parse(await succeed("audit", "--json")) as Awaited<ReturnType<typeof audit>>;
}

beforeEach(async () => {
  folder = await realpath(await smallShop());
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("says that a mount, a drop or a destination can't be read, and goes on with the rest", async () => {
  await succeed("apply", "-m", "first");
  await succeed("run");
  await configure((config) =>
    config
      .replace("sources:\n", "sources:\n  till: { delta: ./gone/till }\n  far: { files: nowhere/*.csv }\n")
      .replace("folder: out,", "folder: onecopy.yaml,")
      .replace(
        "segments:\n",
        "segments:\n  odd: { description: Odd, rule: { attribute: no_such, op: '>=', value: 1 } }\n",
      ),
  );
  await writeFile(join(folder, "demo.json"), '{"mine": true}');

  const { copies, answers } = await audit();
  for (const what of ["source till (mount)", "source far (file drop)", "what sync everybody_out sent"]) {
    const rows = copies.filter((copy) => copy.what === what);
    expect(
      rows.some(({ files, reason }) => files === 0 && reason.includes("can't be read now")),
      what,
    ).toBe(true);
  }
  expect(answers[1]!.details.join("\n")).toContain(
    "till (mount): read in place, never copied; it can't be read now",
  );
  expect(await succeed("segment", "count", "everybody")).toContain("4");
  expect(await succeed("query", "select count(*) from raw.shop")).toContain("3");
  await succeed("tags");
  expect(await run("query", "select * from till")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no Delta table"),
  });

  const serving = await serve(folder);
  try {
    const answer = await fetch(`${serving.url}/api/overview`, {
      headers: { authorization: `Bearer ${serving.token}` },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({
          name: "till",
          records: 0,
          location: expect.stringContaining("can't be read"),
        }),
        expect.objectContaining({ name: "shop", records: 3 }),
      ]),
      segments: expect.arrayContaining([
        { name: "odd", people: 0, description: expect.stringMatching(/^Odd \(can't be counted: .*no_such/) },
        { name: "everybody", people: 4, description: "Everybody" },
      ]),
      demo: null,
    });
  } finally {
    await serving.stop();
  }
});

it("finds what was sent by syncs that are gone, and what earlier revisions spilled", async () => {
  await succeed("apply", "-m", "first");
  await succeed("run");
  await configure((config) => config.replace("folder: out,", "folder: other,"));
  await succeed("run");
  await configure((config) => `${config.replace(/syncs:\n.*\n/, "")}engine: { spill: ./elsewhere }\n`);
  await mkdir(join(folder, ".onecopy", "spill", "left"), { recursive: true });
  await writeFile(join(folder, ".onecopy", "spill", "left", "rows.tmp"), "left");

  const { copies, answers } = await audit();
  const former = { what: "what sync everybody_out sent", reason: "no sync sends there any more", files: 1 };
  expect(copies).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...former, location: join(folder, "out"), insideLake: false }),
      expect.objectContaining({ ...former, location: join(folder, "other"), insideLake: false }),
      expect.objectContaining({ kind: "temporary", location: join(folder, ".onecopy", "spill"), files: 1 }),
    ]),
  );
  expect(answers[1]!.answer).not.toMatch(/^No\./);
});

it("counts every file once, where folders are in the lake or in one another", async () => {
  await configure((config) =>
    config.replace("folder: out,", "folder: lake/out,").replace(
      "shares:\n",
      `  deeper: { segment: everybody, destination: { folder: lake/out/deeper }, columns: [surname] }
  all: { segment: everybody, destination: { folder: . }, columns: [surname] }
shares:
`,
    ),
  );
  await succeed("run");

  const { copies } = await audit();
  const sent = copies.filter(({ kind }) => kind === "destination");
  expect(sent.map(({ location, insideLake, files }) => ({ location, insideLake, files }))).toEqual([
    { location: join(folder, "lake", "out"), insideLake: true, files: 1 },
    { location: join(folder, "lake", "out", "deeper"), insideLake: true, files: 1 },
    // Its own file, and onecopy.yaml: the lake, the state and the drops have rows of their own.
    { location: folder, insideLake: false, files: 2 },
  ]);
  expect(copies.map(({ what }) => what)).not.toContain("objects that belong to no table");
});
