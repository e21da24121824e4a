import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../../../engine/index.ts";
import { openStore } from "../../../storage/index.ts";
import { toBlob } from "../../deletion/blob.ts";
import { RowSet } from "../../deletion/index.ts";
import { scan } from "../../scan/index.ts";
import { type CraftedEntry, type CraftedTable, craftParquet, craftTable } from "./crafted-for-test.ts";
import { type IcebergReadOptions, readIcebergSnapshot } from "./index.ts";

let base: string;
let engine: Engine;
let session: Session;
let folder: string;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-iceberg-read-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});
beforeEach(() => {
  folder = join(base, `t${count++}`);
});

const field = (id: number, name: string, type: unknown, more: object = {}) => ({
  id,
  name,
  required: false,
  type,
  ...more,
});
const idAndName = { "schema-id": 0, fields: [field(1, "id", "long"), field(2, "name", "string")] };
const ids = "{id: 1, name: 2}";
/** Where the writer had it: the files are in `folder`. */
const location = "s3://bucket/warehouse/t";

const parquet = async (path: string, query: string, fieldIds?: string) =>
  craftParquet(session, folder, path, query, fieldIds);
const make = async (table: Partial<CraftedTable>) =>
  craftTable(folder, { location, schemas: [idAndName], snapshots: [], ...table });
const oneSnapshot = (...manifests: CraftedTable["snapshots"][number]["manifests"]) => ({
  snapshots: [{ id: 9_007_199_254_740_993n, manifests }],
});
const dataManifest = (...entries: readonly CraftedEntry[]) => ({ entries });

async function rows(options: IcebergReadOptions = {}, address = ""): Promise<unknown[][]> {
  const snapshot = await readIcebergSnapshot(openStore(folder), address, options);
  const relation = await scan(session, snapshot);
  const order = snapshot.schema.fields.map((_, i) => i + 1).join(", ");
  const found = await session.rows(`SELECT * FROM ${relation} ORDER BY ${order}`);
  return found.map((row) => Object.values(row));
}

