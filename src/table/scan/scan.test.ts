import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, literal, openEngine } from "../../engine/index.ts";
import { type Field, type Schema, schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { RowSet, writeDeletionVector } from "../deletion/index.ts";
import { fileSet } from "../file-set.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { scan, tagFieldIds } from "./index.ts";

let folder: string;
let engine: Engine;
let session: Session;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-scan-"));
  await mkdir(join(folder, "t/data"), { recursive: true });
  store = openStore(folder);
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

let made = 0;
async function file(
  query: string,
  more: Partial<DataFile> & { readonly fieldIds?: string } = {},
): Promise<DataFile> {
  const { fieldIds, ...rest } = more;
  const path = `data/f${made++} [1].parquet`;
  const ids = fieldIds === undefined ? "" : `, FIELD_IDS ${fieldIds}`;
  await session.run(`COPY (${query}) TO ${literal(join(folder, "t", path))} (FORMAT parquet${ids})`);
  return {
    path,
    sizeBytes: 1,
    rows: undefined,
    modifiedMs: 0,
    stats: undefined,
    partitionValues: {},
    tags: fieldIds === undefined ? {} : { [tagFieldIds]: "true" },
    dataChange: true,
    ...rest,
  };
}

function snapshot(schema: Schema, files: readonly DataFile[], more: Partial<Snapshot> = {}): Snapshot {
  return {
    store,
    folder: "t",
    version: 0,
    rowsVersion: 0,
    timestampMs: 0,
    tableId: "t",
    schema,
    hasFieldIds: true,
    schemaString: "",
    partitionColumns: [],
    files: fileSet(files),
    properties: {},
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    transactions: new Map(),
    provenance: undefined,
    iceberg: undefined,
    ...more,
  };
}

async function without(one: DataFile, rows: readonly number[]): Promise<DataFile> {
  const { delta } = await writeDeletionVector(store, "t", "any", RowSet.fromArray(rows));
  return { ...one, deletionVector: delta };
}

const numbers = schemaOf([
  { name: "id", type: "BIGINT" },
  { name: "file_index", type: "VARCHAR" },
]);
const field = (id: number, name: string, more: Partial<Field> = {}): Field => ({
  id,
  name,
  type: "long",
  nullable: true,
  ...more,
});

describe("rows that are deleted", () => {
  const fieldIds = '{"id": 1, "file_index": 2}';
  const range = (from: number, to: number): string =>
    `SELECT i AS id, 'x' || i AS file_index FROM range(${from}, ${to}) r(i)`;

  test("are not in a scan, and the others keep their places", async () => {
    const files = [
      await file(range(0, 10), { fieldIds }),
      await without(await file(range(10, 20), { fieldIds }), [0, 3, 9]),
      await without(await file(range(20, 30)), [1]),
      await without(await file(range(30, 40), { fieldIds }), []),
    ];
    const table = snapshot(numbers, files);
    const ids = async (relation: string): Promise<unknown[]> =>
      (await session.rows<{ id: number }>(`SELECT id FROM ${relation} ORDER BY id`)).map(({ id }) => id);
    const all = Array.from({ length: 40 }, (_, i) => i);
    expect(await ids(await scan(session, table))).toEqual(all.filter((i) => ![10, 13, 19, 21].includes(i)));
    expect(await ids(await scan(session, table, { files: [files[2]!] }))).toEqual([
      20, 22, 23, 24, 25, 26, 27, 28, 29,
    ]);
    const rows = await session.rows<{ id: number; __file: string; __row: number }>(
      `FROM ${await scan(session, table, { positions: true })} WHERE id IN (5, 11, 18, 22, 39) ORDER BY id`,
    );
    expect(
      rows.map((row) => [row.id, files.findIndex(({ path }) => path === row.__file), row.__row]),
    ).toEqual([
      [5, 0, 5],
      [11, 1, 1],
      [18, 1, 8],
      [22, 2, 2],
      [39, 3, 9],
    ]);
    expect(await session.describe(`FROM ${await scan(session, table)}`)).toEqual([
      { name: "id", type: "BIGINT" },
      { name: "file_index", type: "VARCHAR" },
    ]);
  });

  test("by the hundred thousand in many files do not make the query longer", async () => {
    const one = await file(range(0, 5000), { fieldIds });
    const vector = await without(
      one,
      Array.from({ length: 2500 }, (_, i) => i * 2),
    );
    const files = await Promise.all(
      Array.from({ length: 60 }, async () => ({
        ...(await file(range(0, 5000), { fieldIds })),
        deletionVector: vector.deletionVector,
      })),
    );
    const relation = await scan(session, snapshot(numbers, files));
    expect(relation.length).toBeLessThan(20_000);
    expect(await session.rows(`SELECT count(*) AS n, min(id) AS low FROM ${relation}`)).toEqual([
      { n: 150_000, low: 1 },
    ]);
  });

  test("in a vector that is damaged make the scan fail", async () => {
    const one = await without(await file(range(0, 3), { fieldIds }), [1]);
    const broken = { ...one, deletionVector: { ...one.deletionVector!, cardinality: 2 } };
    await expect(scan(session, snapshot(numbers, [broken]))).rejects.toMatchObject({
      code: "table.deletion_vector_damaged",
    });
  });
});

test("a partition column is taken from the log when another writer wrote the file, and from ours otherwise", async () => {
  const schema = schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "P", type: "DATE" },
    { name: "q", type: "BLOB" },
  ]);
  const table = snapshot(
    schema,
    [
      await file("SELECT 1 AS id, DATE '2020-01-01' AS P, encode('ž') AS q", {
        fieldIds: "{id: 1, P: 2, q: 3}",
        partitionValues: { P: "2020-01-01", q: "ž" },
      }),
      await file("SELECT 2 AS id", { partitionValues: { P: "2020-01-02", q: "a" } }),
      await file("SELECT 3 AS id, DATE '1999-01-01' AS p", { partitionValues: { p: "2020-01-03", q: null } }),
      await file("SELECT 4 AS id", { partitionValues: { P: null, q: "" } }),
    ],
    { partitionColumns: ["P", "q"] },
  );
  expect(
    await session.rows(`SELECT id, P, decode(q) AS q FROM ${await scan(session, table)} ORDER BY id`),
  ).toEqual([
    { id: 1, P: "2020-01-01", q: "ž" },
    { id: 2, P: "2020-01-02", q: "a" },
    { id: 3, P: "2020-01-03", q: null },
    { id: 4, P: null, q: null },
  ]);
});

