import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../base/index.ts";
import { type Project, applyRevision, openProject } from "../project/index.ts";
import { countSegment } from "../segment/index.ts";
import { scan } from "../table/index.ts";
import { population } from "./population.ts";
import { runProject } from "./run.ts";
import { type Workspace, openWorkspace } from "./workspace.ts";

let folder: string;
let project: Project;
let workspace: Workspace;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-households-"));
  await writeFile(
    join(folder, "onecopy.yaml"),
    `name: homes
lake: ./lake
sources:
  crm: { files: crm.csv, tags: { given: given_name, family: surname, born: birthdate, street: address, zip: postal } }
`,
  );
  project = await openProject(folder);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  workspace = await openWorkspace(project, { confined: false });
});
afterEach(async () => {
  await workspace.close();
  await rm(folder, { recursive: true });
});

const couple = `id,given,family,born,street,zip
a,Anna,Marlowe,1970-03-01,12 Elm Street,10001
p,Peter,Marlowe,1968-11-23,12 Elm Street,10001
o,Otis,Grimaldi,1966-01-12,3 Birch Lane,73301
`;

/** Household by given name, as `unified.customer_360` says it. */
async function homes(): Promise<Record<string, readonly [string | null, number]>> {
  const { steps } = await runProject(project, { asOf: "2026-01-02" });
  expect(steps.filter(({ action }) => action === "failed")).toEqual([]);
  const { catalog, session } = workspace;
  const rows = await session.rows<{
    given_name: string;
    household_id: string | null;
    household_profiles: number;
  }>(`FROM ${await scan(session, (await catalog.snapshot("unified.customer_360"))!)} ORDER BY given_name`);
  return Object.fromEntries(rows.map((row) => [row.given_name, [row.household_id, row.household_profiles]]));
}

test("a run finds households, keeps their ids, and segments can ask for them", async () => {
  await writeFile(join(folder, "crm.csv"), couple);
  const first = await homes();
  const home = first["Anna"]![0];
  expect(home).not.toBeNull();
  expect(first).toEqual({ Anna: [home, 2], Peter: [home, 2], Otis: [null, 1] });
  const families = { attribute: "household_profiles", op: ">=", value: 2 } as const;
  expect(await countSegment(workspace.session, families, await population(workspace), "2026-01-02")).toBe(2);

  await writeFile(join(folder, "crm.csv"), `${couple}b,Ben,Marlowe,1999-05-07,12 Elm Street,10001\n`);
  expect(await homes()).toEqual({ Anna: [home, 3], Peter: [home, 3], Ben: [home, 3], Otis: [null, 1] });
  expect(await runProject(project, { asOf: "2026-01-02" })).toMatchObject({ changed: false });
}, 120_000);
