import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { schemaOf } from "../../schema/index.ts";
import { FaultyStore, type Store, openStore, scripted } from "../../storage/index.ts";
import { parquetFile } from "../deletion/parquet.ts";
import { manifestsOf } from "../iceberg/live.ts";
import { type DataFileRecord, contentDeletes, entryAdded } from "../iceberg/manifest.ts";
import { writeManifestList } from "../iceberg/manifest-list.ts";
import { manifestWriter } from "../iceberg/manifest-writer.ts";
import { type TableMetadata, currentSnapshot, parseMetadata } from "../iceberg/metadata.ts";
import {
  type IcebergCommitRequest,
  type Snapshot,
  Table,
  type TableUpdate,
  readIcebergSnapshot,
  scan,
} from "../index.ts";
import { icebergLocation, keyIn } from "../path.ts";

/* Position deletes as engines write them: one file about several data files, beside the data. */

let bench: Workbench;
let store: Store;
let folder: string;
let table: Table;

beforeAll(async () => {
  bench = await openWorkbench("onecopy-foreign-deletes-");
});
afterAll(async () => {
  await bench.close();
});

let made = 0;
async function newTable(
  properties: Readonly<Record<string, string>>,
  partitionBy: readonly string[] = [],
): Promise<void> {
  folder = `a/t${made++}`;
  await Table.create(store, folder, {
    schema: schemaOf([
      { name: "id", type: "BIGINT" },
      { name: "side", type: "VARCHAR" },
    ]),
    partitionBy,
    properties,
  });
  table = await Table.open(store, folder);
  for (const [side, from] of [
    ["left", 0],
    ["right", 10],
  ] as const)
    await table.write(bench.session, {
      mode: "append",
      query: `SELECT i AS id, '${side}' AS side FROM range(${from}, ${from + 10}) r(i)`,
    });
}

beforeEach(async () => {
  store = openStore(join(bench.base, "lake"));
  await newTable({ "delta.enableDeletionVectors": "true" });
});

async function metadataOf({ iceberg }: Snapshot): Promise<TableMetadata> {
  const found = await store.get(iceberg!.metadataKey);
  if (found.kind === "absent") throw new Error("no metadata");
  return parseMetadata(iceberg!.metadataKey, found.body);
}