describe("equality deletes", () => {
  const row = (id: number | null, name: string | null) =>
    `SELECT ${id ?? "NULL"}::BIGINT AS id, ${name === null ? "NULL" : `'${name}'`}::VARCHAR AS name`;

  test("apply to older files only; null is equal to null; several sets of columns", async () => {
    await parquet(
      "data/old.parquet",
      [row(1, "a"), row(2, null), row(3, "c"), row(null, "n")].join(" UNION ALL "),
      ids,
    );
    await parquet("data/new.parquet", [row(1, "a"), row(2, null)].join(" UNION ALL "), ids);
    await parquet("data/by-both.parquet", `${row(2, null)} UNION ALL ${row(3, "x")}`, ids);
    await parquet("data/by-id.parquet", "SELECT 1::BIGINT AS id UNION ALL SELECT NULL", "{id: 1}");
    await make(
      oneSnapshot(
        { entries: [{ path: "data/old.parquet" }], sequence: 1n },
        { entries: [{ path: "data/new.parquet" }], sequence: 2n },
        {
          content: "deletes",
          sequence: 2n,
          entries: [
            { path: "data/by-both.parquet", content: 2, equalityIds: [2, 1] },
            { path: "data/by-id.parquet", content: 2, equalityIds: [1] },
          ],
        },
      ),
    );
    expect(await rows()).toEqual([
      [1, "a"],
      [2, null],
      [3, "c"],
    ]);
  });

  test("apply in their own partition; those without partition everywhere", async () => {
    const specs = [
      { "spec-id": 0, fields: [{ "source-id": 2, "field-id": 1000, name: "name", transform: "identity" }] },
      { "spec-id": 1, fields: [] },
      { "spec-id": 2, fields: [{ "source-id": 2, "field-id": 1001, name: "name", transform: "void" }] },
    ];
    const partition = [[1000, "name", "string"]] as const;
    for (const name of ["a", "b"])
      await parquet(`data/${name}.parquet`, [1, 2, 3, 4].map((id) => row(id, name)).join(" UNION ALL "), ids);
    for (const id of [1, 2, 3])
      await parquet(`data/del${id}.parquet`, `SELECT ${id}::BIGINT AS id`, "{id: 1}");
    const del = (id: number): CraftedEntry => ({
      path: `data/del${id}.parquet`,
      content: 2,
      equalityIds: [1],
    });
    await make({
      specs,
      ...oneSnapshot(
        {
          partition,
          entries: ["a", "b"].map((name) => ({ path: `data/${name}.parquet`, partition: { name } })),
        },
        { content: "deletes", sequence: 2n, partition, entries: [{ ...del(1), partition: { name: "b" } }] },
        { content: "deletes", sequence: 2n, specId: 1, entries: [del(2)] },
        {
          content: "deletes",
          sequence: 2n,
          specId: 2,
          partition: [[1001, "name", "string"]],
          entries: [del(3)],
        },
      ),
    });
    expect(await rows()).toEqual([
      [1, "a"],
      [4, "a"],
      [4, "b"],
    ]);
  });

  test("by a column that was dropped, renamed or widened since, in a struct, or is not yet in the file", async () => {
    const fields = (name: string, type: string) => [
      field(1, name, type),
      field(5, "s", { type: "struct", fields: [field(6, "x", "int"), field(7, "y", "int")] }),
      field(8, "later", "int", { "initial-default": 7 }),
    ];
    await parquet(
      "data/a.parquet",
      "SELECT i::INTEGER AS old, i::INTEGER AS gone, {'x': i, 'y': i * 10} AS s FROM (VALUES (1), (2), (3), (4)) v(i)",
      "{old: 1, gone: 4, s: {__duckdb_field_id: 5, x: 6, y: 7}}",
    );
    await parquet("data/d1.parquet", "SELECT 1::INTEGER AS gone", "{gone: 4}");
    await parquet("data/d2.parquet", "SELECT 2::INTEGER AS old", "{old: 1}");
    await parquet("data/d3.parquet", "SELECT {'x': 3::INTEGER} AS s", "{s: {__duckdb_field_id: 5, x: 6}}");
    await parquet("data/d4.parquet", "SELECT 8::INTEGER AS later", "{later: 8}");
    const table = (last: string) => ({
      formatVersion: 3,
      schemas: [
        { "schema-id": 0, fields: [field(1, "old", "int"), field(4, "gone", "int")] },
        { "schema-id": 1, fields: fields("wide", "long") },
      ],
      currentSchemaId: 1,
      ...oneSnapshot(dataManifest({ path: "data/a.parquet" }), {
        content: "deletes" as const,
        sequence: 5n,
        entries: (
          [
            ["d1", [4]],
            ["d2", [1]],
            ["d3", [6]],
            [last, [8]],
          ] as const
        ).map(([name, equalityIds]) => ({ path: `data/${name}.parquet`, content: 2, equalityIds })),
      }),
    });
    await make(table("d4"));
    expect(await rows()).toEqual([[4, { x: 4, y: 40 }, 7]]);
    await parquet("data/d5.parquet", "SELECT 7::INTEGER AS later", "{later: 8}");
    await make(table("d5"));
    expect(await rows()).toEqual([]);
  });
});

