import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { literal, openEngine } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { schemaToDelta } from "../../src/table/delta/schema.ts";
import { statsToDelta } from "../../src/table/delta/stats.ts";
import { dataFileRecord } from "../../src/table/iceberg/data-file.ts";
import { type IcebergBase, prepareIceberg } from "../../src/table/iceberg/prepare.ts";
import { icebergLocation, versionName } from "../../src/table/path.ts";
import type { FileStatistics } from "../../src/table/statistics.ts";

/* The logs of a table, written directly: a listing opens no data file, so there are none. */

const schema = schemaOf([
  { name: "id", type: "BIGINT" },
  { name: "name", type: "VARCHAR" },
  { name: "amount", type: "DECIMAL(18,2)" },
  { name: "at", type: "TIMESTAMP WITH TIME ZONE" },
  { name: "city", type: "VARCHAR" },
]);
const tableId = "6f1c0d5e-0000-4000-8000-000000000001";
const path = (i: number): string => `data/00000000-0000-4000-8000-${String(i).padStart(12, "0")}.parquet`;
const size = (i: number): number => 10_000_000 + i;
const manifests = 10;

function statisticsOf(i: number): FileStatistics {
  const bounds = (lower: bigint | string, upper: bigint | string) => ({ nulls: 0, lower, upper });
  const columns = [
    bounds(BigInt(i) * 1000n, BigInt(i) * 1000n + 999n),
    bounds(`Aaron ${i}`, `Zoe ${i}`),
    bounds(1n, 99_999n),
    bounds(1_700_000_000_000_000n, 1_800_000_000_000_000n),
    bounds(`Aachen ${i * 7}`, `Zwickau ${i * 7}`),
  ];
  return { rows: 1000, columns: new Map(columns.map((column, c) => [schema.fields[c]!.id, column])) };
}

/** Gives the newest Iceberg metadata file, and what a listing must find. */
export async function makeTable(folder: string, files: number, commits: number) {
  const store = openStore(folder);
  const log = join(folder, "t/_delta_log");
  await mkdir(log, { recursive: true });
  const checkpoint = 10;
  const metaData = {
    id: tableId,
    name: null,
    description: null,
    format: { provider: "parquet", options: {} },
    schemaString: schemaToDelta(schema),
    partitionColumns: [],
    createdTime: 1_700_000_000_000,
    configuration: { "onecopy.last-field-id": "5" },
  };
  const engine = await openEngine({ spillFolder: join(folder, "spill"), memoryLimit: "2GB" });
  const session = await engine.session();
  // One text for all: what differs from file to file is put in by the engine.
  const [a, b] = [JSON.stringify(statsToDelta(statisticsOf(1_234_567), schema, new Set())), 1_234_567];
  const text = literal(JSON.parse(a) as string);
  const stats = [String(b * 1000), String(b * 1000 + 999), String(b * 7), String(b)].reduce(
    (sql, digits, n) =>
      `replace(${sql}, '${digits}', (${["i * 1000", "i * 1000 + 999", "i * 7", "i"][n]})::VARCHAR)`,
    text,
  );
  await session.run(
    `COPY (SELECT
       CASE WHEN i = -2 THEN {minReaderVersion: 1, minWriterVersion: 2} END AS protocol,
       CASE WHEN i = -1 THEN from_json(${literal(JSON.stringify(metaData))}, '{"id":"VARCHAR","name":"VARCHAR","description":"VARCHAR","format":{"provider":"VARCHAR","options":"MAP(VARCHAR,VARCHAR)"},"schemaString":"VARCHAR","partitionColumns":["VARCHAR"],"createdTime":"BIGINT","configuration":"MAP(VARCHAR,VARCHAR)"}') END AS "metaData",
       CASE WHEN i >= 0 THEN {path: 'data/00000000-0000-4000-8000-' || lpad(i::VARCHAR, 12, '0') || '.parquet', "partitionValues": MAP {}::MAP(VARCHAR, VARCHAR), size: 10000000 + i, "modificationTime": 1700000000000::BIGINT, "dataChange": false, stats: ${stats}, tags: MAP {'onecopy.field-ids': 'true'}} END AS "add"
     FROM range(-2, ${files}) r(i)) TO ${literal(join(log, `${versionName(checkpoint)}.checkpoint.parquet`))} (FORMAT parquet)`,
  );
  session.close();
  await engine.close();
  await writeFile(join(log, "_last_checkpoint"), JSON.stringify({ version: checkpoint, size: files + 2 }));
  let left = 0;
  let leftBytes = 0;
  for (let c = 1; c <= commits; c++) {
    const i = files + c - 1;
    const lines: object[] = [{ commitInfo: { timestamp: 1_700_000_000_000 + c, operation: "WRITE" } }];
    if (c % 10 === 0 && left < files) {
      lines.push({
        remove: { path: path(left), deletionTimestamp: 1_700_000_000_000 + c, dataChange: true },
      });
      leftBytes += size(left++);
    }
    lines.push({
      add: {
        path: path(i),
        partitionValues: {},
        size: size(i),
        modificationTime: 1_700_000_000_000 + c,
        dataChange: true,
        stats: statsToDelta(statisticsOf(i), schema, new Set()),
        tags: { "onecopy.field-ids": "true" },
      },
    });
    const name = `${versionName(checkpoint + c)}.json`;
    await writeFile(join(log, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
  const total = files + commits;
  const bytes = 10_000_000 * total + (total * (total - 1)) / 2 - leftBytes;
  let iceberg: IcebergBase | undefined;
  const change = {
    timestampMs: 1_700_000_000_000,
    schema,
    partitionColumns: [],
    properties: {},
    identifying: new Set<string>(),
  };
  const step = Math.ceil((total - left) / manifests);
  for (let from = left, version = 0; from < total; from += step, version++) {
    const added = Array.from({ length: Math.min(step, total - from) }, (_, k) =>
      dataFileRecord(
        icebergLocation(store, `t/${path(from + k)}`),
        size(from + k),
        statisticsOf(from + k),
        schema,
        new Set(),
      ),
    );
    const data = { added, removedPaths: new Set<string>(), deletes: [], changesRows: true };
    iceberg = await prepareIceberg(store, "t", tableId, iceberg, { ...change, version, data });
  }
  return {
    metadata: icebergLocation(store, iceberg!.metadataKey),
    expected: { files: total - left, sizeBytes: bytes },
  };
}
