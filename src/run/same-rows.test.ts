import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../base/index.ts";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { applyRevision, openProject } from "../project/index.ts";
import { schemaOf } from "../schema/index.ts";
import { openStore } from "../storage/index.ts";
import { Table } from "../table/index.ts";
import { runProject } from "./index.ts";

let folder: string;
let engine: Engine;
let session: Session;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-same-rows-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

const customers = (city: string): string => `SELECT * FROM (VALUES
  ('c1', 'Zoë', 'Quimby', 'zoe@quimby.test', 'Oakland'), ('c2', 'Bart', 'Vander', 'bart@vander.test', '${city}'))
  t(customer_id, first_name, last_name, email, city)`;

test("a mount that is loaded again every night has people and tables made anew only when a row changed", async () => {
  await writeFile(
    join(folder, "onecopy.yaml"),
    "name: nightly\nlake: ./lake\nsources:\n  crm: { delta: ./crm }\n",
  );
  const store = openStore(folder);
  await Table.create(store, "crm", { schema: schemaOf(await session.describe(customers("Berkeley"))) });
  const crm = await Table.open(store, "crm");
  const load = async (city: string) => crm.write(session, { mode: "overwrite", query: customers(city) });
  const project = await openProject(folder);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  /** The steps of a run that made something, without its log. */
  const made = async (): Promise<string[]> => {
    const { steps, failed } = await runProject(project, { asOf: "2026-01-02" });
    expect(failed).toBe(false);
    return steps.filter(({ action }) => action === "done").map(({ target }) => target);
  };

  expect(await load("Berkeley")).toMatchObject({ kind: "committed", version: 1 });
  expect(await made()).toEqual(expect.arrayContaining(["tags", "people", "unified.customer_360"]));
  for (const version of [2, 3]) {
    expect(await load("Berkeley")).toMatchObject({ kind: "committed", version });
    // The source is looked at again; nothing else.
    expect(await made()).toEqual(["tags"]);
    expect(await made()).toEqual([]);
  }
  await crm.write(session, {
    mode: "append",
    query:
      "SELECT * FROM (VALUES ('c3', 'Ada', 'Low', 'ada@low.test', 'Reno')) t(customer_id, first_name, last_name, email, city)",
  });
  await crm.compact(session, {});
  expect(await made()).toContain("people");
  expect(await load("San Jose")).toMatchObject({ kind: "committed" });
  expect(await made()).toEqual(expect.arrayContaining(["tags", "people", "unified.customer_360"]));
});
