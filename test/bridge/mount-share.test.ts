import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { Catalog, openMount } from "../../src/catalog/index.ts";
import { type Project, applyRevision, openProject } from "../../src/project/index.ts";
import { runProject } from "../../src/run/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { scan } from "../../src/table/index.ts";
import { onecopy } from "../cli/command.ts";
import { SHARES, type ServedProject, servedProject } from "./served-project.ts";

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

const customerTags = { id: "customer_key", name: "full_name", born: "birthdate" };

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
  const consumer = await consumerOf("analytics.unified.customer_360", customerTags);
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
  const { folder: at } = await consumerOf("analytics.unified.customer_360", customerTags, reference);
  const sql = "SELECT count(*) AS n, max(visits) AS most FROM customer_360";
  const read = await onecopy(["query", sql, "--format", "csv"], { cwd: at });
  expect(read).toMatchObject({ code: 0, stdout: "n,most\n505,2147483647\n" });
  await profile("later.share", "onecopy_gone");
  const run = await onecopy(["run"], { cwd: at });
  expect(run.code).not.toBe(0);
  expect(run.stdout + run.stderr).toMatch(
    /customer_360.*answers with 401.*Ask whoever runs that server for a new one/s,
  );
  expect(run.stdout + run.stderr).not.toContain("onecopy_gone");
});

/** A project with one source: `tags` by column. */
async function consumerOf(
  table: string,
  tags: Readonly<Record<string, string>>,
  reference = "file:alice.share",
): Promise<Project> {
  const at = await mkdtemp(join(folder, "consumer-"));
  const profileAt = reference.replace("file:", "file:../");
  const source = { delta_sharing: { profile: profileAt, table }, tags };
  const text = `name: consumer\nlake: ./lake\nsources: ${JSON.stringify({ [table.endsWith("*") ? "all" : table.split(".")[2]!]: source })}\n`;
  await writeFile(join(at, "onecopy.yaml"), text);
  const project = await openProject(at);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  return project;
}

test("of a share that tells its changes, a run looks at the records that changed, deleted ones too", async () => {
  const { catalog, session } = bridge;
  const people = `SELECT i AS id, 'name' || i AS given_name, 'family' || (i * 7919) AS surname, 'p' || i || '@example.com' AS email FROM range(300) r(i)`;
  const table = await catalog.create("crm.contacts", {
    schema: schemaOf(await session.describe(people)),
    properties: { "delta.enableDeletionVectors": "true" },
  });
  await table.write(session, { mode: "append", query: people });
  await bridge.share({ ...SHARES, partners: { tables: ["crm.contacts"], recipients: ["alice"] } });
  const consumer = await consumerOf("partners.crm.contacts", {
    id: "customer_key",
    given_name: "given_name",
    surname: "surname",
    email: "email",
  });
  const first = await runProject(consumer);
  expect(first.failed).toBe(false);
  await table.delete(session, { where: "id = 17" });
  await table.update(session, { set: { surname: "'Newman'" }, where: "id = 3" });
  const asked = vi.spyOn(globalThis, "fetch");
  const second = await runProject(consumer);
  const paths = asked.mock.calls.map(([url]) => new URL(url as URL).pathname);
  asked.mockRestore();
  expect(paths.filter((path) => path.endsWith("/changes"))).toHaveLength(1);
  const step = second.steps.find(({ target }) => target === "people");
  expect(step).toMatchObject({ action: "done" });
  expect(step?.touched?.changed).toBeLessThan(300);
  const result = await onecopy(
    [
      "query",
      "SELECT count(*) AS n, count(*) FILTER (WHERE surname = 'Newman') AS new FROM contacts",
      "--format",
      "csv",
    ],
    { cwd: consumer.folder },
  );
  expect(result.stdout).toBe("n,new\n299,1\n");

  // A tag says what a column means that is gone: the source stops, and nobody is resolved without it.
  await table.evolve(session, [{ kind: "drop", path: ["surname"] }]);
  const { steps } = await runProject(consumer);
  const failed = steps.filter(({ action }) => action === "failed").map(({ target, why }) => [target, why]);
  expect(failed).toEqual([
    ["contacts", expect.stringContaining("has a tag for surname, and no such column")],
  ]);
});