describe("position deletes", () => {
  const positions = (path: string, ...rows: readonly (readonly [string, number])[]) =>
    parquet(
      path,
      `SELECT * FROM (VALUES ${rows.map(([file, pos]) => `('${location}/${file}', ${pos}::BIGINT)`).join(", ")}) v(file_path, pos)`,
      "{file_path: 2147483546, pos: 2147483545}",
    );

  test("apply to files of the same or an older commit, and as far as their own file says", async () => {
    for (const name of ["a", "b"])
      await parquet(`data/${name}.parquet`, `SELECT i AS id, '${name}' AS name FROM range(4) r(i)`, ids);
    await positions("data/same.parquet", ["data/a.parquet", 0], ["data/b.parquet", 0]);
    await positions("data/only-b.parquet", ["data/a.parquet", 1], ["data/b.parquet", 1]);
    await positions("data/older.parquet", ["data/a.parquet", 2], ["data/b.parquet", 2]);
    await make(
      oneSnapshot(
        { entries: [{ path: "data/a.parquet" }], sequence: 1n },
        { entries: [{ path: "data/b.parquet" }], sequence: 2n },
        {
          content: "deletes",
          sequence: 2n,
          entries: [
            { path: "data/same.parquet", content: 1 },
            { path: "data/only-b.parquet", content: 1, referencedDataFile: `${location}/data/b.parquet` },
            { path: "data/older.parquet", content: 1, sequence: 1n, status: 0 },
          ],
        },
      ),
    );
    expect(await rows()).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "a"],
      [3, "b"],
    ]);
    const snapshot = await readIcebergSnapshot(openStore(folder), "");
    expect(snapshot.files.rows).toBeUndefined();
  });

  test.each(["AVRO", "ORC"])("in %s are refused by name", async (format) => {
    await make(oneSnapshot({ content: "deletes", entries: [{ path: "data/x", content: 1, format }] }));
    await expect(rows()).rejects.toMatchObject({
      code: "table.iceberg_feature_unsupported",
      message: expect.stringContaining(format),
    });
  });
});

describe("deletion vectors", () => {
  const deletedRows = async (path: string, ...rows: readonly number[]) => {
    const blob = toBlob(RowSet.fromArray(rows));
    await writeFile(join(folder, path), Buffer.concat([Buffer.from("PFA1"), blob]));
    return {
      path,
      format: "PUFFIN",
      content: 1,
      offset: 4,
      lengthBytes: blob.length,
      rows: BigInt(rows.length),
    };
  };
  const named = (name: string) => ({ referencedDataFile: `${location}/data/${name}.parquet` });
  const two = async () => {
    for (const name of ["a", "b"])
      await parquet(`data/${name}.parquet`, `SELECT i AS id, '${name}' AS name FROM range(4) r(i)`, ids);
    await mkdir(join(folder, "metadata"), { recursive: true });
    return { entries: ["a", "b"].map((name) => ({ path: `data/${name}.parquet`, rows: 4n })) };
  };

  test("stand for the position deletes of their file; how many rows are left is known", async () => {
    const data = await two();
    const vector = { ...(await deletedRows("metadata/dv.puffin", 0, 3)), ...named("a") };
    await craftParquet(
      session,
      folder,
      "data/pos.parquet",
      `SELECT '${location}/data/' || f || '.parquet' AS file_path, 1::BIGINT AS pos FROM (VALUES ('a'), ('b')) v(f)`,
      "{file_path: 2147483546, pos: 2147483545}",
    );
    await make({ formatVersion: 3, ...oneSnapshot(data, { content: "deletes", entries: [vector] }) });
    expect((await rows()).map(([id]) => id)).toEqual([0, 1, 1, 2, 2, 3]);
    expect((await readIcebergSnapshot(openStore(folder), "")).files.rows).toBe(6);
    const positions = { path: "data/pos.parquet", content: 1 };
    await make({
      formatVersion: 3,
      ...oneSnapshot(data, { content: "deletes", entries: [vector, positions] }),
    });
    expect(await rows()).toEqual([
      [0, "b"],
      [1, "a"],
      [2, "a"],
      [2, "b"],
      [3, "b"],
    ]);
  });

  test("that are damaged, or two for one file, are not believed", async () => {
    const data = await two();
    const vector = { ...(await deletedRows("metadata/dv.puffin", 0, 3)), ...named("a") };
    for (const [entries, code] of [
      [[{ ...vector, rows: 1n }], "table.deletion_vector_damaged"],
      [[{ ...vector, offset: 3 }], "table.deletion_vector_damaged"],
      [[{ ...vector, lengthBytes: 2 ** 40 }], "table.deletion_vector_damaged"],
      [[vector, vector], "table.manifest_damaged"],
      [[{ ...vector, referencedDataFile: undefined }], "table.manifest_damaged"],
    ] as const) {
      await make({
        formatVersion: 3,
        ...oneSnapshot(data, { content: "deletes", entries: entries as readonly CraftedEntry[] }),
      });
      await expect(rows()).rejects.toMatchObject({ code });
    }
  });
});

