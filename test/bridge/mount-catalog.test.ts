import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { mountState, mountsOfMany, openMount } from "../../src/catalog/index.ts";
import { type Snapshot, scan } from "../../src/table/index.ts";
import { onecopy } from "../cli/command.ts";
import { type ServedProject, servedProject } from "./served-project.ts";

let bridge: ServedProject;
let folder: string;

beforeAll(async () => {
  bridge = await servedProject();
  folder = await mkdtemp(join(tmpdir(), "onecopy-mount-"));
  const token = await bridge.token("alice");
  await writeFile(join(folder, "token"), `${token}\n`);
  await writeFile(join(folder, "credential"), `alice:${token}`);
  await writeFile(join(folder, "wrong"), "onecopy_wrong");
});
afterAll(async () => {
  await bridge.close();
  await rm(folder, { recursive: true });
});

const place = (more: object) => ({
  iceberg_catalog: { uri: `${bridge.server.url}/iceberg`, table: "unified.customer_360", ...more },
});

async function expectSameRows(mounted: Snapshot, name: string): Promise<void> {
  const { session, catalog } = bridge;
  const own = await scan(session, (await catalog.snapshot(name))!);
  const there = await scan(session, mounted);
  expect(await session.describe(`FROM ${there}`)).toEqual(await session.describe(`FROM ${own}`));
  const differ = `(FROM ${there} EXCEPT ALL FROM ${own}) UNION ALL (FROM ${own} EXCEPT ALL FROM ${there})`;
  expect(await session.rows(differ)).toEqual([]);
}

test.each([{ token: "file:token" }, { credential: "file:credential" }])(
  "a table of the catalog has the rows and types of the table itself: %o",
  async (secret) => {
    await expectSameRows(await openMount(place(secret), folder), "unified.customer_360");
  },
);

test("the command, whose SQL opens no files but the project's own, reads one that the catalog has in a folder", async () => {
  const at = await mkdtemp(join(folder, "consumer-"));
  const source = { ...place({ credential: "file:../credential" }), tags: { id: "customer_key" } };
  await writeFile(
    join(at, "onecopy.yaml"),
    `name: consumer\nlake: ./lake\nsources: ${JSON.stringify({ theirs: source })}\n`,
  );
  await onecopy(["apply", "-m", "test"], { cwd: at });
  const sql = "SELECT count(*) AS n, max(visits) AS most FROM theirs";
  const read = await onecopy(["query", sql, "--format", "csv"], { cwd: at });
  expect(read).toMatchObject({ code: 0, stdout: "n,most\n505,2147483647\n" });
});

test("an unchanged table is said to be so, in one request without a body; a changed one is read anew", async () => {
  const { catalog, session } = bridge;
  const mount = place({ token: "file:token", table: "unified.orders" });
  const before = await mountState(mount, folder);
  await expectSameRows(await before.snapshot(), "unified.orders");
  const asked = vi.spyOn(globalThis, "fetch");
  try {
    expect((await mountState(mount, folder)).version).toBe(before.version);
    expect(asked.mock.calls).toHaveLength(1);
    expect(await asked.mock.results[0]!.value).toMatchObject({ status: 304 });
  } finally {
    asked.mockRestore();
  }
  const orders = await catalog.find("unified.orders");
  await orders!.write(session, { mode: "append", query: "SELECT 99::BIGINT AS order_id, 'new' AS note" });
  const after = await mountState(mount, folder);
  expect(after.version).toBeGreaterThan(before.version);
  expect(after.tableId).toBe(before.tableId);
  await expectSameRows(await after.snapshot(), "unified.orders");
});

test("a namespace stands for its tables", async () => {
  const found = await mountsOfMany(place({ token: "file:token", table: "unified.*" }), folder);
  expect(found.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1))).toEqual(["customer_360", "orders"]);
  await expectSameRows(
    await openMount(found.find(({ name }) => name === "orders")!.mount, folder),
    "unified.orders",
  );
});

test("each refusal says what it is, and no secret", async () => {
  const open = (more: object) => openMount(place(more), folder);
  await expect(open({ token: "file:wrong" })).rejects.toMatchObject({
    code: "remote.unauthenticated",
    message: expect.not.stringContaining("onecopy_wrong"),
  });
  await expect(open({ token: "file:token", table: "unified.nothing" })).rejects.toMatchObject({
    code: "remote.not_found",
  });
  await expect(open({ token: "file:none" })).rejects.toMatchObject({ code: "remote.secret_missing" });
  await expect(open({ token: "file:token", uri: "http://catalog.example.com" })).rejects.toMatchObject({
    code: "remote.not_encrypted",
  });
});
