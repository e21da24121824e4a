import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEngine } from "./engine.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy engine %20'-"));
});
afterEach(() => rm(folder, { recursive: true }));

const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;

test("confined, SQL reaches the folders it was given, and nothing else", async () => {
  const lake = join(folder, "lake");
  const outside = join(folder, "lake2");
  await mkdir(join(lake, "inside"), { recursive: true });
  await mkdir(outside);
  await writeFile(join(lake, "inside", "own.csv"), "a\n1\n");
  await writeFile(join(outside, "secret.csv"), "a\n2\n");
  await symlink(outside, join(lake, "folder-link"));
  await symlink(join(outside, "secret.csv"), join(lake, "file-link.csv"));
  await symlink(join(lake, "inside"), join(lake, "inside-link"));
  const engine = await openEngine({ spillFolder: join(folder, "spill"), confineTo: [lake], threads: 1 });
  const session = await engine.session();
  const at = (...parts: string[]): string => quoted(`${lake}/${parts.join("/")}`);

  const allowed = [
    `FROM ${at("inside", "own.csv")}`,
    `FROM ${at("inside", "*.csv")}`,
    `FROM ${at("inside-link", "own.csv")}`,
    `FROM ${at("inside", "..", "inside", "own.csv")}`,
  ];
  for (const sql of allowed) expect(await session.rows(sql), sql).toEqual([{ a: 1 }]);
  await session.run(`COPY (SELECT 3 AS a) TO ${at("written.parquet")}`);
  await session.run(`COPY (SELECT 3 AS a) TO ${quoted(join(engine.scratchFolder, "scratch.parquet"))}`);

  const refused = [
    `FROM ${quoted(join(outside, "secret.csv"))}`, // its path begins as the lake's does
    `FROM ${at("..", "lake2", "secret.csv")}`,
    `FROM ${at("inside", ".", "..", "..", "lake2", "secret.csv")}`,
    `FROM ${at("folder-link", "secret.csv")}`,
    `FROM ${at("file-link.csv")}`,
    `FROM ${at("*", "secret.csv")}`,
    `FROM glob(${at("folder-link", "*")})`,
    `FROM glob(${at("..", "*")})`,
    "FROM glob('/etc/*')",
    "FROM read_text('/etc/passwd')",
    "FROM read_text('file:///etc/passwd')",
    "FROM read_text('/proc/self/environ')",
    "FROM read_csv('/dev/stdin')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM parquet_metadata('/etc/passwd')",
    "FROM read_csv('http://127.0.0.1:9/x.csv')",
    "FROM read_parquet('s3://bucket/x.parquet')",
    `COPY (SELECT 1) TO ${quoted(join(outside, "new.csv"))}`,
    `COPY (SELECT 1) TO ${at("folder-link", "new.csv")}`,
    `COPY (SELECT 1) TO ${at("..", "new.csv")}`,
    `EXPORT DATABASE ${quoted(join(outside, "export"))}`,
    `ATTACH ${quoted(join(outside, "new.duckdb"))} AS other`,
    "INSTALL httpfs",
    "LOAD httpfs",
    `LOAD ${at("x.duckdb_extension")}`,
    "SET enable_external_access = true",
    "SET GLOBAL allowed_directories = ['/']",
    "RESET allowed_directories",
    "SET allowed_paths = ['/etc/passwd']",
    `SET temp_directory = ${quoted(outside)}`,
    `SET log_query_path = ${quoted(join(outside, "log"))}`,
  ];
  for (const sql of refused)
    await expect(session.rows(sql), sql).rejects.toMatchObject({
      code: "engine.query_failed",
      message: expect.stringMatching(/Permission Error|disabled|Cannot (enable|change)/),
    });
  expect(await readdir(outside)).toEqual(["secret.csv"]);
  expect((await readdir(folder)).toSorted()).toEqual(["lake", "lake2", "spill"]);
  await engine.close();
});

test("a folder is confined to under a link's name as well", async () => {
  await mkdir(join(folder, "real"));
  await writeFile(join(folder, "real", "own.csv"), "a\n1\n");
  await symlink(join(folder, "real"), join(folder, "lake"));
  const engine = await openEngine({ spillFolder: join(folder, "spill"), confineTo: [join(folder, "lake")] });
  const session = await engine.session();
  expect(await session.rows(`FROM ${quoted(join(folder, "lake", "own.csv"))}`)).toEqual([{ a: 1 }]);
  await engine.close();
});

