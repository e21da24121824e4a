import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../base/index.ts";
import { type Project, applyRevision, openProject } from "../project/index.ts";
import { runProject } from "./run.ts";
import type { Step } from "./step.ts";
import { readTags } from "./tags-table.ts";
import { openWorkspace } from "./workspace.ts";

let folder: string;
let project: Project;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-run-tags-"));
  await mkdir(join(folder, "shop"));
  await writeFile(
    join(folder, "onecopy.yaml"),
    'name: tags\nlake: ./lake\nsources:\n  shop: { files: "shop/*.csv" }\n',
  );
  project = await openProject(folder);
  await applyRevision(project.state, project.config, { author: "test", message: "", clock: systemClock });
  await drop("first", 0, 200);
  expect(await run()).toMatchObject({ action: "done", why: "never made before" });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Row {
  readonly id: string;
  readonly phone: string;
  readonly more: string;
}

async function drop(file: string, from: number, to: number, change: Partial<Row> = {}): Promise<void> {
  const lines = Array.from({ length: to - from }, (_, i) => {
    const row = { id: `${from + i}`, phone: "", more: "", ...change };
    return `${row.id},Ann${from + i},ann${from + i}@example.com,${row.phone}${row.more}`;
  });
  const header = `id,first_name,email,phone${change.more === undefined ? "" : ",surname"}`;
  await writeFile(join(folder, "shop", `${file}.csv`), [header, ...lines, ""].join("\n"));
}

async function run(): Promise<Step> {
  const { steps } = await runProject(project);
  return steps.find(({ target }) => target === "tags")!;
}

async function tags(): Promise<Record<string, string>> {
  const workspace = await openWorkspace(project, { confined: false });
  try {
    return Object.fromEntries((await readTags(workspace)).map(({ column, tag }) => [column, tag]));
  } finally {
    await workspace.close();
  }
}

const stand = "few rows changed, and no column: the tags stand";

test("tags stand while few rows changed since the columns were looked at, however many runs it took", async () => {
  const before = await tags();
  await drop("second", 200, 212);
  expect(await run()).toMatchObject({ action: "done", why: stand });
  expect(await tags()).toEqual(before);
  await drop("third", 212, 220);
  expect(await run()).toMatchObject({ why: stand });
  await drop("fourth", 220, 221);
  expect(await run()).toMatchObject({ why: expect.stringContaining("raw.shop changed") });
  expect(await tags()).toEqual(before);
});

test("a column that was empty is looked at with its first value, and so is a new one", async () => {
  expect(await tags()).not.toHaveProperty("phone");
  await drop("second", 200, 201, { phone: "+44 20 7946 0958" });
  expect(await run()).toMatchObject({ why: expect.stringContaining("raw.shop changed") });
  expect(await tags()).toHaveProperty("phone", "phone");
  await drop("third", 201, 202, { more: ",Berry" });
  expect(await run()).toMatchObject({ why: expect.stringContaining("raw.shop changed") });
  expect(await tags()).toHaveProperty("surname", "surname");
});

test("a key that is none any more does not stand, and is told", async () => {
  await drop("second", 200, 201, { id: "7" });
  expect(await run()).toMatchObject({
    why: expect.stringContaining("raw.shop changed"),
    alerts: [expect.stringContaining("told apart by id")],
  });
});
