import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { households } from "../../bench/identity/households.ts";
import { systemClock } from "../base/index.ts";
import { Catalog } from "../catalog/index.ts";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import { type Project, applyRevision, openProject } from "../project/index.ts";
import { schemaOf } from "../schema/index.ts";
import { openStore } from "../storage/index.ts";
import { Table, scan } from "../table/index.ts";
import { type ModelStatus, modelStatus } from "./people-model.ts";
import { runProject } from "./run.ts";
import type { Step } from "./step.ts";

const columns = [
  "id",
  "first_name",
  "last_name",
  "email",
  "phone",
  "birthdate",
  "address",
  "postal",
] as const;
const tags =
  "{ first_name: given_name, last_name: surname, email: email, phone: phone, birthdate: birthdate, address: address, postal: postal }";
const rows = households(500, 7);

let folder: string;
let engine: Engine;
let session: Session;
let project: Project;
let crm: Table;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-run-increment-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 2 });
  session = await engine.session();
  await writeFile(
    join(folder, "onecopy.yaml"),
    `name: increment\nlake: ./lake\nsources:\n  crm: { delta: ./crm, tags: { id: customer_key, ${tags.slice(2)} }\n`,
  );
  project = await openProject(folder);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  const store = openStore(folder);
  await Table.create(store, "crm", { schema: schemaOf(columns.map((name) => ({ name, type: "VARCHAR" }))) });
  crm = await Table.open(store, "crm");
});
afterEach(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

function relation(from: number, to: number): string {
  const values = rows
    .slice(from, to)
    .map((row) => `(${columns.map((name) => literal(row[name] === "" ? null : row[name]!)).join(", ")})`);
  return `SELECT * FROM (VALUES ${values.join(", ")}) t(${columns.join(", ")})`;
}

async function run(): Promise<{ readonly people: Step; readonly model: Step }> {
  const { steps } = await runProject(project, { asOf: "2026-01-02", acceptsIdentityChanges: true });
  expect(steps.filter(({ action }) => action === "failed")).toEqual([]);
  const step = (name: string): Step => steps.find(({ target }) => target === name)!;
  return { people: step("people"), model: step("model") };
}

async function model(): Promise<ModelStatus> {
  return (await modelStatus(await Catalog.open(openStore(join(folder, "lake")))))!;
}

/** What the lake says of the people, but for when and how records are numbered. */
async function lake(): Promise<Record<string, unknown>> {
  const catalog = await Catalog.open(openStore(join(folder, "lake")));
  const of = async (name: string, what: string): Promise<unknown> =>
    session.rows(
      `SELECT ${what} FROM ${await scan(session, (await catalog.snapshot(`identity.${name}`))!)} ORDER BY ALL`,
    );
  return {
    assignments: await of("assignments", "source, record_id, profile_id"),
    edges: await of("edges", "*"),
    records: await of(
      "records",
      "* EXCLUDE (no, component), min(record_id) OVER (PARTITION BY component) AS component",
    ),
    retired: await of("retired", "*"),
    households: await of(
      "households",
      "profile_id, min(profile_id) OVER (PARTITION BY household_id) AS household",
    ),
    changes: await of("changes", "event, from_profile_id, to_profile_id, source, record_id"),
  };
}

async function somethingHappens(): Promise<void> {
  await crm.write(session, { mode: "append", query: relation(1200, 1300) });
  await crm.delete(session, { where: "CAST(id AS INTEGER) % 97 = 3" });
  await crm.update(session, {
    where: "CAST(id AS INTEGER) % 89 = 5",
    set: { email: "NULL", last_name: "'Changed'" },
  });
}

test(
  "what changed is resolved by the model that there is, and a run that was killed amid it ends with the same people",
  { timeout: 240_000 },
  async () => {
    await crm.write(session, { mode: "overwrite", query: relation(0, 1200) });
    expect(await run()).toMatchObject({ model: { action: "done" }, people: { action: "done" } });
    await somethingHappens();
    const before = join(folder, "before");
    await cp(join(folder, "lake"), before, { recursive: true });

    const { model, people } = await run();
    expect(model).toMatchObject({ action: "unchanged", why: "kept: it fits" });
    expect(people.touched!.changed).toBeGreaterThanOrEqual(100);
    expect(people.touched!.records).toBeLessThan(1000);
    const wanted = await lake();
    expect(await run()).toMatchObject({ people: { action: "unchanged" } });

    // As a run leaves it that ended after some of its tables: all others are of the one before.
    for (const written of [["records"], ["records", "edges", "retired"]]) {
      const after = join(folder, "after");
      await cp(join(folder, "lake"), after, { recursive: true });
      await rm(join(folder, "lake"), { recursive: true });
      await cp(before, join(folder, "lake"), { recursive: true });
      for (const name of written) {
        await rm(join(folder, "lake", "identity", name), { recursive: true });
        await cp(join(after, "identity", name), join(folder, "lake", "identity", name), { recursive: true });
      }
      const again = await run();
      expect(again.model).toMatchObject({ action: "unchanged", why: "kept: it fits" });
      expect(again.people.touched).toBeUndefined();
      expect(await lake()).toEqual(wanted);
      await rm(after, { recursive: true });
    }
  },
);

test(
  "the model is trained anew, and the run and the model's table say why, when there are many more records",
  { timeout: 240_000 },
  async () => {
    await crm.write(session, { mode: "overwrite", query: relation(0, 300) });
    expect((await run()).model.why).toBe("trained: there was none");
    const first = await model();
    expect(first).toMatchObject({ version: 1, why: "there was none" });
    await crm.write(session, { mode: "append", query: relation(300, 700) });
    const grown = await run();
    expect(grown.model).toMatchObject({ action: "done" });
    expect(grown.model.why).toContain("700 records are more than twice the 300");
    expect(grown.people.touched).toBeUndefined();

    const anew = await model();
    expect(anew.version).toBe(2);
    expect(grown.model.why).toBe(`trained: ${anew.why}`);
    expect(Date.parse(anew.trainedAt!)).toBeGreaterThan(Date.parse(first.trainedAt!));
    // A version that changes no row is no training.
    const catalog = await Catalog.open(openStore(join(folder, "lake")));
    const table = (await catalog.find("identity.model"))!;
    await table.setProperties(session, { mine: "x" });
    expect((await table.snapshot()).version).toBe(3);
    expect(await model()).toEqual(anew);
  },
);
