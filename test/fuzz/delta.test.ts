import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OneCopyError } from "../../src/base/index.ts";
import { type Session, literal } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { readDeltaSnapshot, scan } from "../../src/table/index.ts";
import { type Mutation, bytes, mutate } from "./bytes.ts";
import { filesIn, watched } from "./table-folder.ts";
import {
  actionRows,
  headActions,
  logName,
  makeDeltaTable,
  metaData,
  newestVersion,
  rowCounts,
} from "./delta-table.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/*
 * Whoever can write a table's log decides what is in it. Whatever that is: the rows that are in the table, or an error
 * that says what is wrong; never a crash, a hang, a gigabyte of memory, or a look at anything outside the table's folder.
 * FUZZ_RUNS: how many mutations of each kind (default 30).
 */

const runs = Number(process.env["FUZZ_RUNS"] ?? 30);
/** More than what the runner itself takes. */
const mostMegabytes = 1000;
let runnerBytes: number;
let base: string;
let sound: string;
let bench: Workbench;
let session: Session;
let files: readonly string[];
/** Of the sound table, by version. */
const rows: unknown[][] = [];

beforeAll(async () => {
  bench = await openWorkbench("onecopy-fuzz-delta-", { threads: 1, memoryLimit: "300MB" });
  ({ base, session } = bench);
  sound = join(base, "sound");
  await makeDeltaTable(session, sound);
  for (let version = 0; version <= newestVersion; version++) rows.push(await rowsOf(sound, version));
  files = await filesIn(sound);
  runnerBytes = process.memoryUsage().rss;
});
afterAll(async () => {
  await bench.close();
});

async function rowsOf(folder: string, version?: number): Promise<unknown[]> {
  const asked = new Set<string>();
  const store = watched(openStore(folder), asked);
  const snapshot = await readDeltaSnapshot(store, "", version);
  const relation = await scan(session, snapshot);
  const found = await session.rows(`SELECT id, p FROM ${relation} ORDER BY ALL LIMIT 100`);
  for (const key of asked) expect(`${store.locate(key)}/`.startsWith(`${folder}/`), key).toBe(true);
  return found;
}

