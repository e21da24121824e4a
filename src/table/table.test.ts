import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { type PutOutcome, type Store } from "../storage/index.ts";
import { type CommitOutcome, Table, type WriteRequest, scan } from "./index.ts";
import { storeForTest } from "./store-for-test.ts";

let base: string;
let engine: Engine;
let session: Session;
let store: Store;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-table-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});
beforeEach(() => {
  store = storeForTest(join(base, `lake-${count++}`));
});

const schema = schemaOf([
  { name: "id", type: "BIGINT" },
  { name: "name", type: "VARCHAR" },
]);

async function make(properties: Record<string, string> = {}): Promise<Table> {
  expect(await Table.create(store, "ns/t", { schema, properties })).toMatchObject({
    kind: "committed",
    version: 0,
  });
  return await Table.open(store, "ns/t");
}

const append = (query: string, more: Partial<WriteRequest> = {}): WriteRequest => ({
  mode: "append",
  query,
  ...more,
});

async function ids(table: Table, version?: number): Promise<unknown[]> {
  const rows = await session.rows(
    `SELECT id FROM ${await scan(session, await table.snapshot(version))} ORDER BY id`,
  );
  return rows.map((row) => row["id"]);
}

async function dataFiles(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list("ns/t/data/")) keys.push(key);
  return keys;
}

/** Lets somebody else commit while a write is under way: just before its commit is put. */
function meanwhile(table: Table, act: () => Promise<unknown>): Table {
  let done = false;
  const put: Store["put"] = async (key, body, condition) => {
    if (!done && key.includes("/_delta_log/")) {
      done = true;
      await act();
    }
    return await store.put(key, body, condition);
  };
  return Object.assign(Object.create(Table.prototype) as Table, table, { store: faulty({ put }) });
}

/** The store with one of its ways changed; what is not changed is the real one's. */
function faulty(changed: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, key) => {
      const own = changed[key as keyof Store] ?? target[key as keyof Store];
      return typeof own === "function" && !(key in changed) ? own.bind(target) : own;
    },
  });
}

describe("versions", () => {
  test("each write is one, and an earlier one stays as it was", async () => {
    const table = await make();
    await table.write(session, append("SELECT 1 AS id"));
    expect(await table.write(session, { mode: "overwrite", query: "SELECT unnest([2, 3]) AS id" })).toEqual({
      kind: "committed",
      version: 2,
      rows: 2,
    });
    expect(await table.write(session, append("SELECT 4 AS id WHERE false"))).toEqual({
      kind: "committed",
      version: 3,
      rows: 0,
    });
    expect([await ids(table, 0), await ids(table, 1), await ids(table, 2), await ids(table)]).toEqual([
      [],
      [1],
      [2, 3],
      [2, 3],
    ]);
    await expect(table.snapshot(4)).rejects.toMatchObject({ code: "table.version_not_found" });
    await expect(table.snapshot(-1)).rejects.toMatchObject({ code: "table.version_not_found" });
  });

  test("a table is made once", async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => Table.create(store, "ns/t", { schema })));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["committed", "conflict", "conflict"]);
    await expect(Table.open(store, "ns/other")).rejects.toMatchObject({ code: "table.not_found" });
  });

  test("a snapshot tells provenance, transactions, tags, and timestamps that rise", async () => {
    const table = await make({ "my.property": "x" });
    const provenance = { inputs: { "raw.a": 3 }, rule: "hash", asOf: "2026-11-22" };
    await table.write(
      session,
      append("SELECT 1 AS id", {
        provenance,
        fileTags: { drop: "a.csv" },
        transactions: [{ appId: "a", version: 7 }],
      }),
    );
    const snapshot = await table.snapshot();
    expect(snapshot.provenance).toEqual(provenance);
    expect(snapshot.transactions).toEqual(new Map([["a", 7]]));
    expect([...snapshot.files][0]).toMatchObject({ rows: 1, tags: { drop: "a.csv" } });
    expect(snapshot.properties["my.property"]).toBe("x");
    expect(snapshot.timestampMs).toBeGreaterThan((await table.snapshot(0)).timestampMs);
    await table.write(session, append("SELECT 1 AS id"));
    expect((await table.snapshot()).provenance).toBeUndefined();
  });
});

