import { readFile, readdir, rm, writeFile } from "node:fs/promises";
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