test("every kind of delete in one table", async () => {
  const specs = [
    { "spec-id": 0, fields: [{ "source-id": 2, "field-id": 1000, name: "part", transform: "identity" }] },
    { "spec-id": 1, fields: [] },
  ];
  const nested = field(3, "s", { type: "struct", fields: [field(4, "x", "int"), field(5, "y", "string")] });
  const fieldIds = "{id: 1, name: 2, s: {__duckdb_field_id: 3, old: 4}}";
  const query = (from: number, name: string) =>
    `SELECT i AS id, '${name}' AS name, {'old': i::INTEGER} AS s FROM range(${from}, ${from + 4}) r(i)`;
  await parquet("data/a.parquet", query(1, "a"), fieldIds);
  await parquet("data/b.parquet", query(5, "b"), fieldIds);
  await parquet("data/c.parquet", query(9, "c"), fieldIds);
  await parquet("data/eq.parquet", "SELECT 2::BIGINT AS id", "{id: 1}");
  await parquet(
    "data/eq-b.parquet",
    "SELECT {'old': 7::INTEGER} AS s",
    "{s: {__duckdb_field_id: 3, old: 4}}",
  );
  await parquet(
    "data/pos.parquet",
    `SELECT '${location}/data/' || f || '.parquet' AS file_path, pos::BIGINT AS pos FROM (VALUES ('a', 0), ('b', 3)) v(f, pos)`,
    "{file_path: 2147483546, pos: 2147483545}",
  );
  await mkdir(join(folder, "metadata"), { recursive: true });
  const blob = toBlob(RowSet.fromArray([0, 1]));
  await writeFile(join(folder, "metadata/dv.puffin"), Buffer.concat([Buffer.from("PFA1"), blob]));
  const partition = [[1000, "part", "string"]] as const;
  const inPartition = (name: string) => ({ partition: { part: name } });
  await make({
    formatVersion: 3,
    schemas: [{ "schema-id": 0, fields: [...idAndName.fields, nested] }],
    specs,
    properties: { "schema.name-mapping.default": '[{"field-id":1,"names":["id"]}]' },
    ...oneSnapshot(
      {
        partition,
        entries: ["a", "b", "c"].map((name) => ({
          path: `data/${name}.parquet`,
          rows: 4n,
          ...inPartition(name),
          lower: { 1: Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]) },
          upper: { 1: Buffer.from([12, 0, 0, 0, 0, 0, 0, 0]) },
        })),
      },
      {
        content: "deletes",
        sequence: 2n,
        partition,
        entries: [
          { path: "data/pos.parquet", content: 1, ...inPartition("a") },
          { path: "data/eq-b.parquet", content: 2, equalityIds: [4], ...inPartition("b") },
          {
            path: "metadata/dv.puffin",
            content: 1,
            format: "PUFFIN",
            offset: 4,
            lengthBytes: blob.length,
            rows: 2n,
            referencedDataFile: `${location}/data/c.parquet`,
            ...inPartition("c"),
          },
        ],
      },
      {
        content: "deletes",
        sequence: 2n,
        specId: 1,
        entries: [{ path: "data/eq.parquet", content: 2, equalityIds: [1] }],
      },
    ),
  });
  // test/fuzz/iceberg-table is this table.
  const expected = [
    [3, "a"],
    [4, "a"],
    [5, "b"],
    [6, "b"],
    [8, "b"],
    [11, "c"],
    [12, "c"],
  ];
  expect(await rows()).toEqual(expected.map(([id, name]) => [id, name, { x: id, y: null }]));
  folder = fileURLToPath(new URL("../../../../test/fuzz/iceberg-table", import.meta.url));
  expect(await rows()).toEqual(expected.map(([id, name]) => [id, name, { x: id, y: null }]));
});