describe("somebody else commits in between", () => {
  const other = append("SELECT 100 AS id");
  test.each<[string, WriteRequest, WriteRequest, CommitOutcome["kind"], number[]]>([
    ["append, append", append("SELECT 2 AS id"), other, "committed", [1, 2, 100]],
    ["append, overwrite", append("SELECT 2 AS id"), { ...other, mode: "overwrite" }, "committed", [2, 100]],
    ["overwrite, append", { mode: "overwrite", query: "SELECT 2 AS id" }, other, "conflict", [1, 100]],
    [
      "overwrite, overwrite",
      { mode: "overwrite", query: "SELECT 2 AS id" },
      { ...other, mode: "overwrite" },
      "conflict",
      [100],
    ],
    [
      "overwrite, nothing",
      { mode: "overwrite", query: "SELECT 2 AS id" },
      append("SELECT 1 AS id WHERE false"),
      "committed",
      [2],
    ],
    [
      "remove, append",
      append("SELECT 2 AS id", { removeFiles: (file) => file.tags["of"] === "first" }),
      other,
      "committed",
      [2, 100],
    ],
    [
      "remove, append of the same",
      append("SELECT 2 AS id", { removeFiles: (file) => file.tags["of"] === "first" }),
      { ...other, fileTags: { of: "first" } },
      "conflict",
      [1, 100],
    ],
    [
      "remove, remove",
      append("SELECT 2 AS id", { removeFiles: () => true }),
      { ...other, mode: "overwrite" },
      "conflict",
      [100],
    ],
    ["only if, append", append("SELECT 2 AS id", { onlyIf: 1 }), other, "conflict", [1, 100]],
    [
      "transaction, the same",
      append("SELECT 2 AS id", { transactions: [{ appId: "a", version: 1 }] }),
      { ...other, transactions: [{ appId: "a", version: 1 }] },
      "already",
      [1, 100],
    ],
    [
      "transactions, one of them",
      append("SELECT 2 AS id", {
        transactions: [
          { appId: "a", version: 1 },
          { appId: "b", version: 1 },
        ],
      }),
      { ...other, transactions: [{ appId: "a", version: 1 }] },
      "conflict",
      [1, 100],
    ],
  ])("%s", async (_, ours, theirs, kind, left) => {
    const table = await make();
    await table.write(session, append("SELECT 1 AS id", { fileTags: { of: "first" } }));
    const second = await Table.open(store, "ns/t");
    const outcome = await meanwhile(table, () => second.write(session, theirs)).write(session, ours);
    expect(outcome.kind).toBe(kind);
    expect(await ids(second)).toEqual(left);
    // What was not committed has left no file behind.
    const snapshots = await Promise.all(
      Array.from({ length: (await second.snapshot()).version + 1 }, (_, v) => second.snapshot(v)),
    );
    const known = new Set(snapshots.flatMap(({ files }) => [...files].map(({ path }) => `ns/t/${path}`)));
    expect((await dataFiles()).filter((key) => !known.has(key))).toEqual([]);
  });

  test("append, a column added: the new column is null in our rows", async () => {
    const table = await make();
    const second = await Table.open(store, "ns/t");
    const late = () => second.evolve(session, [{ kind: "add", path: ["late"], type: "long" }]);
    expect(await meanwhile(table, late).write(session, append("SELECT 1 AS id"))).toEqual({
      kind: "committed",
      version: 2,
      rows: 1,
    });
    expect(await session.rows(`SELECT * FROM ${await scan(session, await second.snapshot())}`)).toEqual([
      { id: 1, name: null, late: null },
    ]);
    const again = () => second.evolve(session, [{ kind: "add", path: ["x"], type: "long" }]);
    expect(
      await meanwhile(table, again).evolve(session, [{ kind: "add", path: ["y"], type: "long" }]),
    ).toMatchObject({
      kind: "conflict",
      winner: 3,
    });
  });
});

describe("a store that does not tell what became of a put", () => {
  const doubtful = (arrives: boolean, times: number): Store => {
    let left = times;
    const put: Store["put"] = async (key, body, condition): Promise<PutOutcome> => {
      if (!key.includes("/_delta_log/") || left-- <= 0) return await store.put(key, body, condition);
      if (arrives) await store.put(key, body, condition);
      return { kind: "unknown", cause: new Error("timed out") };
    };
    return faulty({ put });
  };

  test.each([true, false])("it arrived: %s; either way there is one commit, and we know", async (arrives) => {
    const table = await make();
    const shaky = Object.assign(Object.create(Table.prototype) as Table, table, {
      store: doubtful(arrives, 1),
    });
    expect(await shaky.write(session, append("SELECT 1 AS id"))).toEqual({
      kind: "committed",
      version: 1,
      rows: 1,
    });
    expect(await ids(table)).toEqual([1]);
  });

  test("when it stays unknown, that is the error, and the files stay", async () => {
    const table = await make();
    const shaky = Object.assign(Object.create(Table.prototype) as Table, table, {
      store: doubtful(false, 100),
    });
    await expect(shaky.write(session, append("SELECT 1 AS id"))).rejects.toMatchObject({
      code: "table.commit_unknown",
    });
    expect((await dataFiles()).length).toBe(1);
  });
});

