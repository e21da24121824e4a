import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { literal, openEngine } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { Table } from "../../src/table/index.ts";

/**
 * A write of OneCopy beside DuckDB's own COPY to Parquet of the same rows, in turns, in one run:
 * `npx tsx bench/table/write.ts [ROWS] [TURNS] [PARTITIONS]`, by default 10000000 and 5. Twenty columns of mixed types,
 * made once in the engine. OneCopy's time is that of the whole write: durable files, statistics, the commit in both
 * formats. Prints seconds and seconds of processor time of each turn, and the ratios of the medians. With PARTITIONS the
 * table has so many, and COPY writes by PARTITION_BY.
 */
const [rows = 10_000_000, turns = 5, partitions = 0] = process.argv.slice(2).map(Number);
const base = await mkdtemp(join(tmpdir(), "onecopy-bench-"));
const engine = await openEngine({ spillFolder: join(base, "spill") });
const session = await engine.session();
const store = openStore(join(base, "lake"));

const number = (seed: number, below: number): string => `(hash(i + ${seed}) % ${below})`;
await session.run(`CREATE TABLE made AS SELECT
  i AS id, ${number(1, 1_000_000)}::BIGINT AS customer, ${number(2, 100)}::INTEGER AS quantity, ${number(3, 5)}::SMALLINT AS status,
  ${number(4, 2)} = 0 AS paid, hash(i + 5) / 1e10 AS weight, (${number(6, 1_000_000)} / 1000)::FLOAT AS score,
  (${number(7, 10_000_000)} / 100)::DECIMAL(12,2) AS price, DATE '2020-01-01' + (i % 1000)::INTEGER AS day,
  TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (i) SECOND AS made_at, 'user-' || ${number(8, 1_000_000)} AS login,
  md5(i::VARCHAR) AS token, ['red', 'green', 'blue'][i % 3 + 1] AS colour,
  CASE WHEN i % 10 > 0 THEN 'city ' || (i % 500) END AS city, ${number(9, 1_000_000_000)}::BIGINT AS session,
  (i // 10)::BIGINT AS basket, sin(i) AS wave, (i % 7)::INTEGER AS weekday, repeat('x', (i % 20)::INTEGER) AS note,
  TIMESTAMPTZ '2021-01-01 00:00:00+00' + INTERVAL (i % 86400) MINUTE AS paid_at
  ${partitions > 0 ? `, ${number(10, partitions)}::INTEGER AS part` : ""}
  FROM range(${rows}) r(i)`);
const schema = schemaOf(await session.describe("SELECT * FROM made"));

interface Time {
  readonly seconds: number;
  readonly cpu: number;
}

async function time(work: () => Promise<unknown>): Promise<Time> {
  const [startedMs, startedCpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(startedCpu);
  return { seconds: (performance.now() - startedMs) / 1000, cpu: (user + system) / 1e6 };
}

async function ours(): Promise<Time> {
  await rm(join(base, "lake", "t"), { recursive: true, force: true });
  await Table.create(store, "t", { schema, partitionBy: partitions > 0 ? ["part"] : [] });
  const table = await Table.open(store, "t");
  return await time(() => table.write(session, { mode: "append", query: "SELECT * FROM made" }));
}

async function copy(): Promise<Time> {
  const folder = join(base, "copy");
  await rm(folder, { recursive: true, force: true });
  if (partitions === 0) await mkdir(folder);
  const [target, options] =
    partitions === 0
      ? [join(folder, "made.parquet"), ""]
      : [folder, ", PARTITION_BY (part), WRITE_PARTITION_COLUMNS"];
  return await time(() => session.run(`COPY made TO ${literal(target)} (FORMAT parquet${options})`));
}

const times: { readonly ours: Time[]; readonly copy: Time[] } = { ours: [], copy: [] };
for (let turn = 0; turn < turns; turn++)
  for (const who of turn % 2 === 0 ? (["copy", "ours"] as const) : (["ours", "copy"] as const)) {
    const taken = await (who === "ours" ? ours() : copy());
    times[who].push(taken);
    console.log(
      `${who.padEnd(5)} ${taken.seconds.toFixed(2).padStart(8)} s ${taken.cpu.toFixed(2).padStart(8)} s of processor`,
    );
  }

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const ratio = (of: (time: Time) => number): string =>
  (median(times.ours.map(of)) / median(times.copy.map(of))).toFixed(3);
console.log(
  `${rows} rows, ${schema.fields.length} columns: OneCopy takes ${ratio(({ seconds }) => seconds)} times as long as COPY, and ${ratio(({ cpu }) => cpu)} times its processor time.`,
);
session.close();
await engine.close();
await rm(base, { recursive: true });