describe("columns", () => {
  test("of files without ids are found by the name mapping, at any depth; without one the file is refused", async () => {
    await parquet(
      "data/a.parquet",
      "SELECT 1::INTEGER AS ID_old, {'X': 5, 'z': 6} AS s, [{'X': 7}] AS l, MAP {'k': {'X': 8}} AS m",
    );
    const inner = (id: number) => ({
      type: "struct",
      fields: [field(id, "x", "int"), field(id + 1, "new", "int")],
    });
    const schemas = [
      {
        "schema-id": 0,
        fields: [
          field(1, "id", "long"),
          field(2, "s", inner(10)),
          field(3, "l", { type: "list", "element-id": 4, element: inner(20), "element-required": false }),
          field(5, "m", {
            type: "map",
            "key-id": 6,
            key: "string",
            "value-id": 7,
            value: inner(30),
            "value-required": false,
          }),
        ],
      },
    ];
    const x = (id: number) => [{ "field-id": id, names: ["x", "X"] }];
    const mapping = [
      { "field-id": 1, names: ["id", "ID_old"] },
      { "field-id": 2, names: ["s"], fields: x(10) },
      { "field-id": 3, names: ["l"], fields: [{ "field-id": 4, names: ["element"], fields: x(20) }] },
      {
        "field-id": 5,
        names: ["m"],
        fields: [
          { "field-id": 6, names: ["key"] },
          { "field-id": 7, names: ["value"], fields: x(30) },
        ],
      },
      { names: ["z"] },
    ];
    const snapshots = oneSnapshot(dataManifest({ path: "data/a.parquet" }));
    await make({
      schemas,
      ...snapshots,
      properties: { "schema.name-mapping.default": JSON.stringify(mapping) },
    });
    expect(await rows()).toEqual([
      [1, { x: 5, new: null }, [{ x: 7, new: null }], [{ key: "k", value: { x: 8, new: null } }]],
    ]);
    await make({ schemas, ...snapshots });
    await expect(rows()).rejects.toMatchObject({
      code: "table.iceberg_feature_unsupported",
      message: expect.stringContaining("name-mapping"),
    });
  });

  test("that a file lacks come from its partition, as their own type, or null", async () => {
    const types: readonly (readonly [
      string,
      "int" | "long" | "string" | "bytes" | "boolean",
      unknown,
      unknown,
    ])[] = [
      ["int", "int", -5, -5],
      ["long", "long", 2n ** 60n, 2n ** 60n],
      ["string", "string", "ž='", "ž='"],
      ["date", "int", -1, "1969-12-31"],
      ["timestamp", "long", -1n, "1969-12-31T23:59:59.999999"],
      ["timestamptz", "long", 1n, "1970-01-01T00:00:00.000001Z"],
      ["time", "long", 3_723_000_001n, "01:02:03.000001"],
      ["decimal(9, 2)", "bytes", Uint8Array.of(0xff, 0x38), "-2.00"],
      ["binary", "bytes", Uint8Array.of(0, 255), Buffer.from([0, 255])],
      [
        "uuid",
        "bytes",
        Buffer.from("00112233445566778899aabbccddeeff", "hex"),
        "00112233-4455-6677-8899-aabbccddeeff",
      ],
      ["boolean", "boolean", true, true],
    ];
    await parquet("data/a.parquet", "SELECT 1::BIGINT AS id", "{id: 1}");
    await parquet("data/b.parquet", "SELECT 2::BIGINT AS id", "{id: 1}");
    await make({
      schemas: [
        {
          "schema-id": 0,
          fields: [field(1, "id", "long"), ...types.map(([type], i) => field(10 + i, `c${i}`, type))],
        },
      ],
      specs: [
        {
          "spec-id": 0,
          fields: types.map((_, i) => ({
            "source-id": 10 + i,
            "field-id": 1000 + i,
            name: `p${i}`,
            transform: "identity",
          })),
        },
      ],
      ...oneSnapshot({
        partition: types.map(([, avro], i) => [1000 + i, `p${i}`, avro]),
        entries: [
          {
            path: "data/a.parquet",
            partition: Object.fromEntries(types.map(([, , value], i) => [`p${i}`, value])),
          },
          { path: "data/b.parquet", partition: {} },
        ],
      }),
    });
    expect(await rows()).toEqual([
      [1, ...types.map(([, , , expected]) => expected)],
      [2, ...types.map(() => null)],
    ]);
    // And by that they are left out: the statistics of all tables are of one form.
    const snapshot = await readIcebergSnapshot(openStore(folder), "");
    const stats = JSON.parse(snapshot.files.get("data/a.parquet")!.stats!) as Record<string, unknown>;
    expect(stats["minValues"]).toMatchObject({ c0: -5, c3: "1969-12-31", c7: -2 });
  });

  test("that a file lacks have their default, in structs too", async () => {
    await parquet(
      "data/a.parquet",
      "SELECT 1::BIGINT AS id, {'a': 1} AS s UNION ALL SELECT 2, NULL",
      "{id: 1, s: {__duckdb_field_id: 2, a: 3}}",
    );
    const added = { type: "struct", fields: [field(31, "in", "int", { "initial-default": 5 })] };
    await make({
      formatVersion: 3,
      schemas: [
        {
          "schema-id": 0,
          fields: [
            field(1, "id", "long"),
            field(2, "s", {
              type: "struct",
              fields: [field(3, "a", "int"), field(4, "b", "string", { "initial-default": "it's" })],
            }),
            field(10, "l", "long", { "initial-default": 9_007_199_254_740_993n }),
            field(11, "dec", "decimal(9,2)", { "initial-default": "14.20" }),
            field(12, "d", "date", { "initial-default": "2017-11-16" }),
            field(13, "tz", "timestamptz", { "initial-default": "2017-11-16T22:31:08.123456+00:00" }),
            field(14, "b", "binary", { "initial-default": "00ff" }),
            field(15, "u", "uuid", { "initial-default": "F79C3E09-677C-4BBD-A479-3F349CB785E7" }),
            field(16, "t", "time", { "initial-default": "22:31:08.120000" }),
            field(17, "f", "double", { "initial-default": 1.5 }),
            field(30, "n", added, { "initial-default": {} }),
            field(40, "none", "unknown"),
          ],
        },
      ],
      ...oneSnapshot(dataManifest({ path: "data/a.parquet" })),
    });
    const defaults = [
      9_007_199_254_740_993n,
      "14.20",
      "2017-11-16",
      "2017-11-16T22:31:08.123456Z",
      Buffer.from([0, 255]),
      "f79c3e09-677c-4bbd-a479-3f349cb785e7",
      "22:31:08.12",
      1.5,
      { in: 5 },
      null,
    ];
    expect(await rows()).toEqual([
      [1, { a: 1, b: "it's" }, ...defaults],
      [2, null, ...defaults],
    ]);
  });

  test.each(["timestamp_ns", "timestamptz_ns", "variant", "geometry", "geography(C)", "decimal(39, 2)"])(
    "of type %s are refused by name",
    async (type) => {
      await make({ schemas: [{ "schema-id": 0, fields: [field(1, "c", type)] }] });
      await expect(rows()).rejects.toMatchObject({
        code: "schema.type_unsupported",
        message: expect.stringContaining(type),
      });
    },
  );

  test("whose type in a file is no promotion are refused by name, not cast", async () => {
    await parquet("data/a.parquet", "SELECT '1' AS id, 'x' AS name", ids);
    await make(oneSnapshot(dataManifest({ path: "data/a.parquet" })));
    await expect(rows()).rejects.toMatchObject({
      code: "table.iceberg_feature_unsupported",
      message: expect.stringContaining("column id, which is long in the table and VARCHAR"),
    });
  });
});

