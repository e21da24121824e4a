import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../base/index.ts";
import { LINKS, addLink, newestLinks, readLinks } from "../identity/index.ts";
import { type Project, applyRevision, openProject } from "../project/index.ts";
import { scan } from "../table/index.ts";
import { planProject } from "./plan.ts";
import { runProject } from "./run.ts";
import { type Workspace, openWorkspace } from "./workspace.ts";

let folder: string;
let project: Project;
let workspace: Workspace;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-links-"));
  await writeFile(
    join(folder, "crm.csv"),
    `id,given,family,email,born,card
zoe,Zoe,Quimby,zoe@quimby.test,1984-03-09,K1
zoe2,Zoe,Quimby,zoe@quimby.test,1984-03-09,K1
zoe3,Zoe,Quimby,zoe@quimby.test,1984-03-09,K2
bart,Bart,Vander,bart@vander.test,1971-11-30,K3
ada,Ada,Low,ada@low.test,1990-07-21,K3
otis,Otis,Grimaldi,otis@grimaldi.test,1966-01-12,
`,
  );
  await configure("");
});
afterEach(async () => {
  await workspace.close();
  await rm(folder, { recursive: true });
});

async function configure(identity: string): Promise<void> {
  const tags = "given: given_name, family: surname, email: email, born: birthdate, card: national_id";
  await writeFile(
    join(folder, "onecopy.yaml"),
    `name: links\nlake: ./lake\n${identity}sources:\n  crm: { files: crm.csv, tags: { ${tags} } }\n`,
  );
  project = await openProject(folder);
  await workspace?.close();
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  workspace = await openWorkspace(project, { confined: false });
}

const record = (recordId: string) => ({ source: "crm", recordId });
const decide = (kind: "link" | "unlink" | "forget", a: string, b: string) =>
  addLink(workspace, { kind, records: [record(a), record(b)], by: "ada", message: "why", at: new Date() });

/** Runs, and gives the people as sorted lists of records. */
async function people(): Promise<string[]> {
  const report = await runProject(project, { asOf: "2026-01-02" });
  expect(report.steps.filter(({ action }) => action === "failed")).toEqual([]);
  const snapshot = (await workspace.catalog.snapshot("identity.assignments"))!;
  const rows = await workspace.session.rows<{ who: string }>(
    `SELECT string_agg(record_id, ' ' ORDER BY record_id) AS who FROM ${await scan(workspace.session, snapshot)} GROUP BY profile_id ORDER BY 1`,
  );
  return rows.map(({ who }) => who);
}

test("what a steward decides holds from the next run on, is asked for by nothing else, and can be taken back", async () => {
  expect(await people()).toEqual(["ada", "bart", "otis", "zoe zoe2 zoe3"]);
  await decide("link", "otis", "ada");
  expect(await planProject(workspace)).toMatchObject([
    { target: "people", why: expect.stringContaining(`${LINKS} is new`) },
  ]);
  // The first one too is a matter of the records that it names.
  const { steps } = await runProject(project, { asOf: "2026-01-02" });
  expect(steps.find(({ target }) => target === "people")).toMatchObject({
    action: "done",
    touched: { changed: 2, records: 2 },
  });
  expect(await people()).toEqual(["ada otis", "bart", "zoe zoe2 zoe3"]);
  expect(await runProject(project, { asOf: "2026-01-02" })).toMatchObject({ changed: false });

  // Records that say the very same too.
  await decide("unlink", "zoe", "zoe2");
  const parted = await people();
  expect(parted).toHaveLength(4);
  expect(parted.some((who) => who.includes("zoe zoe2"))).toBe(false);
  await decide("link", "zoe2", "zoe3");
  expect(await people()).toEqual(["ada otis", "bart", "zoe", "zoe2 zoe3"]);
  await decide("forget", "zoe2", "zoe");
  expect(await people()).toEqual(["ada otis", "bart", "zoe zoe2 zoe3"]);

  expect(await decide("link", "ada", "otis")).toBeUndefined();
  const rows = await readLinks(workspace);
  expect(rows.map(({ kind, number, made_by }) => [number, kind, made_by])).toEqual([
    [4, "forget", "ada"],
    [3, "link", "ada"],
    [2, "unlink", "ada"],
    [1, "link", "ada"],
  ]);
  expect(newestLinks(rows).map(({ kind, left_id, right_id }) => [kind, left_id, right_id])).toEqual([
    ["link", "zoe2", "zoe3"],
    ["link", "ada", "otis"],
  ]);
}, 120_000);

test("what contradicts is refused and says why; found in the table, the newest holds and the run says so", async () => {
  await people();
  await decide("link", "ada", "bart");
  await decide("link", "bart", "otis");
  await expect(decide("unlink", "otis", "ada")).rejects.toMatchObject({
    code: "identity.contradictory_link",
    message: expect.stringContaining("crm:ada = crm:bart = crm:otis"),
  });
  await decide("unlink", "zoe", "otis");
  await expect(decide("link", "ada", "zoe")).rejects.toMatchObject({
    code: "identity.contradictory_link",
    message: expect.stringContaining("crm:ada = crm:bart = crm:otis and crm:zoe"),
  });
  await expect(decide("link", "ada", "ada")).rejects.toMatchObject({ code: "identity.same_record" });
  await expect(decide("link", "ada", "nobody")).rejects.toMatchObject({ code: "identity.unknown_record" });
  await expect(decide("forget", "ada", "zoe")).rejects.toMatchObject({ code: "identity.no_link" });
  expect(await readLinks(workspace)).toHaveLength(3);

  // Somebody wrote the table by hand, and of a record that is not there.
  const table = (await workspace.catalog.find(LINKS))!;
  await table.write(workspace.session, {
    mode: "append",
    query: `SELECT * FROM (VALUES (9, now(), 'x', 'unlink', 'crm', 'ada', 'crm', 'otis', ''), (10, now(), 'x', 'link', 'crm', 'ada', 'crm', 'gone', ''),
      (11, now(), 'x', 'link', 'crm', 'gone', 'crm', 'zoe', ''))
      t(number, made_at, made_by, kind, left_source, left_id, right_source, right_id, message)`,
  });
  const report = await runProject(project, { asOf: "2026-01-02" });
  expect(report.steps.find(({ target }) => target === "people")!.alerts).toEqual([
    "identity.links: the link of crm:ada and crm:bart took no part, since newer ones contradict it",
  ]);
  expect(await people()).toEqual(["ada", "bart otis", "zoe zoe2 zoe3"]);
}, 120_000);

test("a trusted key joins and a separate one parts, as the configuration says; a key that is none is refused", async () => {
  await configure("identity: { trusted: [national_id], most_moved: 100% }\n");
  expect(await people()).toEqual(["ada bart", "otis", "zoe zoe2 zoe3"]);
  await configure(
    "identity: { trusted: [national_id], separate: [birthdate, national_id], most_moved: 100% }\n",
  );
  expect(await people()).toEqual(["ada", "bart", "otis", "zoe zoe2", "zoe3"]);
  await expect(configure("identity: { separate: [pasport] }\n")).rejects.toMatchObject({
    code: "project.config_invalid",
    message: expect.stringMatching(/there is no key pasport; the keys are national_id.*crm/),
  });
}, 120_000);
