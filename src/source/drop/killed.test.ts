import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Catalog } from "../../catalog/index.ts";
import { type Engine, openEngine } from "../../engine/index.ts";
import { openStore } from "../../storage/index.ts";
import { scan } from "../../table/index.ts";

let folder: string;
let engine: Engine;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-killed-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1, memoryLimit: "500MB" });
});

afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const room = fileURLToPath(new URL("../..", import.meta.url));

/** A loader in a process of its own; it says what it begins with, so that it can be killed at work and not before. */
const loader = `
import { Catalog } from ${JSON.stringify(join(room, "catalog/index.ts"))};
import { openEngine } from ${JSON.stringify(join(room, "engine/index.ts"))};
import { openStore } from ${JSON.stringify(join(room, "storage/index.ts"))};
import { loadDrop } from ${JSON.stringify(join(room, "source/index.ts"))};
const folder = process.argv[2];
const engine = await openEngine({ spillFolder: folder + "/spill", threads: 1, memoryLimit: "500MB" });
const session = await engine.session();
const catalog = await Catalog.open(openStore(folder + "/lake"));
await loadDrop({ session, catalog, name: "crm", config: { files: "in/*" }, baseFolder: folder, report: ({ number }) => console.log("file " + number) });
console.log("done");
session.close();
await engine.close();
`;

/** Runs a loader; kills it so many milliseconds after it began with its first file. */
async function runLoader(killAfterMs?: number): Promise<"done" | "killed"> {
  const script = join(folder, "loader.mts");
  await writeFile(script, loader);
  const child = spawn(process.execPath, ["--import", "tsx", script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: join(room, ".."),
  });
  let said = "";
  child.stdout.on("data", (data: Buffer) => {
    if (killAfterMs !== undefined && said === "") setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    said += data.toString();
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (killAfterMs === undefined) expect({ code, said }).toMatchObject({ code: 0 });
  return said.includes("done") ? "done" : "killed";
}

test("loaders that are killed at any moment, and two at once after them, load every file exactly once", async () => {
  await mkdir(join(folder, "in"));
  const files = 12;
  for (let i = 0; i < files; i++)
    await writeFile(
      join(folder, `in/${String(i).padStart(2, "0")}.csv`),
      `id,name\n${i},Ann ${i}\nno,such,row\n${i + 100},Bob ${i}\n`,
    );
  const ends = [];
  for (const killAfterMs of [0, 40, 130, 320]) ends.push(await runLoader(killAfterMs));
  expect(ends).toContain("killed");
  await Promise.all([runLoader(), runLoader()]);

  const session = await engine.session();
  const catalog = await Catalog.open(openStore(join(folder, "lake")));
  const read = async (table: string, columns: string): Promise<unknown[]> =>
    session.rows(
      `SELECT ${columns} FROM ${await scan(session, await (await catalog.find(table))!.snapshot())} ORDER BY ALL`,
    );
  expect(await read("raw.crm", "id")).toEqual(
    Array.from({ length: files }, (_, i) => i)
      .flatMap((i) => [i, i + 100])
      .sort((a, b) => a - b)
      .map((id) => ({ id })),
  );
  expect(await read("raw.crm_rejects", "file, line")).toEqual(
    Array.from({ length: files }, (_, i) => ({ file: `in/${String(i).padStart(2, "0")}.csv`, line: 3 })),
  );
  session.close();
}, 240_000);
