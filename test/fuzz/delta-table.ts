import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Session, literal } from "../../src/engine/index.ts";

/*
 * A Delta table of eight versions with a checkpoint of every kind: in two parts at 1, classic at 3, v2 in JSON at 5, v2
 * in Parquet at 6, both with a sidecar. Version n has n + 1 files of two rows; the last one removes a file and a row.
 */

export const newestVersion = 7;
/** Rows at each version. */
export const rowCounts = [2, 4, 6, 8, 10, 12, 14, 13];

export const logName = (version: number, rest: string): string =>
  `_delta_log/${String(version).padStart(20, "0")}.${rest}`;

const schemaString = JSON.stringify({
  type: "struct",
  fields: [
    { name: "id", type: "long", nullable: true, metadata: {} },
    {
      name: "s",
      type: { type: "array", elementType: "string", containsNull: true },
      nullable: true,
      metadata: {},
    },
    { name: "p", type: "integer", nullable: true, metadata: {} },
  ],
});
export const metaData = {
  id: "00000000-0000-4000-8000-000000000001",
  format: { provider: "parquet", options: {} },
  schemaString,
  partitionColumns: ["p"],
  configuration: {},
  createdTime: 1,
};
const protocol = {
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["deletionVectors", "v2Checkpoint"],
  writerFeatures: ["deletionVectors", "v2Checkpoint"],
};
const txn = { appId: "a", version: 1 };
const add = (i: number) => ({
  path: `data/${i}.parquet`,
  partitionValues: { p: `${i % 2}` },
  size: 500,
  modificationTime: 1000 + i,
  dataChange: true,
  stats: `{"numRecords":2,"minValues":{"id":${i}},"maxValues":{"id":${i + 100}},"nullCount":{"id":0}}`,
  tags: { t: "x" },
});

const vector = {
  storageType: "u",
  pathOrInlineDv: "0".repeat(20),
  offset: 1,
  sizeInBytes: 34,
  cardinality: 1,
};

/** Delta protocol, "Deletion Vector File Storage Format": row 1, as one 32-bit roaring bitmap with one array. */
function vectorFile(): Buffer {
  const data = Buffer.alloc(vector.sizeInBytes);
  data.writeUInt32LE(1_681_511_377, 0);
  data.writeBigUInt64LE(1n, 4);
  for (const [i, number] of [0, 12_346, 1, 0, 16].entries()) data.writeUInt32LE(number, 12 + 4 * i);
  data.writeUInt16LE(1, 32);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(data));
  return Buffer.concat([Buffer.of(1), size, data, sum]);
}

const types = {
  protocol:
    '{"minReaderVersion":"INTEGER","minWriterVersion":"INTEGER","readerFeatures":["VARCHAR"],"writerFeatures":["VARCHAR"]}',
  metaData:
    '{"id":"VARCHAR","schemaString":"VARCHAR","partitionColumns":["VARCHAR"],"createdTime":"BIGINT","configuration":"MAP(VARCHAR,VARCHAR)"}',
  add: '{"path":"VARCHAR","partitionValues":"MAP(VARCHAR,VARCHAR)","size":"BIGINT","modificationTime":"BIGINT","dataChange":"BOOLEAN","stats":"VARCHAR","tags":"MAP(VARCHAR,VARCHAR)"}',
  txn: '{"appId":"VARCHAR","version":"BIGINT"}',
  sidecar: '{"path":"VARCHAR","sizeInBytes":"BIGINT","modificationTime":"BIGINT"}',
  checkpointMetadata: '{"version":"BIGINT"}',
};

/** A query of the actions as a checkpoint has them: a row each, a column for each kind. */
export function actionRows(actions: readonly Partial<Record<keyof typeof types, object>>[]): string {
  return actions
    .flatMap((action) => Object.entries(action) as [keyof typeof types, object][])
    .map(
      ([kind, value]) => `SELECT from_json(${literal(JSON.stringify(value))}, '${types[kind]}') AS "${kind}"`,
    )
    .join(" UNION ALL BY NAME ");
}

/** What a checkpoint says beside the files. */
export const headActions = [{ protocol }, { metaData }, { txn }];

export async function makeDeltaTable(session: Session, folder: string): Promise<void> {
  await mkdir(join(folder, "_delta_log/_sidecars"), { recursive: true });
  await mkdir(join(folder, "data"));
  const write = async (file: string, actions: readonly object[]) =>
    await writeFile(join(folder, file), actions.map((action) => `${JSON.stringify(action)}\n`).join(""));
  const parquet = async (file: string, query: string) =>
    await session.run(`COPY (${query}) TO ${literal(join(folder, file))} (FORMAT parquet)`);
  const adds = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ add: add(from + i) }));

  await writeFile(join(folder, "deletion_vector_00000000-0000-0000-0000-000000000000.bin"), vectorFile());
  const last = [
    { remove: { path: "data/2.parquet", dataChange: true, deletionTimestamp: 5 } },
    { remove: { path: "data/0.parquet", dataChange: true, deletionTimestamp: 5 } },
    { add: { ...add(0), deletionVector: vector } },
  ];
  for (let i = 0; i <= newestVersion; i++) {
    await parquet(
      `data/${i}.parquet`,
      `SELECT ${i}::BIGINT + r AS id, ['a'] AS s FROM range(0, 200, 100) t(r)`,
    );
    await write(logName(i, "json"), [
      { commitInfo: { timestamp: 1000 + i, operation: "WRITE" } },
      ...(i === 0 ? [{ protocol }, { metaData }] : []),
      { add: add(i) },
      ...(i === newestVersion ? last : []),
      { txn },
    ]);
  }
  await parquet(logName(1, "checkpoint.0000000001.0000000002.parquet"), actionRows(headActions));
  await parquet(logName(1, "checkpoint.0000000002.0000000002.parquet"), actionRows(adds(0, 1)));
  await parquet(logName(3, "checkpoint.parquet"), actionRows([...adds(0, 3), ...headActions]));
  const v2 = async (version: number, letter: string) => {
    const path = `00000000-0000-4000-8000-00000000000${letter}.parquet`;
    await parquet(`_delta_log/_sidecars/${path}`, actionRows(adds(0, version)));
    return [
      { checkpointMetadata: { version } },
      ...headActions,
      { sidecar: { path, sizeInBytes: 1000, modificationTime: 1 } },
    ];
  };
  await write(logName(5, "checkpoint.00000000-0000-4000-8000-00000000000b.json"), await v2(5, "a"));
  await parquet(
    logName(6, "checkpoint.00000000-0000-4000-8000-00000000000d.parquet"),
    actionRows(await v2(6, "c")),
  );
  await write("_delta_log/_last_checkpoint", [{ version: 6, size: 10, checksum: "ab" }]);
}
