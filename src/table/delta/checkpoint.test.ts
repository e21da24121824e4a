import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../storage/index.ts";
import { versionName } from "../path.ts";
import type { DataFile } from "../snapshot.ts";
import { cleanUpLog } from "./clean-up-log.ts";
import { type LogState, replay } from "./replay.ts";
import { isCheckpointDue, writeCheckpoint } from "./write-checkpoint.ts";

let folder: string;
let store: ReturnType<typeof openStore>;
const log = (name: string): string => join(folder, "t/_delta_log", name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-checkpoint-"));
  store = openStore(folder);
});
afterEach(async () => await rm(folder, { recursive: true }));

const protocol = {
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["deletionVectors"],
  writerFeatures: ["deletionVectors"],
};
const metaData = {
  id: "00000000-0000-4000-8000-000000000001",
  format: { provider: "parquet", options: {} },
  schemaString: '{"type":"struct","fields":[{"name":"ž","type":"long","nullable":true,"metadata":{}}]}',
  partitionColumns: [],
  configuration: { "delta.enableDeletionVectors": "true", k: "v'\"" },
  createdTime: 5,
};

async function commit(version: number, actions: readonly object[]): Promise<void> {
  const lines = [{ commitInfo: { timestamp: 1000 + version } }, ...actions];
  await store.put(
    `t/_delta_log/${versionName(version)}.json`,
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    { ifAbsent: true },
  );
}

async function contents(state: LogState | undefined) {
  const files = [...(await state!.files())].map((file): DataFile => ({ ...file, dataChange: false }));
  const { version, protocol: rules, metaData: meta, transactions } = state!;
  return {
    version,
    rules,
    meta,
    transactions: [...transactions].sort(([a], [b]) => a.localeCompare(b)),
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

const vector = (n: number) => ({
  storageType: "u",
  pathOrInlineDv: `ab^-aqEH.-t@S}K{vb[*k^${n}`,
  offset: 1,
  sizeInBytes: 40,
  cardinality: n,
});
const path = (n: number): string =>
  ["data/a.parquet", "data/b%20c.parquet", "p=%C5%BE/c.parquet", "d+e.parquet", "data/%F0%9F%90%8E.parquet"][
    n
  ]!;
const live = fc.constantFrom("add", "remove", "vector", "txn", "meta", "domain");
const history = fc.array(fc.tuple(live, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 9 })), {
  minLength: 1,
  maxLength: 14,
});

