import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../base/index.ts";
import { Catalog } from "../catalog/index.ts";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import { replayChanges } from "../identity/index.ts";
import { type Project, applyRevision, openProject } from "../project/index.ts";
import { schemaOf } from "../schema/index.ts";
import { openStore } from "../storage/index.ts";
import { Table, scan } from "../table/index.ts";
import { lastMovement, recordChanges } from "./identity-changes.ts";
import { type RunOptions, runProject } from "./run.ts";

let folder: string;
let engine: Engine;
let session: Session;
let catalog: Catalog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-feed-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  session = await engine.session();
  catalog = await Catalog.open(openStore(join(folder, "lake")));
});
afterEach(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

async function rowsOf(query: (relation: string) => string, table: string): Promise<unknown[]> {
  return session.rows(query(await scan(session, (await catalog.snapshot(table))!)));
}
const assigned = () =>
  rowsOf((t) => `SELECT source, record_id, profile_id FROM ${t} ORDER BY ALL`, "identity.assignments");
const replayed = () => rowsOf((t) => `FROM (${replayChanges(t)}) ORDER BY ALL`, "identity.changes");
const events = () => rowsOf((t) => `FROM ${t} ORDER BY ALL`, "identity.changes");

describe("recordChanges", () => {
  const columns = [
    { name: "source", type: "VARCHAR" },
    { name: "record_id", type: "VARCHAR" },
    { name: "profile_id", type: "VARCHAR" },
  ];

  async function assign(people: Readonly<Record<string, string>>): Promise<void> {
    const table =
      (await catalog.find("identity.assignments")) ??
      (await catalog.create("identity.assignments", { schema: schemaOf(columns) }));
    const values = Object.entries(people).map(([record, id]) => `('s', ${literal(record)}, ${literal(id)})`);
    await table.write(session, {
      mode: "overwrite",
      query: `SELECT * FROM (VALUES ${values.join(", ")}) t(source, record_id, profile_id)`,
    });
  }

  test("loses nothing and doubles nothing, however often a run ends before it or two do it at once", async () => {
    await recordChanges({ catalog, session });
    expect(await catalog.find("identity.changes")).toBeUndefined();

    await assign({ a: "A", b: "B", c: "C" });
    await recordChanges({ catalog, session });
    expect(await replayed()).toEqual(await assigned());
    // Two versions that the feed was not told of.
    await assign({ a: "A", b: "A", c: "C", d: "D" });
    await assign({ a: "A", b: "A", c: "C", e: "D" });
    expect(await lastMovement({ catalog, session })).toBeUndefined();
    const other = await engine.session();
    await Promise.all([recordChanges({ catalog, session }), recordChanges({ catalog, session: other })]);
    other.close();
    expect(await replayed()).toEqual(await assigned());
    const once = await events();
    expect(once.filter((row) => (row as { event: string }).event === "retired")).toHaveLength(1);

    const { version } = (await catalog.snapshot("identity.changes"))!;
    await recordChanges({ catalog, session });
    expect((await catalog.snapshot("identity.changes"))!.version).toBe(version);
    // The same people again, and maintenance: nothing happened.
    await assign({ a: "A", b: "A", c: "C", e: "D" });
    await recordChanges({ catalog, session });
    await (await catalog.find("identity.assignments"))!.compact(session, {});
    await recordChanges({ catalog, session });
    expect(await events()).toEqual(once);
    expect(await lastMovement({ catalog, session })).toEqual({ moved: 0, of: 4, jitter: 0 });
  });

  test("goes on where another table was put in the place of the assignments", async () => {
    await assign({ a: "A", b: "B" });
    await recordChanges({ catalog, session });
    await catalog.drop("identity.assignments");
    await assign({ a: "A", b: "A", c: "C" });
    await recordChanges({ catalog, session });
    expect(await replayed()).toEqual(await assigned());
    expect(await lastMovement({ catalog, session })).toEqual({ moved: 1, of: 2, jitter: 0.5 });
  });
});

describe("a run", () => {
  let project: Project;
  let crm: Table;
  const run = async (options: RunOptions = {}) => {
    const report = await runProject(project, { asOf: "2026-01-02", ...options });
    return { ...report, people: report.steps.find(({ target }) => target === "people")! };
  };

  async function configure(identity: string): Promise<void> {
    const tags = "{ given: given_name, family: surname, email: email, born: birthdate }";
    await writeFile(
      join(folder, "onecopy.yaml"),
      `name: feed\nlake: ./lake\n${identity}sources:\n  crm: { delta: ./crm, tags: ${tags} }\n`,
    );
    project = await openProject(folder);
    await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  }

  /** 40 people, of whom the first `twins` are the same as the last. */
  const people = (
    twins: number,
  ): string => `SELECT 'c' || i AS id, 'Given' || chr(CAST(97 + p % 26 AS INTEGER)) || p AS given,
    'Family' || chr(CAST(97 + (7 * p) % 26 AS INTEGER)) || p AS family, 'mail' || p || '@p' || p || '.test' AS email,
    CAST(DATE '1950-01-01' + CAST(371 * p AS INTEGER) AS VARCHAR) AS born
    FROM (SELECT i, CASE WHEN i < ${twins} THEN 39 - i ELSE i END AS p FROM range(40) t(i))`;
  const load = (twins: number) => crm.write(session, { mode: "overwrite", query: people(twins) });

  beforeEach(async () => {
    const store = openStore(folder);
    await Table.create(store, "crm", { schema: schemaOf(await session.describe(people(0))) });
    crm = await Table.open(store, "crm");
    await configure("");
  });

  test("that would move too many records stops, writes nothing about people, and goes on when it is told to", async () => {
    await load(0);
    const first = await run();
    expect(first).toMatchObject({ failed: false, asks: false });
    expect(first.people.movement).toBeUndefined();
    const kept = [await assigned(), await events()];
    const versions = async () =>
      Promise.all(
        ["assignments", "retired", "edges", "model", "changes"].map(
          async (name) => (await catalog.snapshot(`identity.${name}`))!.version,
        ),
      );
    const before = [...(await versions()), (await catalog.snapshot("unified.customer_360"))!.version];

    await load(4);
    for (let attempt = 0; attempt < 2; attempt++) {
      const stopped = await run();
      expect(stopped).toMatchObject({ failed: true, asks: true });
      expect(stopped.people).toMatchObject({
        action: "failed",
        code: "run.identity_would_move",
        why: expect.stringMatching(/^4 of the 40 records .*\(10%\).* allows 2%.*--accept-identity-changes/),
      });
      expect([await assigned(), await events()]).toEqual(kept);
      expect([...(await versions()), (await catalog.snapshot("unified.customer_360"))!.version]).toEqual(
        before,
      );
    }

    const accepted = await run({ acceptsIdentityChanges: true });
    expect(accepted).toMatchObject({ failed: false, asks: false });
    expect(accepted.people.movement).toEqual({ moved: 4, of: 40, jitter: 0.1 });
    expect(await lastMovement({ catalog, session })).toEqual(accepted.people.movement);
    expect(await replayed()).toEqual(await assigned());
    expect(await run()).toMatchObject({ changed: false, failed: false });
  });

  test("may move what the configuration allows; records that come or go are no movement", async () => {
    await configure("identity: { most_moved: 12.5% }\n");
    await load(0);
    await run();
    await load(5);
    expect(await run()).toMatchObject({ asks: false, people: { movement: { moved: 5, of: 40 } } });
    await crm.write(session, { mode: "overwrite", query: `${people(5)} WHERE i BETWEEN 3 AND 30` });
    expect(await run()).toMatchObject({ asks: false, people: { movement: { moved: 0, of: 28, jitter: 0 } } });
    expect(await replayed()).toEqual(await assigned());
  });

  test("after somebody restored the assignments, gives no id a second time", async () => {
    await configure("identity: { most_moved: 100% }\n");
    await load(0);
    await run();
    const { version } = (await catalog.snapshot("identity.assignments"))!;
    await load(4);
    await run();
    await (await catalog.find("identity.assignments"))!.restore({ version });
    await crm.write(session, { mode: "overwrite", query: `${people(0)} WHERE i < 38` });
    await run();
    const given = new Set((await events()).map((row) => (row as { to_profile_id: string }).to_profile_id));
    await load(0);
    await run();
    expect(await replayed()).toEqual(await assigned());
    const fresh = (await assigned()) as { record_id: string; profile_id: string }[];
    const ids = fresh.filter((row) => ["c38", "c39"].includes(row.record_id)).map((row) => row.profile_id);
    expect(new Set(ids).size).toBe(2);
    expect(ids.filter((id) => given.has(id))).toEqual([]);
  });
});
