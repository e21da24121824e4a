import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Catalog } from "../../../src/catalog/index.ts";
import { literal } from "../../../src/engine/index.ts";
import { openProject } from "../../../src/project/index.ts";
import { scan } from "../../../src/table/index.ts";
import { type Serving, onecopy, serve } from "../../cli/command.ts";
import { type Workbench, openWorkbench } from "../../workbench.ts";

// The demo as its users make it, shared as a whole; other people's data frames then see the rows that OneCopy's own scan sees.

const python = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const script = fileURLToPath(new URL("read_frames.py", import.meta.url));
const readers = ["polars-share", "polars-catalog", "daft-catalog"];

let folder: string;
let catalog: Catalog;
let bench: Workbench;
let server: Serving;
let names: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-demo-"));
  const at = join(folder, "demo");
  expect(await onecopy(["demo", "--people", "100", "--folder", at])).toMatchObject({ code: 0 });
  const project = await openProject(at);
  catalog = await Catalog.open(project.lake);
  names = (await catalog.list())
    .filter(({ namespace }) => namespace === "unified")
    .map(({ namespace, name }) => `${namespace}.${name}`);
  const yaml = await readFile(join(at, "onecopy.yaml"), "utf8");
  const shared = yaml.replace("tables: [unified.customer_360]", `tables: [${names.join(", ")}]`);
  await writeFile(join(at, "onecopy.yaml"), shared);
  const profile = join(folder, "bi_team.share");
  server = await serve(at);
  for (const args of [
    ["apply", "-m", "share all of it"],
    ["recipient", "profile", "bi_team", "--out", profile, "--endpoint", server.url],
  ])
    expect(await onecopy([...args, "--project", at])).toMatchObject({ code: 0 });
  bench = await openWorkbench("onecopy-demo-bench-");
  const args = [profile, `${server.url}/iceberg`, "analytics", folder, ...names];
  const { stdout } = await promisify(execFile)(python, ["-W", "ignore", script, ...args]);
  expect(JSON.parse(stdout)).toEqual({ read: names.length * readers.length });
}, 600_000);
afterAll(async () => {
  await server.stop();
  await bench.close();
  await rm(folder, { recursive: true });
});

test("there are tables to read", () => {
  expect(names).toContain("unified.customer_360");
  expect(names.length).toBeGreaterThanOrEqual(5);
});

test.each(readers)("%s reads all tables of the demo as they are", async (reader) => {
  for (const name of names) {
    const own = await scan(bench.session, (await catalog.snapshot(name))!);
    const seen = `read_parquet(${literal(join(folder, `${reader}-${name}.parquet`))})`;
    const differ = `(FROM ${seen} EXCEPT ALL FROM ${own}) UNION ALL (FROM ${own} EXCEPT ALL FROM ${seen})`;
    expect([name, await bench.session.rows(`SELECT count(*) AS n FROM (${differ})`)]).toEqual([
      name,
      [{ n: 0 }],
    ]);
    const [rows] = await bench.session.rows<{ n: number }>(`SELECT count(*) AS n FROM ${own}`);
    expect(rows!.n).toBeGreaterThan(0);
  }
});
