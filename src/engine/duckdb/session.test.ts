import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine, Session } from "../session.ts";
import { openEngine } from "./engine.ts";

let folder: string;
let engine: Engine;
let session: Session;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-session-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), memoryLimit: "500MB", threads: 2 });
  session = await engine.session();
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** Runs for minutes when nobody stops it. */
const endless = "SELECT sum(hash(i)) FROM range(100_000_000_000) t(i)";

test("a statement that is cancelled fails at once, and the session goes on", async () => {
  const abort = new AbortController();
  const startedMs = performance.now();
  setTimeout(() => abort.abort(), 50);
  await expect(session.run(endless, { signal: abort.signal })).rejects.toMatchObject({
    code: "engine.cancelled",
  });
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(await session.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("whenever it is cancelled, also before it began, a statement stops and the next one does not", async () => {
  for (let i = 0; i < 60; i++) {
    const abort = new AbortController();
    const running = session.run(endless, {
      signal: abort.signal,
      ...(i % 2 === 0 ? { onProgress: () => {} } : {}),
    });
    // From before the engine has seen the statement to well into it.
    if (i % 4 !== 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    abort.abort();
    const next = session.rows("SELECT 1 AS one");
    await expect(running).rejects.toMatchObject({ code: "engine.cancelled" });
    expect(await next).toEqual([{ one: 1 }]);
  }
});

test("what was cancelled before it was asked for does not run", async () => {
  await expect(
    session.run("CREATE TEMP TABLE never AS SELECT 1", { signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({
    code: "engine.cancelled",
  });
  await expect(session.run("FROM never")).rejects.toMatchObject({ code: "engine.query_failed" });
});

test("one session's cancelling leaves the others alone", async () => {
  const other = await engine.session();
  const abort = new AbortController();
  const long = other.rows<{ n: number }>(
    "SELECT count(*) AS n FROM range(30_000_000) t(i) WHERE hash(i) % 2 = 3",
  );
  setTimeout(() => abort.abort(), 20);
  await expect(session.run(endless, { signal: abort.signal })).rejects.toMatchObject({
    code: "engine.cancelled",
  });
  expect(await long).toEqual([{ n: 0 }]);
  other.close();
});

test("a statement that fails midway fails, with no row given", async () => {
  const failing =
    "SELECT CASE WHEN i = 999_999 THEN error('row 999999') ELSE i END AS i FROM range(1_000_000) t(i)";
  await expect(session.rows(failing)).rejects.toMatchObject({
    code: "engine.query_failed",
    message: expect.stringContaining("row 999999"),
  });
});

test("statements of one session run in the order in which they were asked for", async () => {
  await session.run("CREATE TEMP TABLE steps (step INTEGER)");
  await Promise.all(Array.from({ length: 20 }, (_, i) => session.run(`INSERT INTO steps VALUES (${i})`)));
  const steps = await session.rows<{ step: number }>("SELECT step FROM steps ORDER BY rowid");
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("closing a session stops what runs on it, and what waits", async () => {
  const closing = await engine.session();
  const running = closing.run(endless);
  const waiting = closing.run("SELECT 1");
  running.catch(() => undefined);
  waiting.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  closing.close();
  await expect(running).rejects.toMatchObject({ code: "engine.query_failed" });
  await expect(waiting).rejects.toMatchObject({ code: "engine.closed" });
  await expect(closing.run("SELECT 1")).rejects.toMatchObject({ code: "engine.closed" });
});

test("progress rises to its end", async () => {
  const path = join(folder, "numbers.parquet");
  await session.run(`COPY (SELECT i, hash(i) AS h FROM range(1_500_000) t(i)) TO '${path}'`);
  const seen: number[] = [];
  const slow = `SELECT count(*) AS n FROM '${path}' WHERE sha256(concat(h, i)) < 'x' AND md5(h::VARCHAR) < 'x'`;
  expect(await session.rows(slow, { onProgress: (percent) => seen.push(percent) })).toEqual([
    { n: 1_500_000 },
  ]);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every((percent) => percent >= 0 && percent <= 100)).toBe(true);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBeGreaterThan(0);
});

test("describe names columns and types, and runs nothing", async () => {
  expect(
    await session.describe("SELECT 1::DECIMAL(9,2) AS price, [1] AS list, error('run') AS e"),
  ).toMatchObject([
    { name: "price", type: "DECIMAL(9,2)" },
    { name: "list", type: "INTEGER[]" },
    { name: "e" },
  ]);
});

test("numbers come as typed arrays, from as many rows as there are", async () => {
  const arrays = await session.arrays(
    "SELECT i, i::INTEGER AS j, i / 2 AS half, (i / 2)::FLOAT AS single FROM range(300_000) t(i)",
  );
  expect(arrays.i).toBeInstanceOf(BigInt64Array);
  expect(arrays.j).toBeInstanceOf(Int32Array);
  expect(arrays.half).toBeInstanceOf(Float64Array);
  expect(arrays.single).toBeInstanceOf(Float32Array);
  for (let i = 0; i < 300_000; i += 7)
    expect([arrays.i![i], arrays.j![i], arrays.half![i], arrays.single![i]]).toEqual([
      BigInt(i),
      i,
      i / 2,
      i / 2,
    ]);
  expect((await session.arrays("SELECT 1 AS x WHERE false")).x).toEqual(new Int32Array());
});

test("arrays takes no null and no text, and names the column", async () => {
  await expect(
    session.arrays("SELECT CASE WHEN i <> 5000 THEN i END AS gap FROM range(9000) t(i)"),
  ).rejects.toMatchObject({
    code: "engine.null_number",
    message: expect.stringContaining("gap"),
  });
  await expect(session.arrays("SELECT 'x' AS word")).rejects.toMatchObject({
    code: "engine.not_a_number_column",
    message: expect.stringContaining("word"),
  });
});

test("reading only: one SELECT, and no function that does more than read", async () => {
  await session.run("CREATE TEMP TABLE t AS SELECT 1 AS a, 'x' AS b");
  const file = join(folder, "kept.csv");
  await writeFile(file, "a\n1\n");
  const reading = [
    ...[
      "SELECT 1",
      "FROM t;  -- all of it",
      "WITH x AS (FROM t) FROM x",
      "VALUES (1)",
      "SUMMARIZE t",
      "DESCRIBE t",
    ],
    ...[
      "SHOW TABLES",
      "FROM range(3)",
      `FROM '${file}'`,
      `FROM read_csv('${file}')`,
      "SELECT unnest([1, 2])",
    ],
    ...["FROM (PIVOT t ON b IN ('x') USING sum(a))", "FROM t, LATERAL (SELECT a + 1)", "TABLE t"],
  ];
  for (const sql of reading) await expect(session.requireReadOnly(sql), sql).resolves.toBeUndefined();
  const more = [
    ...[
      "",
      "-- nothing",
      "SELECT 1; SELECT 2",
      "SELECT 1; DROP TABLE t",
      "INSERT INTO t VALUES (1, '') RETURNING *",
    ],
    ...[
      "DELETE FROM t",
      "UPDATE t SET a = 2",
      "CREATE TABLE u AS FROM t",
      "DROP TABLE t",
      `COPY t TO '${file}'`,
    ],
    ...[
      "EXPLAIN ANALYZE SELECT 1",
      "ATTACH ':memory:' AS m",
      "SET threads = 1",
      "PRAGMA version",
      "CALL checkpoint()",
    ],
    ...[
      "FROM enable_logging('QueryLog')",
      "FROM main.Enable_Logging()",
      "FROM query('SELECT 1')",
      "FROM checkpoint()",
    ],
    ...[
      "SELECT (SELECT count(*) FROM truncate_duckdb_logs())",
      "WITH x AS (FROM disable_logging()) SELECT 1",
    ],
    ...[
      "FROM t WHERE EXISTS (FROM enable_profiling())",
      "FROM arrow_scan(1::POINTER, 2::POINTER, 3::POINTER)",
    ],
    ...[
      "FROM query_table('t')",
      "FROM json_execute_serialized_sql('{}')",
      "FROM read_duckdb('x')",
      "BEGIN",
      "VACUUM",
    ],
  ];
  for (const sql of more)
    await expect(session.requireReadOnly(sql), sql).rejects.toMatchObject({ code: "engine.not_read_only" });
  await expect(session.requireReadOnly("SELEC 1")).rejects.toMatchObject({ code: "engine.query_failed" });
  expect(await session.rows("FROM t")).toEqual([{ a: 1, b: "x" }]);
  expect(await readFile(file, "utf8")).toBe("a\n1\n");
});

test("typed arrays become a table, however long", async () => {
  const numbers = Int32Array.from({ length: 5000 }, (_, i) => i - 7);
  const halves = Float64Array.from(numbers, (number) => number / 2);
  await session.load("loaded", { number: numbers, half: halves });
  const back = await session.arrays("SELECT number, half FROM loaded ORDER BY number");
  expect(back["number"]).toEqual(numbers);
  expect(back["half"]).toEqual(halves);
  await session.load("loaded", { number: new Int32Array(0) });
  expect(await session.rows("SELECT count(*) AS n FROM loaded")).toEqual([{ n: 0 }]);
});