test("a partition's timestamp without a zone is in that of the writer, and rules no file out", async () => {
  const schema = schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "p", type: "TIMESTAMP WITH TIME ZONE" },
  ]);
  const texts = ["2020-07-01 12:00:00", "2020-07-01T12:00:00.000000Z", "2020-07-01 12:00:00+02"];
  const files = await Promise.all(
    texts.map(async (p, i) => await file(`SELECT ${i} AS id`, { partitionValues: { p } })),
  );
  const hours = async (more: Partial<Snapshot>): Promise<unknown> => {
    const table = snapshot(schema, files, { partitionColumns: ["p"], ...more });
    const where = "p = TIMESTAMPTZ '2020-07-01 10:00:00+00'";
    const relation = await scan(session, table, { where });
    const rows = await session.rows(`SELECT id FROM ${relation} WHERE ${where} ORDER BY id`);
    return rows.map(({ id }) => id);
  };
  expect(await hours({})).toEqual([2]);
  expect(await hours({ writerZone: "Europe/Berlin" })).toEqual([0, 2]);
});

describe("columns with columns inside", () => {
  const nested: Field[] = [
    field(1, "id"),
    field(2, "st", {
      type: { kind: "struct", fields: [field(3, "b", { type: "string" }), field(9, "new"), field(4, "a")] },
    }),
    field(5, "li", {
      type: {
        kind: "list",
        elementId: 6,
        elementNullable: true,
        element: { kind: "struct", fields: [field(7, "p")] },
      },
    }),
    field(10, "m", {
      type: {
        kind: "map",
        keyId: 11,
        key: "string",
        valueId: 12,
        valueNullable: true,
        value: { kind: "struct", fields: [field(13, "u")] },
      },
    }),
  ];
  const ids =
    "{id: 1, st: {__duckdb_field_id: 2, b: 3, a: 4}, li: {__duckdb_field_id: 5, element: {__duckdb_field_id: 6, p: 7}}, m: {__duckdb_field_id: 10, key: 11, value: {__duckdb_field_id: 12, u: 13}}}";
  const rows = `SELECT 1::BIGINT AS id, {'b': 'x', 'a': 7::INTEGER} AS st, [NULL, {'p': 4::INTEGER}] AS li, MAP {'k': {'u': 5::BIGINT}, 'n': NULL} AS m
    UNION ALL SELECT 2, NULL, NULL, NULL UNION ALL SELECT 3, {'b': NULL, 'a': NULL}, [], MAP {}`;
  const expected = [
    {
      id: 1,
      st: { b: "x", new: null, a: 7 },
      li: [null, { p: 4 }],
      m: [
        { key: "k", value: { u: 5 } },
        { key: "n", value: null },
      ],
    },
    { id: 2, st: null, li: null, m: null },
    { id: 3, st: { b: null, new: null, a: null }, li: [], m: [] },
  ];
  const read = async (table: Snapshot): Promise<unknown> =>
    session.rows(`FROM ${await scan(session, table)} ORDER BY id`);

  test("fields are added, moved and made wider", async () => {
    const schema = { fields: nested, lastFieldId: 13 };
    for (const fieldIds of [ids, undefined])
      expect(
        await read(snapshot(schema, [await file(rows, fieldIds === undefined ? {} : { fieldIds })])),
      ).toEqual(expected);
  });

  test("fields have other names in the files", async () => {
    const mapped = (one: Field): Field => {
      const physical = { b: "B1", a: "A1", new: "N1", p: "P1", u: "U1" }[one.name];
      const { type } = one;
      const inner =
        typeof type === "string" || type.kind === "decimal"
          ? type
          : type.kind === "struct"
            ? { ...type, fields: type.fields.map(mapped) }
            : type.kind === "list" && typeof type.element === "object" && type.element.kind === "struct"
              ? { ...type, element: { ...type.element, fields: type.element.fields.map(mapped) } }
              : type.kind === "map" && typeof type.value === "object" && type.value.kind === "struct"
                ? { ...type, value: { ...type.value, fields: type.value.fields.map(mapped) } }
                : type;
      return { ...one, type: inner, ...(physical === undefined ? {} : { physicalName: physical }) };
    };
    const schema = { fields: nested.map(mapped), lastFieldId: 13 };
    const stored = rows
      .replaceAll("'b':", "'B1':")
      .replaceAll("'a':", "'A1':")
      .replaceAll("'p':", "'P1':")
      .replaceAll("'u':", "'U1':");
    expect(await read(snapshot(schema, [await file(stored)]))).toEqual(expected);
  });

  test("all that a struct had is gone, in some files", async () => {
    const [id, st] = nested;
    const later = { ...st!, type: { kind: "struct" as const, fields: [field(14, "b", { type: "date" })] } };
    const schema = { fields: [id!, later], lastFieldId: 14 };
    const old = await file("SELECT 1 AS id, {'b': 'x', 'a': 7} AS st UNION ALL SELECT 2, NULL", {
      fieldIds: "{id: 1, st: {__duckdb_field_id: 2, b: 3, a: 4}}",
    });
    const young = await file("SELECT 3 AS id, {'b': DATE '2020-01-01'} AS st", {
      fieldIds: "{id: 1, st: {__duckdb_field_id: 2, b: 14}}",
    });
    expect(await read(snapshot(schema, [old, young]))).toEqual([
      { id: 1, st: { b: null } },
      { id: 2, st: null },
      { id: 3, st: { b: "2020-01-01" } },
    ]);
  });

  test("of a table whose files are read by id alone, whatever they call their columns", async () => {
    const schema = { fields: nested.slice(0, 3), lastFieldId: 13 };
    const odd = await file("SELECT 1 AS x1, {'ä': 7, 'ö': 'x'} AS x2, [NULL, {'ü': 4}] AS x3", {
      fieldIds:
        "{x1: 1, x2: {__duckdb_field_id: 2, ä: 4, ö: 3}, x3: {__duckdb_field_id: 5, element: {__duckdb_field_id: 6, ü: 7}}}",
      tags: {},
    });
    const table = snapshot(schema, [odd], { properties: { "delta.columnMapping.mode": "id" } });
    expect(await read(table)).toEqual([{ id: 1, st: { b: "x", new: null, a: 7 }, li: [null, { p: 4 }] }]);
  });
});

test("the engine knows about how many rows there are, so a join's table is built of the smaller side", async () => {
  const one = await file("SELECT i AS id FROM range(50000) r(i)", { fieldIds: '{"id": 1}', rows: 50_000 });
  const table = snapshot(schemaOf([{ name: "id", type: "BIGINT" }]), [one]);
  await session.run("CREATE OR REPLACE TEMP TABLE wanted AS SELECT i AS id FROM range(100) r(i)");
  const rows = await session.rows<{ explain_value: string }>(
    `EXPLAIN SELECT id FROM ${await scan(session, table)} SEMI JOIN wanted USING (id)`,
  );
  expect(rows.map((row) => row.explain_value).join("\n")).toMatch(/Join Type: SEMI/);
});

test("a table without files has its columns", async () => {
  const relation = await scan(session, snapshot(numbers, []), { positions: true });
  expect(await session.rows(`FROM ${relation}`)).toEqual([]);
  expect((await session.describe(`FROM ${relation}`)).map(({ name }) => name)).toEqual([
    "id",
    "file_index",
    "__file",
    "__row",
  ]);
});
