/**
 * `npx tsx bench/table/scan.ts [--files 1000] [--rows 10000] [--rounds 5]`: a full scan of a table, against the
 * engine's own `read_parquet` on the same list of files; then with rows deleted, and under a condition.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { literal, openEngine, textList } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { RowSet, writeDeletionVector } from "../../src/table/deletion/index.ts";
import { fileSet } from "../../src/table/file-set.ts";
import { matchingFiles, scan, tagFieldIds } from "../../src/table/scan/index.ts";
import type { DataFile, Snapshot } from "../../src/table/snapshot.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "1000" },
    rows: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
  },
});
const [fileCount, rowCount, rounds] = [Number(values.files), Number(values.rows), Number(values.rounds)];
const columns = [
  ["id", "BIGINT", "r"],
  ["name", "VARCHAR", "'name ' || (r * 7919 % 100003)"],
  ["amount", "DECIMAL(18,2)", "CAST(r % 100000 / 7 AS DECIMAL(18,2))"],
  ["score", "DOUBLE", "CAST(r * 0.37 AS DOUBLE)"],
  ["grade", "INTEGER", "CAST(r % 97 AS INTEGER)"],
  ["seen", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_seconds(r)"],
  ["day", "DATE", "DATE '2020-01-01' + CAST(r % 1000 AS INTEGER)"],
  ["hash", "VARCHAR", "md5(CAST(r AS VARCHAR))"],
  ["flag", "BOOLEAN", "r % 2 = 0"],
  ["code", "VARCHAR", "'c' || (r % 50)"],
] as const;

const folder = await mkdtemp(join(tmpdir(), "onecopy-bench-scan-"));
const engine = await openEngine({ spillFolder: join(folder, "spill") });
try {
  const session = await engine.session();
  const store = openStore(folder);
  await mkdir(join(folder, "t/data"), { recursive: true });
  const schema = schemaOf(columns.map(([name, type]) => ({ name, type })));
  const ids = columns.map(([name], i) => `${name}: ${i + 1}`).join(", ");
  const paths = Array.from({ length: fileCount }, (_, i) => `data/${String(i).padStart(6, "0")}.parquet`);
  const files: DataFile[] = [];
  for (const [i, path] of paths.entries()) {
    const [from, to] = [i * rowCount, (i + 1) * rowCount];
    await session.run(
      `COPY (SELECT ${columns.map(([name, , sql]) => `${sql} AS ${name}`).join(", ")} FROM range(${from}, ${to}) t(r))
       TO ${literal(join(folder, "t", path))} (FORMAT parquet, FIELD_IDS {${ids}})`,
    );
    files.push({
      path,
      sizeBytes: 1,
      rows: rowCount,
      modifiedMs: 0,
      stats: JSON.stringify({ numRecords: rowCount, minValues: { id: from }, maxValues: { id: to - 1 } }),
      partitionValues: {},
      tags: { [tagFieldIds]: "true" },
      dataChange: true,
    });
  }
  const snapshot = (of: readonly DataFile[]): Snapshot => ({
    store,
    folder: "t",
    version: 0,
    rowsVersion: 0,
    timestampMs: 0,
    tableId: "bench",
    schema,
    hasFieldIds: true,
    schemaString: "",
    partitionColumns: [],
    files: fileSet(of),
    properties: {},
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    transactions: new Map(),
    provenance: undefined,
    iceberg: undefined,
  });
  const tenth = RowSet.fromArray(Array.from({ length: Math.ceil(rowCount / 10) }, (_, i) => i * 10));
  const { delta } = await writeDeletionVector(store, "t", "any", tenth);
  const deleted = files.map((file) => ({ ...file, deletionVector: delta }));
  const some = files.map((file, i) => (i % 20 === 0 ? { ...file, deletionVector: delta } : file));
  const plain = `read_parquet(${textList(paths.map((path) => join(folder, "t", path)))})`;
  const everyColumn = columns.map(([name]) => `max(${name})`).join(", ");
  const condition = `id BETWEEN ${rowCount * 5} AND ${rowCount * 5 + 10}`;
  const queries: Record<string, () => Promise<string>> = {
    read_parquet: async () => `SELECT ${everyColumn} FROM ${plain}`,
    scan: async () => `SELECT ${everyColumn} FROM ${await scan(session, snapshot(files))}`,
    "scan, with positions": async () =>
      `SELECT ${everyColumn}, max(__file), max(__row) FROM ${await scan(session, snapshot(files), { positions: true })}`,
    "scan, a tenth deleted in every 20th file": async () =>
      `SELECT ${everyColumn} FROM ${await scan(session, snapshot(some))}`,
    "scan, a tenth deleted in every file": async () =>
      `SELECT ${everyColumn} FROM ${await scan(session, snapshot(deleted))}`,
    "read_parquet, condition": async () => `SELECT ${everyColumn} FROM ${plain} WHERE ${condition}`,
    "scan, condition": async () =>
      `SELECT ${everyColumn} FROM ${await scan(session, snapshot(files), { where: condition })} WHERE ${condition}`,
  };
  const times = new Map<string, number[]>(Object.keys(queries).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const [name, query] of Object.entries(queries)) {
      const start = performance.now();
      await session.rows(await query());
      // The first round warms the file cache.
      if (round > 0) times.get(name)!.push(performance.now() - start);
    }
  const median = (name: string): number =>
    times.get(name)!.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
  console.log(
    `${fileCount} files of ${rowCount} rows, ${columns.length} columns; median of ${rounds} rounds`,
  );
  for (const name of Object.keys(queries)) {
    const against = name.includes("condition") ? "read_parquet, condition" : "read_parquet";
    console.log(
      `${name.padEnd(42)} ${median(name).toFixed(0).padStart(6)} ms   × ${(median(name) / median(against)).toFixed(2)}`,
    );
  }
  const million = Array.from({ length: 1_000_000 }, (_, i) => ({
    ...files[i % fileCount]!,
    path: String(i),
  }));
  const start = performance.now();
  const found = await matchingFiles(
    session,
    { ...snapshot([]), files: { ...fileSet([]), [Symbol.iterator]: () => million.values() } },
    condition,
  );
  console.log(`${found.length} of 1,000,000 files may match: ${(performance.now() - start).toFixed(0)} ms`);
} finally {
  await engine.close();
  await rm(folder, { recursive: true });
}