test("all tables of a schema: a new one is picked up, one without a key is said and holds up nobody, one that is gone holds the people", async () => {
  const { catalog, session } = bridge;
  const table = async (name: string, query: string): Promise<void> => {
    const made = await catalog.create(name, { schema: schemaOf(await session.describe(query)) });
    await made.write(session, { mode: "append", query });
  };
  const people = (from: number): string =>
    `SELECT i AS id, 'name' || i AS given_name, 'family' || (i * 7919) AS surname, 'p' || i || '@example.com' AS email FROM range(${from}, ${from + 40}) r(i)`;
  // The server goes by a revision within a second.
  const give = async (...tables: string[]): Promise<void> => {
    const shares = { whole: { tables: tables.map((name) => `shop.${name}`), recipients: ["alice"] } };
    await bridge.share({ ...SHARES, ...shares });
    const token = await bridge.token("alice");
    await expect
      .poll(
        async () => {
          const answer = await bridge.get("/delta-sharing/shares/whole/all-tables", token);
          const { items = [] } = (await answer.json()) as { items?: { name: string }[] };
          return items.map(({ name }) => name);
        },
        { timeout: 10_000 },
      )
      .toEqual(tables);
  };
  await table("shop.buyers", people(0));
  await table("shop.leads", people(20));
  await table("shop.notes", "SELECT 'the same' AS note FROM range(3)");
  const consumer = await consumerOf("whole.shop.*", {
    "buyers.id": "customer_key",
    "leads.id": "customer_key",
  });
  const outcomes = async (): Promise<Record<string, string>> => {
    const { steps } = await runProject(consumer);
    const shown = steps.filter(({ target }) => /^(all|people$|tags$)/.test(target));
    return Object.fromEntries(shown.map(({ target, action }) => [target, action]));
  };
  const profiles = async (): Promise<number> => {
    const lake = await Catalog.open(consumer.lake);
    const rows = await scan(session, (await lake.snapshot("unified.customer_360"))!);
    return (await session.rows<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${rows}`))[0]!.n;
  };
  await give("buyers");
  expect(await outcomes()).toEqual({ all_buyers: "unchanged", tags: "done", people: "done" });
  expect(await profiles()).toBe(40);
  expect(await outcomes()).toEqual({ all_buyers: "unchanged", people: "unchanged" });

  await give("buyers", "leads");
  expect(await outcomes()).toMatchObject({ all_leads: "unchanged", people: "done" });
  expect(await profiles()).toBe(60);

  await give("buyers", "leads", "notes");
  const buyers = await catalog.find("shop.buyers");
  await buyers!.evolve(session, [{ kind: "add", path: ["phone"], type: "string" }]);
  expect(await outcomes()).toMatchObject({ all_notes: "failed", people: "done" });

  await give("buyers");
  expect(await outcomes()).toMatchObject({ all_leads: "failed", people: "failed" });
  expect(await profiles()).toBe(60);

  const source = consumer.config.sources["all"]!;
  const config = { ...consumer.config, sources: { all: { ...source, except: ["leads"] } as typeof source } };
  await applyRevision(consumer.state, config, { author: "test", message: "", clock: systemClock });
  const accepted = await runProject(consumer, { acceptsIdentityChanges: true });
  expect(accepted.failed).toBe(false);
  expect(await profiles()).toBe(40);
});

test("a column that gets a wider type is read on; one of a type in which its tag cannot be read stops its source, and the people stay", async () => {
  const { catalog, session } = bridge;
  const people = (id: string, email: string): string =>
    `SELECT i::${id} AS id, 'name' || i AS given_name, 'family' || (i * 7919) AS surname, ${email} AS email FROM range(60) r(i)`;
  const first = people("INTEGER", "'p' || i || '@example.com'");
  const table = await catalog.create("club.members", { schema: schemaOf(await session.describe(first)) });
  await table.write(session, { mode: "append", query: first });
  await bridge.share({ ...SHARES, club: { tables: ["club.members"], recipients: ["alice"] } });
  const consumer = await consumerOf("club.club.members", {
    id: "customer_key",
    given_name: "given_name",
    surname: "surname",
    email: "email",
  });
  const run = async (): Promise<Record<string, string>> => {
    const { steps } = await runProject(consumer);
    return Object.fromEntries(
      steps.flatMap(({ target, action, why }) =>
        /^(members|people)$/.test(target) ? [[target, action === "failed" ? `failed: ${why}` : action]] : [],
      ),
    );
  };
  const peopleNow = async (): Promise<number> =>
    (await (await Catalog.open(consumer.lake)).snapshot("unified.customer_360"))!.version;
  expect(await run()).toEqual({ members: "unchanged", people: "done" });
  await table.evolve(session, [{ kind: "widen", path: ["id"], type: "long" }]);
  await table.write(session, {
    mode: "append",
    query: `SELECT 9007199254740993 AS id, 'Zoë' AS given_name, 'Łuka' AS surname, 'z@example.com' AS email`,
  });
  expect(await run()).toMatchObject({ people: "done" });
  const found = await onecopy(["query", "SELECT max(id) AS most FROM members", "--format", "csv"], {
    cwd: consumer.folder,
  });
  expect(found.stdout).toBe("most\n9007199254740993\n");
  const before = await peopleNow();
  const nested = people("BIGINT", "{box: 'p' || i || '@example.com', since: DATE '2020-01-01'}");
  await table.replace(session, { schema: schemaOf(await session.describe(nested)) }, nested);
  expect(await run()).toEqual({
    members: expect.stringMatching(
      /^failed: email of the source members is tagged email, and is a struct now/,
    ),
  });
  expect(await peopleNow()).toBe(before);
});