test("a query larger than the memory limit spills into the spill folder, and finishes", async () => {
  const spillFolder = join(folder, "spill");
  const engine = await openEngine({ spillFolder, memoryLimit: "150MB", threads: 2 });
  const session = await engine.session();
  // 4 million distinct keys with 100 bytes each: more than 400 MB to group.
  const running = session.rows<{ n: number; least: number }>(
    `SELECT count(*) AS n, min(c) AS least FROM (
       SELECT md5(i::VARCHAR) || repeat('x', 70) AS k, count(*) AS c FROM range(4_000_000) t(i) GROUP BY k)`,
  );
  let spilledBytes = 0;
  const watch = setInterval(() => {
    void sizeOf(spillFolder).then((bytes) => (spilledBytes = Math.max(spilledBytes, bytes)));
  }, 20);
  try {
    expect(await running).toEqual([{ n: 4_000_000, least: 1 }]);
  } finally {
    clearInterval(watch);
  }
  expect(spilledBytes).toBeGreaterThan(50_000_000);
  await engine.close();
  expect(await readdir(spillFolder)).toEqual([]);
});

async function sizeOf(path: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path, { recursive: true }))
    bytes += await stat(join(path, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    );
  return bytes;
}

test("closing the engine stops what runs, and wipes its folder", async () => {
  const engine = await openEngine({ spillFolder: folder, threads: 1 });
  const session = await engine.session();
  await writeFile(join(engine.scratchFolder, "a copy"), "a customer's value");
  const running = session.run("SELECT sum(hash(i)) FROM range(100_000_000_000) t(i)");
  running.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await engine.close();
  await expect(running).rejects.toMatchObject({ code: "engine.query_failed" });
  expect(await readdir(folder)).toEqual([]);
});

const openAndWait = `
  import { openEngine } from "./src/engine/index.ts";
  const engine = await openEngine({ spillFolder: process.argv[1], threads: 1 });
  console.log(engine.scratchFolder);
  if (process.argv[2] === "throw") throw new Error("on purpose");
  setTimeout(() => {}, 60_000);`;

function startOther(...args: string[]): ReturnType<typeof spawn> {
  return spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", openAndWait, folder, ...args],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
}

test("what a killed process left is wiped at the next start; what a running one uses stays", async () => {
  const [killed, running] = [startOther(), startOther()];
  for (const child of [killed, running]) await once(child.stdout!, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(await readdir(folder)).toHaveLength(2);
  const engine = await openEngine({ spillFolder: folder, threads: 1 });
  expect(await readdir(folder)).toHaveLength(2);
  await engine.close();
  expect(await readdir(folder)).toEqual([expect.stringContaining(`.${running.pid}.`)]);
  running.kill("SIGKILL");
  await once(running, "exit");
});

test("a process that ends by an error wipes its folder itself", async () => {
  const child = startOther("throw");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("a folder of another machine or boot is wiped when it shows no sign of life, and nothing else is touched", async () => {
  const plant = async (name: string, ageMinutes: number): Promise<string> => {
    await mkdir(join(folder, name));
    const time = Date.now() / 1000 - ageMinutes * 60;
    await utimes(join(folder, name), time, time);
    return name;
  };
  const id = "019ab000-0000-7000-8000-000000000000";
  await plant(`spill.0123456789ab.1.1.${id}`, 61);
  const kept = [await plant(`spill.0123456789ab.2.1.${id}`, 59), await plant("somebody's folder", 10_000)];
  const engine = await openEngine({ spillFolder: folder, threads: 1 });
  await engine.close();
  expect((await readdir(folder)).toSorted()).toEqual(kept.toSorted());
});

test("an engine that cannot be opened says with what, and leaves nothing", async () => {
  for (const wrong of [{ memoryLimit: "much" }, { threads: 0 }])
    await expect(openEngine({ spillFolder: folder, ...wrong })).rejects.toMatchObject({
      code: "engine.not_opened",
      message: expect.stringMatching(/a memory limit of much|with 0 threads/),
    });
  expect(await readdir(folder)).toEqual([]);
});