describe("snapshots", () => {
  const two = () => ({
    schemas: [
      idAndName,
      { "schema-id": 1, fields: [field(1, "id", "long"), field(2, "nom", "string"), field(3, "new", "int")] },
    ],
    currentSchemaId: 1,
    snapshots: [1n, 2n].map((id) => ({
      id,
      timestampMs: Number(id) * 1000,
      manifests: [
        dataManifest(...[1n, 2n].filter((n) => n <= id).map((n) => ({ path: `data/${n}.parquet` }))),
      ],
      more: { "schema-id": Number(id) - 1 },
    })),
    more: {
      refs: {
        main: { "snapshot-id": 2, type: "branch" },
        b: { "snapshot-id": 1, type: "branch" },
        t: { "snapshot-id": 1, type: "tag" },
      },
      "snapshot-log": [1, 2].map((id) => ({ "snapshot-id": id, "timestamp-ms": id * 1000 })),
    },
  });
  beforeEach(async () => {
    for (const id of [1, 2])
      await parquet(`data/${id}.parquet`, `SELECT ${id}::BIGINT AS id, 'n' AS name`, ids);
  });

  test("are chosen by branch, tag, id and time, each with its schema", async () => {
    await make(two());
    const newest = [
      [1, "n", null],
      [2, "n", null],
    ];
    expect(await rows()).toEqual(newest);
    expect(await rows({ branch: "main" })).toEqual(newest);
    expect(await rows({ branch: "b" })).toEqual([[1, "n", null]]);
    for (const old of [{ tag: "t" }, { snapshotId: 1n }, { asOfMs: 1999 }])
      expect(await rows(old)).toEqual([[1, "n"]]);
    for (const [absent, names] of [
      [{ tag: "b" }, 'tag "b"'],
      [{ branch: "t" }, 'branch "t"'],
      [{ snapshotId: 3n }, "snapshot 3"],
      [{ asOfMs: 999 }, "1970-01-01T00:00:00.999Z"],
      [{ branch: "b", tag: "t" }, "only one"],
    ] as const)
      await expect(rows(absent)).rejects.toMatchObject({
        code: "table.version_not_found",
        message: expect.stringContaining(names),
      });
  });

  test("of version 1 list their manifests themselves; deleted entries are gone; none yet: no rows", async () => {
    const manifests = [
      dataManifest({ path: "data/1.parquet", status: 0 }, { path: "data/2.parquet", status: 2 }),
    ];
    for (const inline of [true, false]) {
      await make({ formatVersion: 1, snapshots: [{ id: 1n, inline, manifests }] });
      expect(await rows()).toEqual([[1, "n"]]);
    }
    await make({});
    expect(await rows()).toEqual([]);
    expect((await readIcebergSnapshot(openStore(folder), "")).files.rows).toBe(0);
  });

  test("the newest metadata file is the one of the highest number, gzipped or not", async () => {
    const first = await make(two());
    const body = gzipSync(await readFile(join(folder, first)));
    await writeFile(join(folder, "metadata/00000-x.metadata.json"), "{}");
    expect(await rows()).toHaveLength(2);
    await writeFile(join(folder, "metadata/v2.gz.metadata.json"), body);
    await rm(join(folder, first));
    expect(await rows()).toHaveLength(2);
    expect(await rows({}, "metadata/v2.gz.metadata.json")).toHaveLength(2);
    await writeFile(join(folder, "metadata/00002-lost.metadata.json.gz"), body);
    await expect(rows()).rejects.toMatchObject({ code: "table.metadata_ambiguous" });
    await writeFile(join(folder, "metadata/version-hint.text"), "2\n");
    expect(await rows()).toHaveLength(2);
    await rm(join(folder, "metadata"), { recursive: true });
    await expect(rows()).rejects.toMatchObject({ code: "table.not_found" });
    await expect(rows({}, "metadata/v2.metadata.json")).rejects.toMatchObject({ code: "table.not_found" });
  });
});