/** The ids that readers of either format see. */
async function seen(): Promise<{ delta: number[]; iceberg: number[] }> {
  const snapshot = await (await Table.open(store, folder)).snapshot();
  const ids = async (one: Snapshot): Promise<number[]> => {
    const rows = await bench.session.rows<{ id: number }>(
      `SELECT id::INTEGER AS id FROM ${await scan(bench.session, one)} ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  };
  const { metadataKey } = snapshot.iceberg!;
  return { delta: await ids(snapshot), iceberg: await ids(await readIcebergSnapshot(store, metadataKey)) };
}

function without(...gone: readonly number[]): { delta: number[]; iceberg: number[] } {
  const left = Array.from({ length: 20 }, (_, i) => i).filter((id) => !gone.includes(id));
  return { delta: left, iceberg: left };
}

/** The locations of the data files, in the order of their ids. */
async function locations(): Promise<string[]> {
  const { files } = await table.snapshot();
  return [...files]
    .sort((a, b) => (a.stats! < b.stats! ? -1 : 1))
    .map(({ path }) => icebergLocation(store, keyIn(folder, path)));
}

/** What an engine asks for that deletes these positions of these files. */
async function marks(
  rows: readonly (readonly [location: string, positions: readonly number[]])[],
  said: Partial<DataFileRecord> = {},
  steps = 1,
): Promise<IcebergCommitRequest> {
  const metadata = await metadataOf(await table.snapshot());
  const parent = currentSnapshot(metadata)!;
  let manifests = await manifestsOf(store, folder, metadata);
  let parentId = parent["snapshot-id"];
  const updates: TableUpdate[] = [];
  for (let step = 0; step < steps; step++) {
    const ids = {
      id: BigInt(1 + Math.floor(Math.random() * 2 ** 40)),
      parentId,
      sequenceNumber: metadata["last-sequence-number"] + 1n + BigInt(step),
    };
    const put = async (path: string, body: Uint8Array): Promise<string> => {
      const key = keyIn(folder, path);
      await store.put(key, body);
      return key;
    };
    const columns = [
      { name: "file_path", fieldId: 2_147_483_546, type: "text" },
      { name: "pos", fieldId: 2_147_483_545, type: "long" },
    ] as const;
    const groups = rows.map(([location, positions]) => [
      location,
      Float64Array.from(positions, (one) => one + step),
    ]);
    const body = Buffer.concat([...parquetFile(columns, groups, "none")]);
    const file = await put(`data/${randomUUID()}-deletes.parquet`, body);
    const write = manifestWriter(store, metadata, ids, async (name, bytes) => put(`_iceberg/${name}`, bytes));
    const entry = {
      status: entryAdded,
      snapshot_id: ids.id,
      sequence_number: null,
      file_sequence_number: null,
      data_file: {
        content: 1,
        file_path: icebergLocation(store, file),
        file_format: "PARQUET",
        partition: {},
        record_count: BigInt(rows.length),
        file_size_in_bytes: BigInt(body.length),
        ...said,
      },
    };
    manifests = [...manifests, await write(metadata["default-spec-id"], contentDeletes, [entry])];
    const list = await put(`_iceberg/snap-${randomUUID()}.avro`, writeManifestList(ids, manifests));
    updates.push({
      action: "add-snapshot",
      snapshot: {
        "snapshot-id": ids.id,
        "parent-snapshot-id": parentId,
        "sequence-number": ids.sequenceNumber,
        "timestamp-ms": Date.now(),
        "manifest-list": icebergLocation(store, list),
        summary: { operation: "delete", "engine-name": "ours" },
        "schema-id": 0,
      },
    });
    parentId = ids.id;
  }
  return {
    requirements: [{ type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": parent["snapshot-id"] }],
    updates: [
      ...updates,
      { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": parentId },
    ],
  };
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(`${folder}/`)) found.push(key);
  return found.sort();
}

test("one file of deletes about two data files: a vector and a delete file for each, with the rows of before", async () => {
  const [left, right] = await locations();
  await table.delete(bench.session, { where: "id = 5" });
  const outcome = await table.commitIceberg(
    await marks([
      [left!, [0, 1]],
      [right!, [9]],
    ]),
  );
  expect(outcome.kind).toBe("committed");
  expect(await seen()).toEqual(without(0, 1, 5, 19));
  const snapshot = await table.snapshot();
  const marked = [...snapshot.files].map(({ deletionVector }) => deletionVector?.cardinality ?? 0);
  expect(marked.sort((a, b) => a - b)).toEqual([1, 3]);
  const { summary } = currentSnapshot(await metadataOf(snapshot))!;
  expect(summary).toMatchObject({
    operation: "delete",
    "engine-name": "ours",
    "added-position-deletes": "4",
    "removed-position-deletes": "1",
    "total-position-deletes": "4",
    "total-delete-files": "2",
    "total-records": "20",
  });
  // The engine's own file is referred to by nothing, and OneCopy goes on.
  for (const key of await keys()) if (/data\/.*-deletes/.test(key)) await store.delete(key);
  await table.delete(bench.session, { where: "id IN (2, 18)" });
  expect(await seen()).toEqual(without(0, 1, 2, 5, 18, 19));
});

test("several snapshots in one commit become one, and an older one brings its rows back for both formats", async () => {
  const [left] = await locations();
  const before = currentSnapshot(await metadataOf(await table.snapshot()))!["snapshot-id"];
  await table.commitIceberg(await marks([[left!, [0]]], {}, 3));
  expect(await seen()).toEqual(without(0, 1, 2));
  const { snapshots, refs } = await metadataOf(await table.snapshot());
  expect(snapshots).toHaveLength(3);
  expect(snapshots.at(-1)).toMatchObject({ "parent-snapshot-id": before });
  const last = refs!["main"]!["snapshot-id"];
  const goTo = async (id: bigint) =>
    table.commitIceberg({
      requirements: [],
      updates: [{ action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id }],
    });
  expect(await goTo(before)).toMatchObject({ kind: "committed" });
  expect(await seen()).toEqual(without());
  expect(await goTo(last)).toMatchObject({ kind: "committed" });
  expect(await seen()).toEqual(without(0, 1, 2));
});

test("who lost a race is told, and nothing is committed or left behind", async () => {
  const [left] = await locations();
  const request = await marks([[left!, [3]]]);
  // Another commit between this one's look at the table and its put, about the same file.
  const other = await Table.open(store, folder);
  let raced: string[] | undefined;
  const slow: Store = new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name !== "put") return typeof value === "function" ? value.bind(target) : value;
      return async (...args: Parameters<Store["put"]>) => {
        if (raced === undefined && args[0].includes("_delta_log/")) {
          await other.delete(bench.session, { where: "id = 4" });
          raced = await keys();
        }
        return await target.put(...args);
      };
    },
  });
  const outcome = await (await Table.open(slow, folder)).commitIceberg(request);
  expect(outcome).toMatchObject({ kind: "conflict", reason: expect.stringMatching(/main has changed/) });
  expect(await seen()).toEqual(without(4));
  const mine = raced!.filter((key) => !/data\/.*-deletes/.test(key));
  const after = await keys();
  // What the lost attempt had written is gone: its vector, its deletes, its manifests, its metadata.
  expect(mine.filter((key) => !after.includes(key))).toHaveLength(5);
  expect(after.filter((key) => !raced!.includes(key))).toEqual([]);
});

test("a put whose outcome is not known is settled by reading it back, and its vectors stay", async () => {
  const [left] = await locations();
  const request = await marks([[left!, [3]]]);
  const doubtful = new FaultyStore(
    store,
    scripted([
      { on: "put", key: (key) => key.includes("_delta_log/"), at: 1, fault: { kind: "unknown-after" } },
    ]),
  );
  const outcome = await (await Table.open(doubtful, folder)).commitIceberg(request);
  expect(outcome.kind).toBe("committed");
  expect(await seen()).toEqual(without(3));
});

test("only the deletes of a file's own partition are about it", async () => {
  await newTable({ "delta.enableDeletionVectors": "true" }, ["side"]);
  const [left, right] = await locations();
  await table.commitIceberg(await marks([[right!, [0]]], { partition: { side: "right" } }));
  expect(await seen()).toEqual(without(10));
  const request = await marks([[left!, [0]]], { partition: { side: "right" } });
  await expect(table.commitIceberg(request)).rejects.toMatchObject({ code: "table.iceberg_no_equal" });
  expect(await seen()).toEqual(without(10));
});

test.each([
  ["a row that is not there", [10], {}, "table.iceberg_update_invalid", /that it does not have: it has 10/],
  ["deletes by value", [0], { content: 2, equality_ids: [1] }, "table.iceberg_no_equal", /equality deletes/],
  ["another format", [0], { file_format: "ORC" }, "table.iceberg_no_equal", /in the format ORC/],
  ["a file elsewhere", [0], { file_path: "file:///etc/passwd" }, "table.path_outside", /outside its folder/],
])("%s is refused, and nothing changes", async (_, rows, said, code, message) => {
  const [left] = await locations();
  const request = await marks([[left!, rows]], said);
  await expect(table.commitIceberg(request)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  expect((await table.snapshot()).version).toBe(2);
  expect(await seen()).toEqual(without());
});

test("an address in another spelling is that of the same file", async () => {
  const [left] = await locations();
  await table.commitIceberg(await marks([[left!.replace("file:///", "file:/"), [0]]]));
  expect(await seen()).toEqual(without(0));
});

test("deletes about a file that is not in the table are refused", async () => {
  const [left] = await locations();
  const request = await marks([[`${left!}x`, [0]]]);
  await expect(table.commitIceberg(request)).rejects.toMatchObject({
    code: "table.iceberg_update_invalid",
    message: expect.stringMatching(/not in the table/),
  });
});

test("engines are told the mode: merge-on-read with deletion vectors, else none; what one sets stays", async () => {
  const mode = async (): Promise<unknown> =>
    (await metadataOf(await table.snapshot())).properties["write.delete.mode"];
  const set = async (value: string) =>
    table.commitIceberg({
      requirements: [],
      updates: [{ action: "set-properties", updates: { "write.delete.mode": value } }],
    });
  for (const [vectors, told] of [
    ["true", "merge-on-read"],
    ["false", undefined],
  ] as const) {
    await newTable({ "delta.enableDeletionVectors": vectors });
    expect(await mode()).toBe(told);
    for (const value of ["copy-on-write", "merge-on-read"]) {
      await set(value);
      expect(await mode()).toBe(value);
      await table.write(bench.session, { mode: "append", query: "SELECT 20 AS id, 'left' AS side" });
      expect(await mode()).toBe(value);
    }
  }
});

describe("without deletion vectors", () => {
  beforeEach(() => newTable({}, ["side"]));
  const ofRight = { partition: { side: "right" } };

  test("the files are written again without the rows, in the same commit", async () => {
    const [left, right] = await locations();
    await table.commitIceberg(await marks([[right!, [0, 9]]], ofRight));
    expect(await seen()).toEqual(without(10, 19));
    const snapshot = await table.snapshot();
    const files = [...snapshot.files];
    expect(files.map(({ deletionVector, rows }) => [deletionVector, rows])).toEqual(
      expect.arrayContaining([
        [undefined, 10],
        [undefined, 8],
      ]),
    );
    expect(files.map(({ path }) => icebergLocation(store, keyIn(folder, path)))).toContain(left!);
    const metadata = await metadataOf(snapshot);
    expect(currentSnapshot(metadata)!.summary).toMatchObject({
      operation: "overwrite",
      "engine-name": "ours",
      "added-records": "8",
      "deleted-records": "10",
      "total-records": "18",
      "total-data-files": "2",
      "total-delete-files": "0",
    });
    // Other engines look there whether files that they mean are still in the table.
    const manifests = await manifestsOf(store, folder, metadata);
    expect(manifests.reduce((sum, one) => sum + one.deleted_files_count, 0)).toBe(1);
    // Nothing refers to the engine's own file and to the old one, and OneCopy goes on.
    for (const key of await keys()) if (/data\/.*-deletes/.test(key)) await store.delete(key);
    await table.delete(bench.session, { where: "id IN (2, 18)" });
    expect(await seen()).toEqual(without(2, 10, 18, 19));
  });

  test("a file of which all rows go leaves", async () => {
    const [, right] = await locations();
    await table.commitIceberg(await marks([[right!, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]], ofRight));
    expect(await seen()).toEqual(without(10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
    expect((await table.snapshot()).files.count).toBe(1);
  });

  test("a lost race leaves nothing of what was written for the commit", async () => {
    const [, right] = await locations();
    const request = await marks([[right!, [3]]], ofRight);
    let raced: string[] | undefined;
    const racing: Store = Object.assign(Object.create(store) as Store, {
      put: async (...put: Parameters<Store["put"]>) => {
        if (raced === undefined && put[0].includes("_delta_log/")) {
          raced = await keys();
          await table.delete(bench.session, { where: "id = 14" });
        }
        return await store.put(...put);
      },
    });
    const outcome = await (await Table.open(racing, folder)).commitIceberg(request);
    expect(outcome.kind).toBe("conflict");
    expect(await seen()).toEqual(without(14));
    const after = new Set(await keys());
    // A data file, two manifests or three, a manifest list, and metadata.
    expect(raced!.filter((key) => !after.has(key)).length).toBeGreaterThanOrEqual(4);
    expect(raced!.filter((key) => !after.has(key) && key.endsWith(".parquet"))).toHaveLength(1);
  });

  test("above the table's limit nothing is written, and the message says what to set", async () => {
    await newTable({ "onecopy.rewrite-limit-bytes": "100" });
    const [left] = await locations();
    const request = await marks([[left!, [0]]]);
    const before = await keys();
    await expect(table.commitIceberg(request)).rejects.toMatchObject({
      code: "table.rewrite_too_large",
      remedy: expect.stringMatching(/copy-on-write in that engine.*delta.enableDeletionVectors=true/),
    });
    expect(await keys()).toEqual(before);
    expect(await seen()).toEqual(without());
  });
});
