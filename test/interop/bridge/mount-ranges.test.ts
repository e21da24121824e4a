import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMount } from "../../../src/catalog/index.ts";
import { type Engine, openEngine } from "../../../src/engine/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { scan } from "../../../src/table/index.ts";
import { type ServedProject, SHARES, servedProject } from "../../bridge/served-project.ts";
import { onecopy } from "../../cli/command.ts";
import { extensionFolder } from "../storage/server.ts";

/* DuckDB's httpfs reads a large file of a share piece by piece, through the process that knows its addresses. */

let bridge: ServedProject;
let folder: string;
let mount: { readonly delta_sharing: { readonly profile: string; readonly table: string } };

beforeAll(async () => {
  bridge = await servedProject();
  folder = await mkdtemp(join(tmpdir(), "onecopy-ranges-"));
  const { catalog, session } = bridge;
  const query = `SELECT i AS id, i % 100 AS kind, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS note FROM range(600000) r(i)`;
  const table = await catalog.create("crm.events", { schema: schemaOf(await session.describe(query)) });
  await table.write(session, { mode: "append", query });
  expect(Math.max(...[...(await table.snapshot()).files].map(({ sizeBytes }) => sizeBytes))).toBeGreaterThan(
    20_000_000,
  );
  await bridge.share({ ...SHARES, partners: { tables: ["crm.events"], recipients: ["alice"] } });
  mount = { delta_sharing: { profile: await profile("alice.share"), table: "partners.crm.events" } };
});
afterAll(async () => {
  await bridge.close();
  await rm(folder, { recursive: true });
});

async function profile(name: string): Promise<string> {
  const endpoint = `${bridge.server.url}/delta-sharing`;
  const bearerToken = await bridge.token("alice");
  await writeFile(
    join(folder, name),
    JSON.stringify({ shareCredentialsVersion: 1, endpoint, bearerToken, name }),
  );
  return `file:${name}`;
}

async function withEngine(use: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = await openEngine({
    spillFolder: join(folder, "spill"),
    threads: 2,
    extensionFolder,
    confineTo: [],
    readsOtherStores: true,
  });
  try {
    await use(engine);
  } finally {
    await engine.close();
  }
}

/** That its copies take on the disk: gaps take nothing. */
async function copiedBytes(engine: Engine): Promise<number> {
  let sum = 0;
  for (const name of await readdir(engine.scratchFolder, { recursive: true })) {
    const found = await stat(join(engine.scratchFolder, name));
    if (found.isFile()) sum += found.blocks * 512;
  }
  return sum;
}

test("a narrow query copies little of a file, the whole table all of it, and nothing twice", async () => {
  await withEngine(async (engine) => {
    const session = await engine.session();
    const events = await scan(session, await openMount(mount, folder));
    expect(await session.rows(`SELECT sum(kind)::BIGINT AS n FROM ${events}`)).toEqual([{ n: 29_700_000 }]);
    expect(await copiedBytes(engine)).toBeLessThan(6_000_000);
    const sum = "SELECT count(*) AS n, bit_xor(hash(id, kind, note))::VARCHAR AS sum FROM";
    const own = await scan(bridge.session, (await bridge.catalog.snapshot("crm.events"))!);
    expect(await session.rows(`${sum} ${events}`)).toEqual(await bridge.session.rows(`${sum} ${own}`));
    const whole = await copiedBytes(engine);
    expect(whole).toBeGreaterThan(20_000_000);
    expect(await session.rows(`SELECT count(*) AS n FROM ${events} WHERE note < '1'`)).toHaveLength(1);
    expect(await copiedBytes(engine)).toBe(whole);
  });
});

test("what could not be read is said as it is, and SQL of a person reaches nothing else of the machine", async () => {
  await withEngine(async (engine) => {
    const session = await engine.session();
    const reference = await profile("later.share");
    const events = await scan(
      session,
      await openMount({ delta_sharing: { ...mount.delta_sharing, profile: reference } }, folder),
    );
    const revoked = await onecopy(["--project", bridge.folder, "bridge", "revoke", "alice"]);
    expect(revoked).toMatchObject({ code: 0 });
    await expect(session.rows(`SELECT max(note) FROM ${events}`)).rejects.toMatchObject({
      code: "remote.unauthenticated",
      remedy: expect.stringContaining("Ask whoever runs that server"),
    });
    await expect(session.rows(`SELECT * FROM read_text('${bridge.server.url}/')`)).rejects.toMatchObject({
      code: "engine.query_failed",
      message: expect.stringContaining("disabled by configuration"),
    });
  });
});