describe("places", () => {
  test("a table that was moved is read where it is", async () => {
    await parquet("data/a [1]*.parquet", "SELECT 1::BIGINT AS id, 'n' AS name", ids);
    await make({
      ...oneSnapshot(dataManifest({ path: "data/a [1]*.parquet" })),
      more: { location: `${location}/` },
    });
    await rename(folder, `${folder} moved`);
    folder = `${folder} moved`;
    expect(await rows()).toEqual([[1, "n"]]);
  });

  test.each([
    "file:///etc/passwd",
    "/etc/passwd",
    "s3://bucket/warehouse/other/x.parquet",
    "s3://bucket/warehouse/t/../other/x.parquet",
    "s3://bucket/warehouse/t",
    "s3://bucket/warehouse/t/data/../../x",
    "https://example.com/x.parquet",
    "x.parquet",
  ])("a file outside of the table is refused: %s", async (address) => {
    for (const table of [
      oneSnapshot(dataManifest({ path: "", address })),
      oneSnapshot({ content: "deletes" as const, entries: [{ path: "", address, content: 1 }] }),
      { snapshots: [{ id: 1n, manifests: [], more: { "manifest-list": address } }] },
      { snapshots: [{ id: 1n, manifests: [], inline: true, more: { manifests: [address] } }] },
    ]) {
      await make(table);
      await expect(rows()).rejects.toMatchObject({ code: "table.path_outside" });
    }
  });
});

