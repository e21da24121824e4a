import { existsSync } from "node:fs";
import { mkdtemp, mkdir, readFile, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fixedClock } from "../base/index.ts";
import { Catalog } from "../catalog/index.ts";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import type { Rule } from "../segment/index.ts";
import { openStore } from "../storage/index.ts";
import { propertyIdentifying } from "../table/index.ts";
import { type Delivery, LEDGER, SyncsConfig, type SyncDefinition, deliver, lastDeliveries } from "./index.ts";

const PEOPLE = "unified.customer_360";
let folder: string;
let engine: Engine;
let session: Session;
let catalog: Catalog;
/** Revision n is at n − 1. */
let revisions: (SyncDefinition | undefined)[];

beforeAll(async () => {
  engine = await openEngine({ spillFolder: tmpdir(), memoryLimit: "300MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-deliver-"));
  catalog = await Catalog.open(openStore(join(folder, "lake")));
  revisions = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const types = {
  profile_id: "VARCHAR",
  email: "VARCHAR",
  orders: "BIGINT",
  revenue: "DECIMAL(38,2)",
  score: "DOUBLE",
  last: "TIMESTAMP WITH TIME ZONE",
};

async function setPeople(values: string): Promise<void> {
  const schema = schemaOf(Object.entries(types).map(([name, type]) => ({ name, type })));
  const table =
    (await catalog.find(PEOPLE)) ??
    (await catalog.create(PEOPLE, { schema, properties: { [propertyIdentifying]: '["email"]' } }));
  const columns = Object.entries(types).map(([name, type], i) => `CAST(c${i} AS ${type}) AS ${name}`);
  const query = `SELECT ${columns.join(", ")} FROM (VALUES ${values}) t(${columns.map((_, i) => `c${i}`).join(", ")})`;
  expect((await table.write(session, { mode: "overwrite", query })).kind).toBe("committed");
}

function revise(
  change: { rule?: Rule; columns?: string[]; folder?: string; format?: "csv" | "jsonl" } = {},
): void {
  const { segment: _, ...sync } = SyncsConfig.parse({
    s: {
      segment: "s",
      columns: change.columns ?? ["email", "orders"],
      destination: { folder: change.folder ?? "out", format: change.format ?? "jsonl" },
    },
  })["s"]!;
  revisions.push({ rule: change.rule ?? { attribute: "orders", op: ">", value: 0 }, ...sync });
}

function run(
  options: { asOf?: string; at?: string; session?: Session; catalog?: Catalog } = {},
): Promise<Delivery[]> {
  return deliver({
    session: options.session ?? session,
    catalog: options.catalog ?? catalog,
    clock: fixedClock(new Date(options.at ?? "2026-11-22T10:00:00Z")),
    sync: "vip",
    revision: revisions.length,
    definitionAt: (revision) => Promise.resolve(revisions[revision - 1]),
    asOf: options.asOf ?? "2026-11-22",
    baseFolder: folder,
  });
}

async function linesOf(delivery: Delivery | undefined): Promise<Record<string, unknown>[]> {
  const text = await readFile(delivery!.file, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Takes back the newest commit of the ledger: the lake of a run that was killed just before it. */
async function forgetLastEntry(): Promise<void> {
  const log = join(folder, "lake", (await catalog.find(LEDGER))!.folder, "_delta_log");
  const commits = (await readdir(log)).filter((name) => /^\d+\.json$/.test(name)).sort();
  await unlink(join(log, commits.at(-1)!));
  catalog = await Catalog.open(openStore(join(folder, "lake")));
}

describe("what is sent", () => {
  test("everyone first, then only who came, changed or left, then nothing", async () => {
    revise();
    await setPeople(
      "('a','a@x.org',1,1,1,NULL), ('b','b@x.org',2,1,1,NULL), ('c','c@x.org',0,1,1,NULL), ('d','d@x.org',4,1,1,NULL)",
    );
    const [first] = await run();
    expect(first).toMatchObject({
      number: 1,
      mode: "everyone",
      added: 3,
      changed: 0,
      removed: 0,
      resumed: false,
    });
    expect(first!.file).toBe(join(folder, "out", "vip-20261122T100000Z-000001.jsonl"));
    expect((await linesOf(first)).map((line) => line["profile_id"])).toEqual(["a", "b", "d"]);
    expect(await run()).toEqual([]);

    // b changes in a column that is not delivered, too; c comes, d leaves, a stays as it is.
    await setPeople(
      "('a','a@x.org',1,9,9,NULL), ('b','new@x.org',2,9,1,NULL), ('c','c@x.org',1,1,1,NULL), ('d','d@x.org',0,1,1,NULL)",
    );
    const [second] = await run({ at: "2026-11-23T10:00:00Z" });
    expect(second).toMatchObject({ number: 2, mode: "difference", added: 1, changed: 1, removed: 1 });
    expect(await linesOf(second)).toEqual([
      { operation: "changed", profile_id: "b", email: "new@x.org", orders: 2 },
      { operation: "added", profile_id: "c", email: "c@x.org", orders: 1 },
      { operation: "removed", profile_id: "d", email: null, orders: null },
    ]);

    await setPeople("('a','a@x.org',1,0,0,NULL), ('b','new@x.org',2,0,0,NULL), ('c','c@x.org',1,0,0,NULL)");
    expect(await run()).toEqual([]);
    expect((await lastDeliveries(session, catalog)).get("vip")).toMatchObject({
      number: 2,
      added: 1,
      changed: 1,
      removed: 1,
    });
  });

  test("people who were merged: the retired id is removed, its successor changed", async () => {
    revise();
    await setPeople("('p1','a@x.org',1,1,1,NULL), ('p2','b@x.org',2,1,1,NULL)");
    await run();
    await setPeople("('p1','a@x.org',3,1,1,NULL)");
    expect(await linesOf((await run())[0])).toEqual([
      { operation: "changed", profile_id: "p1", email: "a@x.org", orders: 3 },
      { operation: "removed", profile_id: "p2", email: null, orders: null },
    ]);
  });

  test("another rule, another column, another day: the difference to what was sent by the rule of then", async () => {
    const recent: Rule = { attribute: "last", op: "within_days", value: 7 };
    revise({ rule: recent, columns: ["orders"] });
    await setPeople(
      "('a','a@x.org',1,1,1,'2026-11-22 09:00:00+00'), ('b','b@x.org',NULL,1,1,'2026-11-17 09:00:00+00')",
    );
    expect(await run()).toMatchObject([{ added: 2 }]);
    expect(await run({ asOf: "2026-11-25" })).toMatchObject([{ added: 0, removed: 1 }]);

    // A destination that did not get a column gets it for everyone.
    revise({ rule: recent, columns: ["orders", "email"] });
    const [withEmail] = await run({ asOf: "2026-11-22" });
    expect(await linesOf(withEmail)).toEqual([
      { operation: "changed", profile_id: "a", orders: 1, email: "a@x.org" },
      { operation: "added", profile_id: "b", orders: null, email: "b@x.org" },
    ]);
    revise({ rule: { attribute: "orders", op: "is_null" }, columns: ["email"] });
    expect(await linesOf((await run())[0])).toEqual([{ operation: "removed", profile_id: "a", email: null }]);
  });

  test("a folder that got nothing yet gets everyone", async () => {
    revise();
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    await run();
    revise({ folder: "elsewhere" });
    expect(await run()).toMatchObject([{ number: 2, mode: "everyone", added: 1 }]);
    revise({ folder: "out" });
    await setPeople("('b','b@x.org',1,1,1,NULL)");
    expect(await run()).toMatchObject([{ number: 3, mode: "difference", added: 1, removed: 1 }]);
  });

  test("a version that sends the same takes the place of the one before, which may then be cleaned up", async () => {
    revise();
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    await run();
    const table = (await catalog.find(PEOPLE))!;
    const { files } = await table.snapshot();
    await setPeople("('a','a@x.org',1,2,2,NULL)");
    expect(await run({ at: "2026-11-24T10:00:00Z" })).toEqual([]);
    for (const file of files) await unlink(join(folder, "lake", table.folder, file.path));
    expect(await run({ at: "2026-11-29T10:00:00Z" })).toEqual([]);
    await setPeople("('a','a@x.org',5,2,2,NULL), ('b','b@x.org',1,2,2,NULL)");
    const [next] = await run({ at: "2026-11-30T10:00:00Z" });
    expect(next).toMatchObject({ mode: "difference", added: 1, changed: 1, removed: 0 });
    expect((await lastDeliveries(session, catalog)).get("vip")).toMatchObject({
      added: 1,
      mode: "difference",
    });
  });

  test("an empty segment is no delivery, but its last member's leaving is", async () => {
    revise();
    await setPeople("('a','a@x.org',0,1,1,NULL)");
    expect(await run()).toEqual([]);
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    expect(await run()).toMatchObject([{ number: 1, added: 1 }]);
    await setPeople("('a','a@x.org',0,1,1,NULL)");
    expect(await run()).toMatchObject([{ number: 2, removed: 1 }]);
  });
});

describe("when what was sent cannot be computed any more", () => {
  async function lose(how: () => Promise<void>): Promise<void> {
    revise();
    await setPeople("('a','a@x.org',1,1,1,NULL), ('b','b@x.org',1,1,1,NULL)");
    await run();
    await how();
  }

  test("everyone is sent again, as the whole segment", async () => {
    await lose(async () => {
      const table = (await catalog.find(PEOPLE))!;
      const { files } = await table.snapshot();
      await setPeople("('a','a@x.org',1,1,1,NULL), ('c','c@x.org',1,1,1,NULL)");
      for (const file of files) await unlink(join(folder, "lake", table.folder, file.path));
    });
    const [delivery] = await run();
    expect(delivery).toMatchObject({
      number: 2,
      mode: "anew",
      added: 2,
      removed: 0,
      why: expect.stringContaining("cleaned up"),
    });
    expect(delivery!.file).toMatch(/-000002-full\.jsonl$/);
    expect((await linesOf(delivery)).map((line) => line["operation"])).toEqual(["full", "full"]);
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    expect(await run()).toMatchObject([{ number: 3, mode: "difference", removed: 1 }]);
  });

  test("also when nobody is left: the destination must hear of it", async () => {
    await lose(async () => {
      await catalog.drop(PEOPLE);
      await setPeople("('a','a@x.org',0,1,1,NULL)");
    });
    const [delivery] = await run();
    expect(delivery).toMatchObject({
      mode: "anew",
      added: 0,
      why: expect.stringContaining("dropped and made again"),
    });
    expect(await linesOf(delivery)).toEqual([]);
  });

  test("a revision that is lost, or holds another rule under its number, is not taken for the old one", async () => {
    await lose(() => {
      revisions = [];
      revise({ rule: { attribute: "orders", op: ">=", value: 1 } });
      return Promise.resolve();
    });
    expect(await run()).toMatchObject([
      { mode: "anew", why: expect.stringContaining("revision 1 does not hold the rule") },
    ]);
  });

  test("a lost revision does no harm while the present one says the same", async () => {
    await lose(async () => {
      revisions = [undefined, revisions[0]];
      await setPeople("('a','a@x.org',1,1,1,NULL)");
    });
    expect(await run()).toMatchObject([{ mode: "difference", removed: 1 }]);
  });
});

describe("a run that was killed", () => {
  test.each(["before", "after"])(
    "%s its file was whole is finished with the same bytes, then the rest is sent",
    async (moment) => {
      revise();
      await setPeople("('a','a@x.org',1,1,1,NULL), ('b','b@x.org',2,1,1,NULL)");
      await run();
      await setPeople("('a','a@x.org',5,1,1,NULL), ('c','c@x.org',2,1,1,NULL)");
      const [killed] = await run();
      const bytes = await readFile(killed!.file, "utf8");
      await forgetLastEntry();
      if (moment === "before") await unlink(killed!.file);

      // Meanwhile data, rule, columns and format go on.
      await setPeople("('c','c@x.org',7,1,1,NULL)");
      revise({ rule: { attribute: "orders", op: ">", value: 1 }, columns: ["orders"], format: "csv" });
      const [resumed, next] = await run({ at: "2026-12-01T00:00:00Z" });
      expect(resumed).toMatchObject({
        number: 2,
        resumed: true,
        file: killed!.file,
        added: 1,
        changed: 1,
        removed: 1,
      });
      expect(await readFile(killed!.file, "utf8")).toBe(bytes);
      expect(next).toMatchObject({ number: 3, mode: "difference", changed: 1, removed: 1, added: 0 });
      expect(await readFile(next!.file, "utf8")).toBe(
        '"operation","profile_id",orders\n"removed","a",\n"changed","c",7\n',
      );
      expect(await run()).toEqual([]);
    },
  );

  test("whose inputs are gone meanwhile is followed by everyone anew", async () => {
    revise();
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    await run();
    await forgetLastEntry();
    await catalog.drop(PEOPLE);
    await setPeople("('b','b@x.org',1,1,1,NULL)");
    expect(await run()).toMatchObject([
      { number: 2, mode: "anew", added: 1, resumed: false, why: expect.stringContaining("was not finished") },
    ]);
    expect(await run()).toEqual([]);
  });

  test("does not hold up a sync whose folder was changed; the old folder is sent everyone when it comes back", async () => {
    revise();
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    await run();
    await setPeople("('b','b@x.org',1,1,1,NULL)");
    const [killed] = await run();
    await forgetLastEntry();
    await rm(join(folder, "out"), { recursive: true });
    await writeFile(join(folder, "out"), "in the way");
    await expect(run()).rejects.toMatchObject({ code: "activation.folder_not_writable" });
    revise({ folder: "other" });
    expect(await run()).toMatchObject([{ number: 3, mode: "everyone", added: 1 }]);
    await unlink(join(folder, "out"));
    revise({ folder: "out" });
    expect(await run()).toMatchObject([
      { number: 4, mode: "anew", added: 1, why: expect.stringContaining(`delivery ${killed!.number}`) },
    ]);
    expect(await run()).toEqual([]);
  });

  test("leaves no part of a file behind: the next one removes it, and nobody else's", async () => {
    revise();
    await mkdir(join(folder, "out"));
    const dead = `.vip-1.jsonl.${(await import("node:os")).hostname()}~4194301.0198aaaa-0000-7000-8000-000000000000.partial`;
    const other = ".vip-1.jsonl.another-host~1.0198aaaa-0000-7000-8000-000000000000.partial";
    for (const name of [dead, other]) await writeFile(join(folder, "out", name), "x");
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    await run();
    expect((await readdir(join(folder, "out"))).sort()).toEqual([other, "vip-20261122T100000Z-000001.jsonl"]);
  });
});

test("several runs at once send each change under one name, with one content", async () => {
  revise();
  await setPeople("('a','a@x.org',1,1,1,NULL), ('b','b@x.org',2,1,1,NULL)");
  for (const values of ["('a','a@x.org',1,1,1,NULL)", "('c','c@x.org',1,1,1,NULL)"]) {
    const runs = await Promise.all(
      [1, 2, 3].map(async () => {
        const own = await engine.session();
        try {
          return await run({ session: own, catalog: await Catalog.open(openStore(join(folder, "lake"))) });
        } finally {
          own.close();
        }
      }),
    );
    expect(new Set(runs.flat().map(({ number }) => number)).size).toBe(1);
    await setPeople(values);
  }
  expect(await run()).toMatchObject([{ number: 3, added: 1, removed: 1 }]);
  expect((await readdir(join(folder, "out"))).map((name) => name.slice(-12, -6))).toEqual([
    "000001",
    "000002",
    "000003",
  ]);
});

describe("files", () => {
  const difficult = `('a', 'say "hi", x\n=1+1', 9007199254740993, '12345678901234567890.10', 'nan', '2026-11-22 10:00:00.000001+02'),
    ('b', '', NULL, NULL, '0.1', NULL), ('c', NULL, -1, '-0.50', 'infinity', NULL), ('d', '+4930123', 0, '0', '1e300', NULL)`;
  const everyone: Rule = { attribute: "profile_id", op: "is_not_null" };
  const all = ["email", "orders", "revenue", "score", "last"];

  test("CSV: texts are quoted and never altered, null is not the empty text", async () => {
    revise({ rule: everyone, columns: all, format: "csv" });
    await setPeople(difficult);
    expect(await readFile((await run())[0]!.file, "utf8")).toBe(
      '"operation","profile_id","email",orders,revenue,score,last\n' +
        '"added","a","say ""hi"", x\n=1+1",9007199254740993,12345678901234567890.10,nan,2026-11-22T08:00:00.000001Z\n' +
        '"added","b","",,,0.1,\n' +
        '"added","c",,-1,-0.50,inf,\n' +
        '"added","d","+4930123",0,0.00,1e+300,\n',
    );
  });

  test("JSON lines: numbers with all their digits, NaN as text", async () => {
    revise({ rule: everyone, columns: all });
    await setPeople(difficult);
    expect(await readFile((await run())[0]!.file, "utf8")).toBe(
      '{"operation":"added","profile_id":"a","email":"say \\"hi\\", x\\n=1+1","orders":9007199254740993,"revenue":12345678901234567890.10,"score":"nan","last":"2026-11-22T08:00:00.000001Z"}\n' +
        '{"operation":"added","profile_id":"b","email":"","orders":null,"revenue":null,"score":0.1,"last":null}\n' +
        '{"operation":"added","profile_id":"c","email":null,"orders":-1,"revenue":-0.50,"score":"inf","last":null}\n' +
        '{"operation":"added","profile_id":"d","email":"+4930123","orders":0,"revenue":0.00,"score":1e300,"last":null}\n',
    );
  });
});

describe("refused", () => {
  test("a folder that cannot be written: nothing is noted down, and a corrected one works", async () => {
    await writeFile(join(folder, "file"), "");
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    revise({ folder: "file/out" });
    await expect(run()).rejects.toMatchObject({
      code: "activation.folder_not_writable",
      remedy: expect.stringContaining("destination.folder"),
    });
    revise({ folder: "deep/er" });
    expect(await run()).toMatchObject([{ number: 1, added: 1 }]);
    expect(existsSync(join(folder, "deep/er"))).toBe(true);
  });

  test("a column that is not there, with those that are; no table; no such sync", async () => {
    revise({ columns: ["mail"] });
    await expect(run()).rejects.toMatchObject({ code: "activation.no_population" });
    await setPeople("('a','a@x.org',1,1,1,NULL)");
    await expect(run()).rejects.toMatchObject({
      code: "activation.unknown_column",
      remedy: expect.stringContaining("email, orders"),
    });
    revisions.push(undefined);
    await expect(run()).rejects.toMatchObject({ code: "activation.not_defined" });
  });

  test("in the configuration: URLs, columns that are named twice or stand in every file", () => {
    const problem = (columns: string[], to = "out"): string | undefined =>
      SyncsConfig.safeParse({ s: { segment: "s", columns, destination: { folder: to } } }).error?.issues[0]
        ?.message;
    expect(problem(["email"])).toBeUndefined();
    expect(problem(["email"], "s3://bucket/x")).toMatch(/not a URL/);
    expect(problem(["email", "email"])).toMatch(/twice/);
    expect(problem(["profile_id"])).toMatch(/in every file/);
    expect(SyncsConfig.safeParse({ "../x": {} }).success).toBe(false);
  });
});