let count = 0;
/** What comes of the table, changed: `rows`, `other rows`, or the code of a clear error. */
async function survives(change: (folder: string) => Promise<unknown>, version?: number): Promise<string> {
  const folder = join(base, `t${count++}`);
  await cp(sound, folder, { recursive: true });
  let outcome = "rows";
  await change(folder);
  try {
    const found = await rowsOf(folder, version);
    if (!isDeepStrictEqual(found, rows[version ?? newestVersion])) outcome = "other rows";
  } catch (error) {
    if (!(error instanceof OneCopyError)) throw error;
    outcome = error.code;
    expect(outcome).toMatch(/^(table|schema|storage|engine)\.[a-z_]+$/);
    expect(error.message.length).toBeLessThan(20_000);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  expect((process.memoryUsage().rss - runnerBytes) / 2 ** 20).toBeLessThan(mostMegabytes);
  return outcome;
}

test("the table itself is read, at every version", () => {
  expect(rows.map(({ length }) => length)).toEqual(rowCounts);
});

/** Versions that are read from the checkpoints of one kind; undefined: the newest. */
const versions = [undefined, 1, 2, 3, 5, 6];

test.each([
  ["commits", /\/\d{20}\.json$/, true],
  ["Parquet checkpoints", /checkpoint\..*parquet$/, true],
  ["JSON checkpoints", /checkpoint\..*\.json$/, true],
  ["sidecars", /_sidecars\//, true],
  ["data files", /^data\//, true],
  // Nothing depends on them, or they say by themselves whether they are sound.
  ["hints", /_last_checkpoint$/, false],
  ["deletion vectors", /\.bin$/, false],
])(
  "bytes of %s",
  async (_, which, mayDiffer) => {
    const found = files.filter((file) => which.test(file));
    expect(found.length).toBeGreaterThan(0);
    const mutation = fc.tuple(fc.nat(), bytes, fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...versions),
        async (mutations, version) => {
          const outcome = await survives(async (folder) => {
            for (const [n, change, fromEnd] of mutations as [number, Mutation, boolean][]) {
              const path = join(folder, found[n % found.length]!);
              await writeFile(path, mutate(await readFile(path), change, fromEnd));
            }
          }, version);
          if (!mayDiffer) expect(outcome).not.toBe("other rows");
        },
      ),
      { numRuns: runs },
    );
  },
  600_000,
);

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0.5,
    1e308,
    2 ** 53,
    -0,
    "",
    "\u0000",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "data/../../x",
    "data/%2e%2e/%2E%2E/x",
    "data%2f..%2f..%2fx",
    "data/%00",
    "%",
    "%zz",
    "s3://b/k",
    "data/*.parquet",
    "data/[0-9].parquet",
    "__proto__",
    "constructor",
    [],
    {},
    [[]],
    "1e999999999",
    "9".repeat(400),
    "💥".repeat(1000),
    "data/0.parquet",
    "i",
    "u",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constant(JSON.parse('{"__proto__":{"path":"x"},"constructor":"y","toString":1}')),
  fc.constant(JSON.parse(`${"[".repeat(90)}${"]".repeat(90)}`)),
  fc.record({
    storageType: fc.constantFrom("u", "i", "p", "x"),
    pathOrInlineDv: fc.constantFrom(
      "",
      "../../../x",
      "ab^-aqEH.-t@S}K{vb[*k^",
      "/etc/passwd",
      "file:///etc/passwd",
    ),
    offset: fc.constantFrom(1, 2 ** 31, null),
    sizeInBytes: fc.constantFrom(0, 40, 2 ** 31),
    cardinality: fc.constantFrom(0, 1, 2 ** 40),
  }),
);
const keys = [
  "add",
  "remove",
  "txn",
  "metaData",
  "protocol",
  "commitInfo",
  "sidecar",
  "domainMetadata",
  "path",
  "partitionValues",
  "size",
  "modificationTime",
  "dataChange",
  "stats",
  "tags",
  "deletionVector",
  "id",
  "schemaString",
  "partitionColumns",
  "configuration",
  "minReaderVersion",
  "readerFeatures",
  "appId",
  "version",
  "timestamp",
  "inCommitTimestamp",
  "__proto__",
];

test("values of actions, replaced by what does harm elsewhere", async () => {
  const lines = files.filter((file) => file.endsWith(".json"));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.array(fc.tuple(fc.constantFrom(...keys), hostile), { minLength: 1, maxLength: 3 }),
      async (n, at, changes) => {
        await survives(async (folder) => {
          const path = join(folder, lines[n % lines.length]!);
          const actions = (await readFile(path, "utf8"))
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
          const action = actions[at % actions.length]!;
          const inner = Object.values(action)[0]!;
          for (const [key, value] of changes)
            Object.defineProperty(key in action || at % 7 === 0 ? action : inner, key, {
              value,
              enumerable: true,
              configurable: true,
            });
          await writeFile(path, actions.map((line) => JSON.stringify(line)).join("\n"));
        });
      },
    ),
    { numRuns: runs * 3 },
  );
}, 600_000);

const commit = logName(8, "json");
const put = (file: string, text: string | Buffer) => async (folder: string) =>
  await writeFile(join(folder, file), text);
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const meta = (schema: string): string => JSON.stringify({ metaData: { ...metaData, schemaString: schema } });

