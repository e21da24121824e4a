import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { openMount } from "../../src/catalog/index.ts";
import { type Project, applyRevision, openProject } from "../../src/project/index.ts";
import { runProject } from "../../src/run/index.ts";
import { scan } from "../../src/table/index.ts";
import { onecopy } from "../cli/command.ts";
import { type ServedProject, servedProject } from "./served-project.ts";

let bridge: ServedProject;
let folder: string;

beforeAll(async () => {
  bridge = await servedProject();
  folder = await mkdtemp(join(tmpdir(), "onecopy-mount-"));
  await profile("alice.share", await bridge.token("alice"));
});
afterAll(async () => {
  await bridge.close();
  await rm(folder, { recursive: true });
});

async function profile(name: string, bearerToken: string, more: object = {}): Promise<string> {
  const endpoint = `${bridge.server.url}/delta-sharing`;
  await writeFile(
    join(folder, name),
    JSON.stringify({ shareCredentialsVersion: 1, endpoint, bearerToken, ...more }),
  );
  return `file:${name}`;
}

const place = (table: string, reference = "file:alice.share") => ({
  delta_sharing: { profile: reference, table },
});

test("a shared table has the rows and types of the table itself", async () => {
  const { session, catalog } = bridge;
  const mounted = await openMount(place("analytics.unified.customer_360"), folder);
  const own = (await catalog.snapshot("unified.customer_360"))!;
  expect(mounted.version).toBe(own.version);
  expect(mounted.tableId).toBe(own.tableId);
  const [there, here] = [await scan(session, mounted), await scan(session, own)];
  expect(await session.describe(`FROM ${there}`)).toEqual(await session.describe(`FROM ${here}`));
  const [counts] = await session.rows(`SELECT count(*) AS n FROM ${there}`);
  expect(counts).toEqual({ n: 505 });
  expect(
    await session.rows(
      `(FROM ${there} EXCEPT ALL FROM ${here}) UNION ALL (FROM ${here} EXCEPT ALL FROM ${there})`,
    ),
  ).toEqual([]);
});

test("a run resolves people from a share, a second one asks for the version and nothing else", async () => {
  const consumer = await consumerOf({ customers: "analytics.unified.customer_360" });
  const first = await runProject(consumer);
  expect(first.steps.filter(({ action }) => action === "failed")).toEqual([]);
  expect(first.steps.find(({ target }) => target === "people")).toMatchObject({ action: "done" });
  const asked = vi.spyOn(globalThis, "fetch");
  try {
    const second = await runProject(consumer);
    expect(second.changed).toBe(false);
    expect(asked.mock.calls.map(([url]) => new URL(url as URL).pathname)).toEqual([
      "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360/metadata",
    ]);
  } finally {
    asked.mockRestore();
  }
});

test("the command reads a share in a process of its own; a token that was taken away stops that branch only", async () => {
  const reference = await profile("later.share", await bridge.token("alice"));
  const { folder: at } = await consumerOf({ customers: "analytics.unified.customer_360" }, reference);
  const sql = "SELECT count(*) AS n, max(visits) AS most FROM customers";
  const read = await onecopy(["query", sql, "--format", "csv"], { cwd: at });
  expect(read).toMatchObject({ code: 0, stdout: "n,most\n505,2147483647\n" });
  await profile("later.share", "onecopy_gone");
  const run = await onecopy(["run"], { cwd: at });
  expect(run.code).not.toBe(0);
  expect(run.stdout + run.stderr).toMatch(
    /customers.*answers with 401.*Ask whoever runs that server for a new one/s,
  );
  expect(run.stdout + run.stderr).not.toContain("onecopy_gone");
});

async function consumerOf(
  tables: Readonly<Record<string, string>>,
  reference = "file:alice.share",
): Promise<Project> {
  const at = await mkdtemp(join(folder, "consumer-"));
  const sources = Object.entries(tables).map(
    ([name, table]) =>
      `  ${name}: { delta_sharing: { profile: "${reference.replace("file:", "file:../")}", table: ${table} }, tags: { id: customer_key, name: full_name, born: birthdate } }`,
  );
  await writeFile(
    join(at, "onecopy.yaml"),
    `name: consumer\nlake: ./lake\nsources:\n${sources.join("\n")}\n`,
  );
  const project = await openProject(at);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  return project;
}
