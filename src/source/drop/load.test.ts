import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Catalog } from "../../catalog/index.ts";
import { type Engine, openEngine, type Session } from "../../engine/index.ts";
import { openStore } from "../../storage/index.ts";
import { scan } from "../../table/index.ts";
import { type LoadOutcome, loadDrop } from "./load.ts";

let folder: string;
let engine: Engine;
let session: Session;
let catalog: Catalog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-drop-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 2, memoryLimit: "1GB" });
  session = await engine.session();
  catalog = await Catalog.open(openStore(join(folder, "lake")));
});

afterEach(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

function load(files = "in/*", timezone?: string): Promise<LoadOutcome> {
  const config = { files, ...(timezone === undefined ? {} : { timezone }) };
  return loadDrop({ session, catalog, name: "crm", config, baseFolder: folder });
}

async function rows(table = "raw.crm", columns = "*"): Promise<Record<string, unknown>[]> {
  const found = await catalog.find(table);
  if (found === undefined) return [];
  const order = table.endsWith("_rejects") ? "file, line" : `"_file", "_row"`;
  return session.rows(
    `SELECT ${columns} FROM ${await scan(session, await found.snapshot())} ORDER BY ${order}`,
  );
}

async function types(): Promise<Record<string, unknown>> {
  const { schema } = await (await catalog.find("raw.crm"))!.snapshot();
  return Object.fromEntries(schema.fields.map((field) => [field.name, field.type]));
}

test("a file is loaded once, and a second load does nothing", async () => {
  await put("in/a.csv", "id,name\n1,Ann\n2,Bob\n");
  const first = await load();
  expect(first).toMatchObject({ table: "raw.crm", rows: 2, rejected: 0, matched: 1, gone: [] });
  expect(await rows()).toEqual([
    { id: 1, name: "Ann", _file: "in/a.csv", _row: 1 },
    { id: 2, name: "Bob", _file: "in/a.csv", _row: 2 },
  ]);
  const second = await load();
  expect(second).toMatchObject({ version: first.version, files: [], rows: 0 });
});

test("a changed timezone reloads every file, there and back again", async () => {
  await put("in/a.csv", "id,moment\n1,2026-01-01 12:00:00\n");
  await put("in/b.csv", "id,moment\n2,2026-07-01 12:00:00\nno,such,row\n");
  await put("in/c.xlsx", "no drop file");
  const times = async (): Promise<unknown[]> =>
    (await rows("raw.crm", "id, CAST(epoch(moment) AS BIGINT) // 3600 % 24 AS hour")).map(
      (row) => row["hour"],
    );
  await load();
  const before = await times();
  const changed = await load("in/*", "Europe/Berlin");
  expect(changed.files.map(({ outcome }) => outcome)).toEqual(["replaced", "replaced", "unreadable"]);
  expect(before).toEqual([12, 12]);
  expect(await times()).toEqual([11, 10]);
  expect(await load("in/*", "Europe/Berlin")).toMatchObject({ files: [], version: changed.version });
  expect((await load("in/*", "UTC")).files).toHaveLength(3);
  expect(await times()).toEqual(before);
  expect((await load()).files).toEqual([]);
  expect((await rows("raw.crm_rejects")).map((row) => row["file"])).toEqual(["in/b.csv", "in/c.xlsx"]);
});

test("a changed file replaces its rows; a file that was put back is loaded again; a file that is gone keeps its rows", async () => {
  await put("in/a.csv", "id\n1\n");
  await put("in/b.csv", "id\n9\n");
  const when = new Date("2026-01-01T00:00:00Z");
  await utimes(join(folder, "in/a.csv"), when, when);
  await load();
  await put("in/a.csv", "id\n2\n3\n");
  expect((await load()).files).toMatchObject([{ path: "in/a.csv", outcome: "replaced", rows: 2 }]);
  expect((await rows()).map((row) => row["id"])).toEqual([2, 3, 9]);
  await put("in/a.csv", "id\n1\n");
  await utimes(join(folder, "in/a.csv"), when, when);
  await load();
  expect((await rows()).map((row) => row["id"])).toEqual([1, 9]);
  await rm(join(folder, "in/a.csv"));
  expect(await load()).toMatchObject({ gone: ["in/a.csv"], rows: 0 });
  expect((await rows()).map((row) => row["id"])).toEqual([1, 9]);
});

test("malformed rows are rejected with file, line and reason, and the others are kept", async () => {
  const lines = [
    "id,name,x",
    '1,"a ""q"" b",2',
    "2,b",
    '3,"two',
    'lines",4',
    "4,c,5,6",
    "",
    '5,"bro"ken,1',
    "6,d,",
    "7,\xff\xfe,1",
    "8,n\0l,2",
    '9,"open,1',
    "10,e,2",
    "11,f,3",
  ];
  await put("in/a.csv", Buffer.from(lines.join("\r\n") + "\r\n", "latin1"));
  await put("in/b.csv", "id,name,x\n20,good,1\n");
  expect(await load()).toMatchObject({ rows: 6 });
  expect((await rows("raw.crm", "id, name")).map((row) => row["id"])).toEqual([1, 3, 6, 10, 11, 20]);
  expect(await rows("raw.crm_rejects", "file, line, reason, text")).toEqual([
    { file: "in/a.csv", line: 3, reason: "expected 3 fields, found 2", text: "2,b" },
    { file: "in/a.csv", line: 6, reason: "expected 3 fields, found more", text: "4,c,5,6" },
    {
      file: "in/a.csv",
      line: 8,
      reason: "a quote is not closed, or text follows the closing quote",
      text: '5,"bro"ken,1',
    },
    { file: "in/a.csv", line: 10, reason: "the text is not UTF-8", text: "7,??,1" },
    {
      file: "in/a.csv",
      line: expect.any(Number),
      reason: "column name holds a NUL character",
      text: expect.stringContaining("n\u2400l"),
    },
    {
      file: "in/a.csv",
      line: 12,
      reason: "a quote is opened and not closed in this line",
      text: '9,"open,1',
    },
  ]);
});

test("a quote that is never closed costs its own line, not the half of the file behind it", async () => {
  const line = (i: number): string => (i === 5 || i === 40_000 ? `${i},"open ${i},x` : `${i},name ${i},x`);
  const count = 200_000;
  await put("in/a.csv", `id,name,c\n${Array.from({ length: count }, (_, i) => line(i)).join("\n")}\n`);
  expect(await load()).toMatchObject({ rows: count - 2, rejected: 2 });
  expect(await rows("raw.crm_rejects", "line, text")).toEqual([
    { line: 7, text: '5,"open 5,x' },
    { line: 40_002, text: '40000,"open 40000,x' },
  ]);
});

test("types are generous: leading zeros, phones and postal codes stay text, whole amounts may have cents later", async () => {
  await put(
    "in/a.csv",
    "id,code,zip,phone,score,amount,day,at,ok,note,empty\n1,007,04109,5551234567,1.5,10,2026-01-31,2026-01-31 12:00,true,x,\n2,1,10115,5551234568,2,20,2026-02-01,2026-01-31T12:00:00.5Z,FALSE,,\n",
  );
  await load("in/*", "Europe/Berlin");
  expect(await types()).toEqual({
    id: "long",
    code: "string",
    zip: "string",
    phone: "string",
    score: "double",
    amount: "double",
    day: "date",
    at: "timestamp",
    ok: "boolean",
    note: "string",
    empty: "string",
    _file: "string",
    _row: "long",
  });
  expect(await rows("raw.crm", 'code, zip, day, "at", ok, note')).toEqual([
    { code: "007", zip: "04109", day: "2026-01-31", at: "2026-01-31T11:00:00Z", ok: true, note: "x" },
    { code: "1", zip: "10115", day: "2026-02-01", at: "2026-01-31T12:00:00.500000Z", ok: false, note: null },
  ]);
});

test("the files of a first load decide on types together; a later value that does not fit is rejected with its line", async () => {
  await put("in/1.csv", "id,score\n1,1\n");
  await put("in/2.csv", "id,score\n2,2.5\n");
  await load();
  expect(await types()).toMatchObject({ id: "long", score: "double" });
  await put("in/3.csv", 'id,score\n3,"3"\nx4,4\n"5",n/a\n6,6\n');
  expect(await load()).toMatchObject({ rows: 2, rejected: 2 });
  expect(await rows("raw.crm_rejects", "file, line, reason")).toEqual([
    { file: "in/3.csv", line: 3, reason: "column id holds what is no whole number" },
    { file: "in/3.csv", line: 4, reason: "column score holds what is no number" },
  ]);
});

test("columns may come in another order, be missing, or be new", async () => {
  await put("in/1.csv", "id,name\n1,Ann\n");
  await load();
  await put("in/2.csv", "extra;ID\nx;2\n");
  await put("in/3.csv", "id,name\n");
  await load();
  expect(await rows("raw.crm", "id, name, extra")).toEqual([
    { id: 1, name: "Ann", extra: null },
    { id: 2, name: null, extra: "x" },
  ]);
});

test("header names are trimmed and made unique; BOM, blanks, quotes and the endings of lines do not matter", async () => {
  await put("in/1.csv", '\ufeff"id"; name ;name;;_file\r\n1;"a;b";"c\nd";e;f');
  await load();
  expect(await rows()).toEqual([
    { id: 1, name: "a;b", name_2: "c\nd", column_4: "e", _file_2: "f", _file: "in/1.csv", _row: 1 },
  ]);
});

test("JSON lines: objects in objects become columns, bad lines are rejected with their number", async () => {
  await put(
    "in/a.jsonl",
    Buffer.concat([
      Buffer.from('{"id":1,"merge_fields":{"FNAME":"Ann","A/B~c":"x"},"tags":["a"]}\n\nbad\n[1]\n'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(
        '{"id":9}\n{"id":2,"merge_fields":{"FNAME":"Jos\\u00e9"}}\n{"id":"\\ud83d"}\n{"id":"\\u0000"}\n{"id":3,"merge_fields":null}',
      ),
    ]),
  );
  expect(await load()).toMatchObject({ rows: 3, rejected: 5 });
  expect(await rows()).toEqual([
    {
      id: 1,
      merge_fields_FNAME: "Ann",
      "merge_fields_A/B~c": "x",
      tags: '["a"]',
      _file: "in/a.jsonl",
      _row: 1,
    },
    {
      id: 2,
      merge_fields_FNAME: "José",
      "merge_fields_A/B~c": null,
      tags: null,
      _file: "in/a.jsonl",
      _row: 6,
    },
    { id: 3, merge_fields_FNAME: null, "merge_fields_A/B~c": null, tags: null, _file: "in/a.jsonl", _row: 9 },
  ]);
  expect((await rows("raw.crm_rejects", "line, reason")).map((row) => [row["line"], row["reason"]])).toEqual([
    [3, "the line is not JSON"],
    [4, "the line is no JSON object"],
    [5, "the text is not UTF-8, or the line is too long"],
    [7, "the line is not JSON"],
    [8, "the line holds a NUL character"],
  ]);
});

test("a JSON array of objects, a gzipped CSV and a Parquet file go into one table", async () => {
  await put("in/a.json", '[{"id":1,"name":"Ann"},\n {"id":2}]');
  await put("in/b.csv.gz", gzipSync("id,name\n3,Cy\n"));
  await session.run(`COPY (SELECT 4::INTEGER AS id, 'Di' AS name, [1,2] AS list, {'a': 1} AS s, 1.5::FLOAT AS f, TIMESTAMP '2026-07-01 12:00:00' AS t)
    TO '${join(folder, "in/c.parquet")}' (FORMAT parquet)`);
  await load("in/*", "Europe/Berlin");
  expect(await rows("raw.crm", "id, name, list, s, f, t, _row")).toEqual([
    { id: 1, name: "Ann", list: null, s: null, f: null, t: null, _row: 1 },
    { id: 2, name: null, list: null, s: null, f: null, t: null, _row: 2 },
    { id: 3, name: "Cy", list: null, s: null, f: null, t: null, _row: 1 },
    { id: 4, name: "Di", list: "[1,2]", s: '{"a":1}', f: 1.5, t: "2026-07-01T10:00:00Z", _row: 1 },
  ]);
  // Nested values of another type are no other column, and reject no row; nor do a JSON file's lists and texts.
  await session.run(`COPY (SELECT 5::INTEGER AS id, ['x'] AS list, {'a': 'one', 'b': {'c': 2}} AS s)
    TO '${join(folder, "in/d.parquet")}' (FORMAT parquet)`);
  await put("in/e.jsonl", '{"id":6,"list":[1,"x"],"s":"text"}\n');
  expect(await load("in/*", "Europe/Berlin")).toMatchObject({ rows: 2, rejected: 0 });
  expect((await rows("raw.crm", "id, list, s")).slice(4)).toEqual([
    { id: 5, list: '["x"]', s: '{"a":"one","b":{"c":2}}' },
    { id: 6, list: '[1,"x"]', s: "text" },
  ]);
});

test("an unreadable file is a rejected row, blocks no other file, keeps its older rows, and is tried again when it changes", async () => {
  await put("in/a.parquet", "PAR1 and then nothing");
  await put("in/b.csv", "id\n1\n");
  await put("in/c.csv.gz", gzipSync("id\n2\n".repeat(5000)).subarray(0, 40));
  await put("in/d.exe", "MZ");
  expect((await load()).files.map(({ path, outcome }) => [path, outcome])).toEqual([
    ["in/a.parquet", "unreadable"],
    ["in/b.csv", "loaded"],
    ["in/c.csv.gz", "unreadable"],
    ["in/d.exe", "unreadable"],
  ]);
  expect(await rows("raw.crm_rejects", "file, line, text")).toHaveLength(3);
  expect(await load()).toMatchObject({ files: [] });
  await put("in/c.csv.gz", gzipSync("id\n2\n"));
  expect(await load()).toMatchObject({ files: [{ path: "in/c.csv.gz", outcome: "loaded", rows: 1 }] });
  expect((await rows("raw.crm_rejects")).map((row) => row["file"])).toEqual(["in/a.parquet", "in/d.exe"]);
  await put("in/b.csv", Buffer.from([0xff, 0xfe, 0x69, 0x00]));
  await load();
  expect((await rows()).map((row) => row["id"])).toEqual([1, 2]);
});

test("empty files and files with a header only are no trouble, alone or not", async () => {
  await put("in/empty.csv", "");
  expect(await load()).toMatchObject({ version: undefined, files: [] });
  await put("in/header.csv", "id,name");
  await put("in/blank.jsonl", "\n\n");
  await load();
  expect(await rows()).toEqual([]);
  expect(await load()).toMatchObject({ files: [], rows: 0 });
  expect(await types()).toMatchObject({ id: "string", name: "string" });
  await put("in/data.csv", "id,name\n1,Ann\n");
  expect(await load()).toMatchObject({ rows: 1 });
  await put("in/data.csv", "");
  await load();
  expect(await rows()).toEqual([]);
});

test("loaders that race load each file once", async () => {
  for (let i = 0; i < 6; i++) await put(`in/${i}.csv`, `id,c${i % 2}\n${i},x\nbad,row,too,wide\n`);
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const own = await engine.session();
      const ownCatalog = await Catalog.open(openStore(join(folder, "lake")));
      const outcome = await loadDrop({
        session: own,
        catalog: ownCatalog,
        name: "crm",
        config: { files: "in/*" },
        baseFolder: folder,
      });
      own.close();
      return outcome;
    }),
  );
  expect(outcomes.reduce((sum, outcome) => sum + outcome.rows, 0)).toBe(6);
  expect((await rows()).map((row) => row["id"])).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await rows("raw.crm_rejects")).toHaveLength(6);
});

test("no statistics are kept of identifying columns", async () => {
  await put(
    "in/a.csv",
    "id,e-mail,first name,middle name,score\n1,ann@example.org,Ann,Beth,3\n2,zoe@example.org,Zoe,Yara,4\n",
  );
  await load();
  const { files } = await (await catalog.find("raw.crm"))!.snapshot();
  const stats = [...files].map((file) => file.stats).join();
  expect(stats).toContain('"score":3');
  expect(stats).not.toMatch(/ann|zoe|beth|yara/i);
});

test.runIf(process.getuid?.() !== 0)("a file without permission is a rejected row", async () => {
  await put("in/a.csv", "id\n1\n");
  await chmod(join(folder, "in/a.csv"), 0);
  expect(await load()).toMatchObject({
    files: [{ outcome: "unreadable", reason: "there is no permission to read the file" }],
  });
});

test("a folder that is not there is refused with the remedy", async () => {
  await expect(load("nowhere/*.csv")).rejects.toMatchObject({
    code: "source.no_folder",
    remedy: expect.stringContaining("files"),
  });
});