test.each<[string, (folder: string) => Promise<unknown>, RegExp]>([
  ["a million nested arrays", put(commit, nested(1_000_000)), /^table\.log_damaged$/],
  [
    "a million nested arrays in a field",
    put(commit, `{"add":{"path":${nested(1_000_000)}}}`),
    /^table\.log_damaged$/,
  ],
  ["a schema of a hundred megabytes", put(commit, meta("x".repeat(100 * 2 ** 20))), /^table\.log_damaged$/],
  [
    "a schema of a million nested lists",
    put(commit, meta('{"type":"array","elementType":'.repeat(1_000_000))),
    /^table\.log_damaged$/,
  ],
  [
    "a schema nested deep",
    put(
      commit,
      meta(
        `{"type":"struct","fields":[{"name":"a","nullable":true,"metadata":{},"type":${'{"type":"array","containsNull":true,"elementType":'.repeat(5000)}"long"${"}".repeat(5000)}}]}`,
      ),
    ),
    /^schema\.type_unsupported$|^table\.log_damaged$/,
  ],
  ["millions of empty arrays", put(commit, `[${"[],".repeat(5_000_000)}[]]`), /^table\.log_damaged$|^rows$/],
  ["forty million empty lines", put(commit, Buffer.alloc(40_000_000, 0x0a)), /^rows$/],
  ["millions of empty objects", put(commit, "{}\n".repeat(3_000_000)), /^rows$/],
  [
    "a hint of a hundred megabytes",
    put("_delta_log/_last_checkpoint", Buffer.alloc(100 * 2 ** 20, 0x20)),
    /^rows$/,
  ],
  ["a commit of the version 10^20 − 1", put(`_delta_log/${"9".repeat(20)}.json`, "{}"), /^rows$/],
  [
    "a checkpoint in a thousand million parts",
    put(logName(7, `checkpoint.0000000001.1000000000.parquet`), "x"),
    /^rows$/,
  ],
  [
    "a sidecar outside",
    put(
      logName(7, "checkpoint.00000000-0000-4000-8000-00000000000c.json"),
      `{"sidecar":{"path":"../../../data/0.parquet.json","sizeInBytes":1}}`,
    ),
    /^table\.path_outside$/,
  ],
  ["a checkpoint that is a folder's list", put(logName(7, "checkpoint.parquet"), ""), /^table\.log_damaged$/],
])(
  "%s",
  async (_, change, outcome) => {
    expect(await survives(change)).toMatch(outcome);
  },
  120_000,
);

test.each<[string, string, RegExp]>([
  [
    "rows without end from a few bytes",
    "SELECT {path: 'data/0.parquet', size: 1} AS \"add\" FROM range(10000001)",
    /^table\.log_damaged$/,
  ],
  [
    "a path of ten megabytes",
    'SELECT {path: repeat(\'a\', 10000000), "partitionValues": MAP {\'p\': \'1\'}, size: 1, "modificationTime": 1, "dataChange": false} AS "add" FROM range(8)',
    /^table\.log_damaged$/,
  ],
  [
    "statistics of five megabytes each",
    "SELECT {path: 'data/' || i || '.parquet', \"partitionValues\": MAP {'p': '1'}, size: 1, \"modificationTime\": 1, \"dataChange\": false, stats: repeat('{', 5000000)} AS \"add\" FROM range(8) r(i)",
    /^other rows$/,
  ],
  [
    "other types than the protocol has",
    'SELECT {path: 5, "partitionValues": \'x\', size: \'big\', "modificationTime": [1], "dataChange": \'yes\'} AS "add"',
    /^table\.log_damaged$/,
  ],
  ["no struct where the files are", 'SELECT 1 AS "add"', /^table\.log_damaged$/],
  ["no struct where a sidecar is", "SELECT 1 AS sidecar", /^table\.log_damaged$/],
])(
  "a checkpoint with %s",
  async (_, query, expected) => {
    const outcome = await survives(async (folder) => {
      const file = join(folder, logName(7, "checkpoint.parquet"));
      await session.run(
        `COPY (SELECT * FROM (${query}) UNION ALL BY NAME ${actionRows(headActions)}) TO ${literal(file)} (FORMAT parquet)`,
      );
    });
    expect(outcome).toMatch(expected);
  },
  120_000,
);