describe("what cannot be written is refused, and leaves nothing behind", () => {
  test.each<[string, string, RegExp]>([
    ["SELECT 1 AS id, 2 AS wrong", "table.column_unknown", /wrong.*id, name/],
    ["SELECT 'x' AS id", "table.column_type", /VARCHAR.*BIGINT/],
    ["SELECT 1.5 AS id", "table.column_type", /DECIMAL/],
    ["SELECT [1] AS id", "table.column_type", /INTEGER\[\].*BIGINT/],
    ["SELECT INTERVAL 1 DAY AS id", "schema.type_unsupported", /INTERVAL/],
    [
      "SELECT CASE WHEN i > 500000 THEN error('no') ELSE i END AS id FROM range(600000) r(i)",
      "engine.query_failed",
      /no/,
    ],
    ["SELECT 99999999999999999999::HUGEINT AS id", "engine.query_failed", /out of range|Could not cast/],
    ["not SQL", "engine.query_failed", /syntax/],
  ])("%s", async (query, code, message) => {
    const table = await make();
    await expect(table.write(session, append(query))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await dataFiles()).toEqual([]);
    expect((await table.snapshot()).version).toBe(0);
  });

  test("an infinite timestamp, a null where none may be, a replaced row in an append-only table", async () => {
    await Table.create(store, "ns/i", {
      schema: schemaOf([{ name: "t", type: "TIMESTAMPTZ".replace("TZ", "") }]),
    });
    const infinite = await Table.open(store, "ns/i");
    await expect(
      infinite.write(session, append("SELECT 'infinity'::TIMESTAMPTZ AS t")),
    ).rejects.toMatchObject({ code: "table.value_unsupported" });
    const [id, name] = schema.fields;
    await Table.create(store, "ns/r", {
      schema: { fields: [{ ...id!, nullable: false }, name!], lastFieldId: 2 },
    });
    const required = await Table.open(store, "ns/r");
    await expect(required.write(session, append("SELECT NULL::BIGINT AS id"))).rejects.toMatchObject({
      code: "table.null_in_required",
    });
    await expect(required.write(session, append("SELECT 'x' AS name"))).rejects.toMatchObject({
      code: "table.column_missing",
    });
    const log = await make({ "delta.appendOnly": "true" });
    await log.write(session, append("SELECT 1 AS id"));
    await expect(log.write(session, { mode: "overwrite", query: "SELECT 1 AS id" })).rejects.toMatchObject({
      code: "table.append_only",
    });
  });

  test.each([
    { "delta.enableDeletionVectors": "yes" },
    { "onecopy.identifying-columns": '["nobody"]' },
    { "delta.targetFileSize": "big" },
  ])("the property %j", async (properties) => {
    await expect(Table.create(store, "ns/t", { schema, properties })).rejects.toThrow(
      /cannot be set|no column|expected bytes|expected true or false/,
    );
    await expect(Table.open(store, "ns/t")).rejects.toMatchObject({ code: "table.not_found" });
  });
});

test("a column that is added as identifying leaves no value in either log", async () => {
  const table = await make();
  await table.evolve(session, [
    { kind: "add", path: ["email"], type: "string", identifying: true },
    { kind: "add", path: ["visits"], type: "long" },
  ]);
  await table.write(session, {
    mode: "append",
    query: "SELECT 1::BIGINT AS id, 'Ada' AS name, 'canary@x.test' AS email, 4::BIGINT AS visits",
  });
  const { files, properties } = await table.snapshot();
  expect(JSON.parse([...files][0]!.stats!)).toMatchObject({
    minValues: { visits: 4 },
    nullCount: { email: 0 },
  });
  expect(properties["delta.dataSkippingStatsColumns"]).toBe("`id`,`name`,`visits`");
  for await (const { key } of store.list("ns/t/")) {
    if (key.includes("/data/")) continue;
    const found = await store.get(key);
    expect(found.kind === "found" && Buffer.from(found.body).includes("canary"), key).toBe(false);
  }
});