describe("what would be misread is refused by name", () => {
  test.each([
    ["format version 4", { formatVersion: 4 }],
    ["encryption", { snapshots: [{ id: 1n, manifests: [], more: { "key-id": "k" } }] }],
    ["encryption", oneSnapshot({ entries: [], keyMetadata: Uint8Array.of(1) })],
    ["encryption", oneSnapshot(dataManifest({ path: "data/x", keyMetadata: Uint8Array.of(1) }))],
    ["AVRO", oneSnapshot(dataManifest({ path: "data/x.avro", format: "avro" }))],
    ["ORC", oneSnapshot(dataManifest({ path: "data/x.orc", format: "ORC" }))],
  ] as const)("%s", async (what, table) => {
    await make(table);
    await expect(rows()).rejects.toMatchObject({
      code: "table.iceberg_feature_unsupported",
      message: expect.stringContaining(what),
    });
  });

  test.each([
    ["a file that is listed twice", oneSnapshot(dataManifest({ path: "data/x" }, { path: "data/x" }))],
    [
      "a deletion vector without a place",
      oneSnapshot({ content: "deletes", entries: [{ path: "d/x", content: 1, format: "PUFFIN" }] }),
    ],
    ["deletes in a manifest of data", oneSnapshot(dataManifest({ path: "data/x", content: 1 }))],
    [
      "an equality delete without columns",
      oneSnapshot({ content: "deletes", entries: [{ path: "d/x", content: 2 }] }),
    ],
    ["a missing spec", oneSnapshot({ specId: 7, entries: [{ path: "data/x" }] })],
  ] as const)("%s", async (_what, table) => {
    await make(table);
    await expect(rows()).rejects.toMatchObject({ code: "table.manifest_damaged" });
  });
});
