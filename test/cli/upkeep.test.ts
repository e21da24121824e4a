import { readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Catalog } from "../../src/catalog/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { onecopy } from "./command.ts";
import { smallShop } from "./small-shop.ts";

let folder: string;
const run = (...args: string[]): ReturnType<typeof onecopy> => onecopy(["--project", folder, ...args]);

beforeAll(async () => {
  folder = await smallShop();
  expect(await run("apply", "-m", "first")).toMatchObject({ code: 0 });
  expect(await run("run")).toMatchObject({ code: 0 });
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A commit on a table of the lake as another writer makes it: the newest version's number. */
async function foreignCommit(table: string, line: (metaData: Record<string, unknown>) => object) {
  const log = join(folder, "lake", table, "_delta_log");
  const versions = (await readdir(log)).filter((name) => /^\d{20}\.json$/.test(name));
  const first = await readFile(join(log, `${"0".repeat(20)}.json`), "utf8");
  const { metaData } = first
    .split("\n")
    .filter((text) => text.includes('"metaData"'))
    .map((text) => JSON.parse(text) as { metaData: Record<string, unknown> })[0]!;
  await writeFile(
    join(log, `${String(versions.length).padStart(20, "0")}.json`),
    `${JSON.stringify({ commitInfo: { timestamp: Date.now() } })}\n${JSON.stringify(line(metaData))}\n`,
  );
  return versions.length;
}

it("a run with nothing to do writes nothing, the tables' upkeep included", async () => {
  const files = async () => (await readdir(join(folder, "lake"), { recursive: true })).sort();
  const before = await files();
  const idle = await run("run", "--json");
  expect(JSON.parse(idle.stdout)).toMatchObject({ changed: false, failed: false });
  expect(await files()).toEqual(before);
}, 240_000);

it("a version that Iceberg cannot hold is named by run and status, and holds nothing else up", async () => {
  const catalog = await Catalog.open(openStore(join(folder, "lake")));
  await catalog.create("extra.events", { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
  const version = await foreignCommit("extra/events", (metaData) => {
    const schema = JSON.parse(String(metaData["schemaString"])) as { fields: object[] };
    schema.fields.push({ name: "took", type: "interval", nullable: true, metadata: {} });
    return { metaData: { ...metaData, schemaString: JSON.stringify(schema) } };
  });
  const alert = new RegExp(`! extra\\.events: .*version ${version}, which Iceberg cannot hold: .*interval`);
  expect(await run("status")).toMatchObject({ code: 0, stdout: expect.stringMatching(alert) });
  expect(await run("run")).toMatchObject({ code: 0, stdout: expect.stringMatching(alert) });

  await foreignCommit("extra/events", (metaData) => ({ metaData }));
  expect((await run("status")).stdout).toContain(`the next \`onecopy run\` brings them to ${version + 1}`);
  expect((await run("run")).stdout).toContain("1 brought up to date");
  expect((await run("status")).stdout).not.toContain("Iceberg readers");
}, 240_000);

it("a table's versions are listed, one comes back, and its small files become one", async () => {
  const log = JSON.parse((await run("table", "history", "raw.shop", "--json")).stdout) as {
    version: number;
    operation: string;
    filesAdded: number;
    isKept: boolean;
  }[];
  const [newest] = log;
  expect(log.at(-1)).toMatchObject({ version: 0, operation: "CREATE TABLE", isKept: true });
  expect(newest).toMatchObject({ operation: "WRITE", filesAdded: 1 });
  expect((await run("table", "history", "raw.shop", "--limit", "1")).stdout.trim().split("\n")).toHaveLength(
    3,
  );

  const restored = await run("table", "restore", "raw.shop", "--to", "0", "--json");
  expect(JSON.parse(restored.stdout)).toEqual({ table: "raw.shop", version: newest!.version + 1 });
  expect((await run("query", "select count(*) n from raw.shop", "--format", "csv")).stdout).toBe("n\n0\n");
  expect(await run("table", "restore", "raw.shop", "--to", String(newest!.version))).toMatchObject({
    code: 0,
    stdout: `raw.shop is what it was, as version ${newest!.version + 2}.\n`,
  });
  expect((await run("query", "select count(*) n from raw.shop", "--format", "csv")).stdout).toBe("n\n3\n");

  expect((await run("table", "compact", "raw.shop")).stdout).toContain("no small files");
  expect(JSON.parse((await run("table", "compact", "_system.runs", "--json")).stdout)).toMatchObject({
    isDone: true,
    filesAfter: 1,
  });
}, 240_000);

it("a dry run of vacuum names what would go and changes nothing; a purge leaves no byte", async () => {
  await writeFile(join(folder, "lake", "raw", "newsletter", "data", "left-over-0.parquet"), "x");
  const old = new Date(Date.now() - 8 * 86_400_000);
  await utimes(join(folder, "lake", "raw", "newsletter", "data", "left-over-0.parquet"), old, old);
  const dry = await run("table", "vacuum", "raw.newsletter", "--dry-run", "--json");
  expect(JSON.parse(dry.stdout)).toMatchObject({
    dryRun: true,
    objects: [{ key: "raw/newsletter/data/left-over-0.parquet", kind: "data", sizeBytes: 1 }],
  });
  await writeFile(join(folder, "lake", "raw", "newsletter", "notes.txt"), "mine");
  const { objects, copies } = JSON.parse((await run("audit", "--json")).stdout) as {
    objects: { table: string; kind: string; use: string; objects: number; sizeBytes: number }[];
    copies: { what: string; files: number; reason: string }[];
  };
  const own = objects.filter(({ table }) => table === "raw.newsletter");
  expect(own).toContainEqual({
    table: "raw.newsletter",
    kind: "data",
    use: "nobody",
    objects: 1,
    sizeBytes: 1,
  });
  expect(own).toContainEqual({
    table: "raw.newsletter",
    kind: "unknown",
    use: "unknown",
    objects: 1,
    sizeBytes: 4,
  });
  const there = await readdir(join(folder, "lake", "raw", "newsletter"), {
    recursive: true,
    withFileTypes: true,
  });
  expect(own.reduce((sum, one) => sum + one.objects, 0)).toBe(there.filter((one) => one.isFile()).length);
  expect(copies.find(({ what }) => what === "table raw.newsletter")!.reason).toContain("needed by nobody");
  expect((await run("table", "vacuum", "raw.newsletter")).stdout).toMatch(/^Deleted 1 object \(1 byte\)\./);
  expect((await run("table", "vacuum", "raw.newsletter")).stdout).toMatch(/^Deleted 0 objects/);

  const values = join(folder, "values.txt");
  await writeFile(values, "otis@grimaldi-canary.test\n");
  const purged = await run(
    "table",
    "purge",
    "raw.newsletter",
    "--column",
    "email",
    "--values",
    values,
    "--json",
  );
  expect(JSON.parse(purged.stdout)).toMatchObject({ rowsRemoved: 1 });
  const names = await readdir(join(folder, "lake", "raw", "newsletter"), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of names.filter((one) => one.isFile()))
    expect(await readFile(join(entry.parentPath, entry.name), "latin1")).not.toContain("grimaldi-canary");
}, 240_000);

it("a table that there is not, and a version that nobody said, end with 2", async () => {
  expect(await run("table", "history", "raw.shopp")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("raw.shop,"),
  });
  expect(await run("table", "restore", "raw.shop")).toMatchObject({ code: 2 });
  expect(await run("table", "purge", "raw.shop", "--column", "email")).toMatchObject({ code: 2 });
  expect(await run("table", "restore", "raw.shop", "--to", "99")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no version 99"),
  });
}, 240_000);