test("a checkpoint says what the commits before it say, whatever they were, and one is written on another", async () => {
  let table = 0;
  await fc.assert(
    fc.asyncProperty(history, fc.nat(13), fc.boolean(), async (steps, at, cleaned) => {
      const name = `t${table++}`;
      const put = async (version: number, actions: readonly object[]) =>
        await store.put(
          `${name}/_delta_log/${versionName(version)}.json`,
          [{ commitInfo: { timestamp: version } }, ...actions].map((line) => JSON.stringify(line)).join("\n"),
        );
      await put(0, [{ protocol }, { metaData }]);
      const current = new Map<string, object | undefined>();
      let version = 0;
      for (const [kind, n, value] of steps) {
        const file = {
          path: path(n),
          partitionValues: { p: n === 0 ? null : `${n}` },
          size: value,
          modificationTime: value,
          dataChange: true,
          stats: `{"numRecords":${value + 10}}`,
          tags: { t: "x" },
        };
        const was = current.get(path(n));
        const gone = {
          remove: {
            path: path(n),
            dataChange: true,
            deletionTimestamp: 10 ** 15,
            ...(was === undefined ? {} : { deletionVector: was }),
          },
        };
        const actions =
          kind === "add"
            ? [{ add: file }, ...(was === undefined ? [] : [gone])]
            : kind === "remove"
              ? [gone]
              : kind === "vector"
                ? [gone, { add: { ...file, deletionVector: vector(value) } }]
                : kind === "txn"
                  ? [{ txn: { appId: `app${n}`, version: value, lastUpdated: value } }]
                  : kind === "meta"
                    ? [
                        {
                          metaData: {
                            ...metaData,
                            configuration: { ...metaData.configuration, n: `${value}` },
                          },
                        },
                      ]
                    : [{ domainMetadata: { domain: `d${n}`, configuration: "{}", removed: value > 5 } }];
        if (kind === "add" || kind === "remove") current.delete(path(n));
        if (kind === "vector") current.set(path(n), vector(value));
        await put(++version, actions);
      }
      const middle = (await replay(store, name, Math.min(at, version)))!;
      const newest = await replay(store, name);
      const expected = await contents(newest);
      expect(await writeCheckpoint(store, name, middle)).toBe("written");
      expect(await writeCheckpoint(store, name, middle)).toBe("there");
      expect(await contents(await replay(store, name))).toEqual(expected);
      expect(await contents(await replay(store, name, middle.version))).toEqual(await contents(middle));
      if (middle.version < version) expect(await writeCheckpoint(store, name, newest!)).toBe("written");
      if (cleaned)
        for (let v = 0; v <= version; v++) await store.delete(`${name}/_delta_log/${versionName(v)}.json`);
      expect(await contents(await replay(store, name))).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test("files that left lately stay in the checkpoint, so that a foreign VACUUM keeps them", async () => {
  const now = Date.now();
  await commit(0, [{ protocol }, { metaData }]);
  const add = { partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
  await commit(
    1,
    ["old", "new", "here"].map((name) => ({ add: { ...add, path: `${name}.parquet` } })),
  );
  await commit(2, [
    { remove: { path: "old.parquet", deletionTimestamp: now - 8 * 86_400_000, dataChange: true } },
    {
      remove: {
        path: "new.parquet",
        deletionTimestamp: now - 86_400_000,
        dataChange: true,
        size: 1,
        partitionValues: {},
      },
    },
  ]);
  await writeCheckpoint(store, "t", (await replay(store, "t"))!);
  await commit(3, [{ remove: { path: "here.parquet", deletionTimestamp: now, dataChange: true } }]);
  await writeCheckpoint(store, "t", (await replay(store, "t"))!);
  const { openEngine } = await import("../../engine/index.ts");
  const engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  const session = await engine.session();
  const removed = async (version: number) =>
    (
      await session.rows<{ path: string }>(
        `SELECT "remove"."path" AS path FROM read_parquet('${log(`${versionName(version)}.checkpoint.parquet`)}') WHERE "remove" IS NOT NULL ORDER BY 1`,
      )
    ).map((row) => row.path);
  expect(await removed(2)).toEqual(["new.parquet"]);
  expect(await removed(3)).toEqual(["here.parquet", "new.parquet"]);
  await engine.close();
});

test("two writers at once, a hint that lies, a broken one: the table reads the same", async () => {
  await commit(0, [{ protocol }, { metaData }]);
  for (let v = 1; v <= 5; v++)
    await commit(v, [
      { add: { path: `${v}.parquet`, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } },
    ]);
  const state = (await replay(store, "t"))!;
  const expected = await contents(state);
  const outcomes = await Promise.all([1, 2, 3].map(() => writeCheckpoint(store, "t", state)));
  expect(outcomes.filter((one) => one === "written")).toHaveLength(1);
  const names = (await readdir(join(folder, "t/_delta_log"))).sort();
  expect(names.filter((name) => !name.endsWith(".json"))).toEqual([
    "00000000000000000005.checkpoint.parquet",
    "_last_checkpoint",
  ]);
  for (const hint of [
    '{"version":3,"size":1}',
    '{"version":900}',
    '{"version":-1}',
    "{",
    '{"version":5,"checksum":"0","v2Checkpoint":{"path":"../x"}}',
    "[]",
    "null",
  ]) {
    await writeFile(log("_last_checkpoint"), hint);
    expect(await contents(await replay(store, "t")), hint).toEqual(expected);
  }
  // Half of a checkpoint in two parts, and a compacted log file, count for nothing.
  await writeFile(log("00000000000000000005.checkpoint.0000000001.0000000002.parquet"), "x");
  await writeFile(log("00000000000000000001.00000000000000000004.compacted.json"), "{}");
  expect(await contents(await replay(store, "t"))).toEqual(expected);
});

test("clean-up takes what no kept version needs, and the newest commit stays", async () => {
  await commit(0, [{ protocol }, { metaData }]);
  for (let v = 1; v <= 30; v++) {
    await commit(v, [
      { add: { path: `${v}.parquet`, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true } },
    ]);
    const state = (await replay(store, "t"))!;
    if (v % 10 === 0) await writeCheckpoint(store, "t", state);
    expect(isCheckpointDue({ ...state, checkpointVersion: undefined }), `${v}`).toBe(false);
  }
  const state = (await replay(store, "t"))!;
  expect(
    isCheckpointDue({
      ...state,
      metaData: { ...state.metaData, configuration: { "delta.checkpointInterval": "10" } },
    }),
  ).toBe(false);
  expect(
    isCheckpointDue({
      ...state,
      version: 40,
      metaData: { ...state.metaData, configuration: { "delta.checkpointInterval": "10" } },
    }),
  ).toBe(true);
  const now = Date.now();
  expect((await cleanUpLog(store, "t", state)).deleted).toEqual([]);
  // Versions up to 15 are from two months ago.
  for (let v = 0; v <= 15; v++) {
    const time = new Date(now - 60 * 86_400_000 + v * 1000);
    await utimes(log(`${versionName(v)}.json`), time, time);
  }
  const planned = await cleanUpLog(store, "t", state, { dryRun: true });
  expect(planned).toMatchObject({ oldestVersion: 10 });
  expect(planned.deleted).toHaveLength(10);
  expect(await cleanUpLog(store, "t", state)).toEqual(planned);
  expect((await (await replay(store, "t", 10))!.files()).count).toBe(10);
  expect((await (await replay(store, "t", 17))!.files()).count).toBe(17);
  await expect(replay(store, "t", 9)).rejects.toMatchObject({ code: "table.version_not_found" });
  // Everything is old: the newest commit stays all the same.
  expect(await cleanUpLog(store, "t", state, { retentionMs: -1000 })).toMatchObject({ oldestVersion: 30 });
  expect((await readdir(join(folder, "t/_delta_log"))).sort()).toEqual([
    "00000000000000000030.checkpoint.parquet",
    "00000000000000000030.json",
    "_last_checkpoint",
  ]);
  expect((await stat(log("_last_checkpoint"))).size).toBeLessThan(200);
  const left = (await replay(store, "t"))!;
  expect((await left.files()).count).toBe(30);
  expect(left.timestampMs).toBe(1030);
});

test("what was known before the log was cleaned up past it is no hindrance: a checkpoint tells the newer version", async () => {
  const add = (n: number) => ({
    add: { path: path(n), partitionValues: {}, size: 1, modificationTime: 1, dataChange: true },
  });
  await store.put("cleaned/_delta_log/00000000000000000000.json", lineOf([{ protocol }, { metaData }]));
  const known = await replay(store, "cleaned");
  for (const version of [1, 2, 3, 4])
    await store.put(`cleaned/_delta_log/${versionName(version)}.json`, lineOf([add(version)]));
  const newest = (await replay(store, "cleaned", 3))!;
  await writeCheckpoint(store, "cleaned", newest);
  for (const version of [0, 1, 2, 3]) await store.delete(`cleaned/_delta_log/${versionName(version)}.json`);
  const anew = await replay(store, "cleaned");
  expect(await contents(await replay(store, "cleaned", undefined, known))).toEqual(await contents(anew));
  expect([...(await anew!.files())].length).toBe(4);
  await store.delete(`cleaned/_delta_log/${versionName(4)}.json`);
  expect((await replay(store, "cleaned", undefined, known))!.version).toBe(3);
});

function lineOf(actions: readonly object[]): string {
  return [{ commitInfo: { timestamp: 1 } }, ...actions].map((line) => JSON.stringify(line)).join("\n");
}