test("a small append by a process that has the table open takes five puts, one list and one get", async () => {
  const table = await make();
  const calls: string[] = [];
  const counted = (name: "put" | "adopt" | "get" | "head" | "list") => {
    const inner = store[name].bind(store) as (...args: readonly unknown[]) => unknown;
    return (...args: readonly unknown[]): unknown => {
      calls.push(name);
      return inner(...args);
    };
  };
  const watched = faulty({
    put: counted("put"),
    adopt: counted("adopt"),
    get: counted("get"),
    head: counted("head"),
    list: counted("list"),
  } as unknown as Partial<Store>);
  const open = await Table.open(watched, "ns/t");
  for (let i = 0; i < 3; i++) await open.write(session, append("SELECT 1 AS id"));
  calls.length = 0;
  expect(await open.write(session, append("SELECT 2 AS id"))).toMatchObject({
    kind: "committed",
    version: 4,
  });
  expect(calls.sort()).toEqual(["adopt", "get", "list", "put", "put", "put", "put"]);
  expect(await ids(table)).toEqual([1, 1, 1, 2]);
});

test("what a writer does after each lost race does not grow with what others have committed meanwhile", async () => {
  const table = await make();
  // As many manifests as are merged by the next snapshot.
  for (let id = 0; id < 100; id++) await table.write(session, append(`SELECT ${id} AS id`));
  const [model] = (await table.snapshot()).files;
  const file = await store.get(`ns/t/${model!.path}`);
  if (file.kind !== "found") throw new Error("the model is gone");
  let next = 101;
  const foreign = async (): Promise<void> => {
    const path = `foreign-${next}.parquet`;
    await store.put(`ns/t/${path}`, file.body);
    const add = { path, partitionValues: {}, size: file.body.length, modificationTime: 0, dataChange: true };
    await store.put(`ns/t/_delta_log/${String(next++).padStart(20, "0")}.json`, JSON.stringify({ add }));
  };
  const [attempts, foreignEach] = [14, 4];
  const calls: number[] = [];
  const counted = (name: "get" | "put") => {
    const inner = store[name].bind(store) as (...args: readonly unknown[]) => unknown;
    return (...args: readonly unknown[]): unknown => {
      calls[calls.length - 1]!++;
      return inner(...args);
    };
  };
  const put: Store["put"] = async (key, body, condition) => {
    if (key.includes("/_delta_log/")) {
      if (calls.length < attempts) for (let i = 0; i < foreignEach; i++) await foreign();
      calls.push(0);
    }
    return (await counted("put")(key, body, condition)) as PutOutcome;
  };
  calls.push(0);
  const late = Object.assign(Object.create(Table.prototype) as Table, table, {
    store: faulty({ put, get: counted("get") as Store["get"] }),
  });
  expect(await late.write(session, append("SELECT 1000 AS id"))).toMatchObject({
    kind: "committed",
    version: next,
  });
  // The first ones heal version by version, and the merging of the manifests is in them.
  const [early, later] = [calls.slice(4, 8), calls.slice(8)];
  expect(later.length).toBeGreaterThan(4);
  expect(Math.max(...later)).toBeLessThanOrEqual(Math.max(...early));
  const seen = await ids(table);
  expect(seen.length).toBe(next);
  expect(seen.at(-1)).toBe(1000);
  const { iceberg, version } = await table.snapshot();
  expect(iceberg?.version).toBe(version);
});

test.each([
  ["BIGINT", "9007199254740993"],
  ["SMALLINT", "7"],
  ["DECIMAL(18,2)", "1.5"],
  ["VARCHAR", "'it''s'"],
  ["DATE", "DATE '2020-02-29'"],
  ["TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2020-02-29 00:00:00.001+00'"],
])("a merge by a key of type %s opens no file that cannot have it", async (type, key) => {
  const keyed = schemaOf([
    { name: "k", type },
    { name: "v", type: "BIGINT" },
  ]);
  await Table.create(store, "ns/t", { schema: keyed });
  const table = await Table.open(store, "ns/t");
  const row = (value: string, v: number): string =>
    `SELECT CAST(${value} AS ${type}) AS k, ${v}::BIGINT AS v`;
  const others = {
    DATE: "DATE '2021-01-01'",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2021-01-01 00:00:00+00'",
  };
  const other = type === "VARCHAR" ? "'z'" : (others[type as keyof typeof others] ?? "100");
  await table.write(session, append(row(other, 1)));
  const [unread] = (await table.snapshot()).files;
  await table.write(session, append(row(key, 2)));
  await store.delete(`ns/t/${unread!.path}`);
  expect(await table.merge(session, { query: row(key, 3), on: ["k"] })).toMatchObject({ kind: "committed" });
  const files = [...(await table.snapshot()).files].filter(({ path }) => path !== unread!.path);
  expect(
    await session.rows(`SELECT v FROM ${await scan(session, await table.snapshot(), { files })}`),
  ).toEqual([{ v: 3 }]);
});
