import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { type DataFile, Table, type TableChange } from "../index.ts";
import { type TestLake, append, meanwhile, openTestLake } from "./lake-for-test.ts";

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(async () => {
  await lake.remove();
});

let count = 0;
const folder = (): string => `ns/t${count++}`;
const evolve = async (table: Table, ...changes: TableChange[]) => await table.evolve(lake.session, changes);
const paths = async (table: Table): Promise<string[]> =>
  [...(await table.snapshot()).files].map(({ path }) => path).sort();

describe("metadata only", () => {
  test("columns come, go, move and are commented, and no file is another one", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name, 2.5::FLOAT AS x"]);
    const before = await paths(table);
    const outcome = await evolve(
      table,
      { kind: "add", path: ["late"], type: "date", position: "first", comment: "when" },
      { kind: "drop", path: ["name"] },
      { kind: "move", path: ["x"], position: { after: "late" } },
      { kind: "widen", path: ["x"], type: "double" },
    );
    expect(outcome).toMatchObject({ kind: "committed", version: 2 });
    expect(await paths(table)).toEqual(before);
    expect(await lake.rows(table)).toEqual(['{"late":null,"x":2.5,"id":1}']);
    expect(await lake.rows(table, 1)).toEqual(['{"id":1,"name":"a","x":2.5}']);
    expect((await table.snapshot()).schema.fields[0]).toMatchObject({ name: "late", comment: "when" });
  });

  test("rows that come in meanwhile are kept", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name"]);
    const other = await Table.open(lake.store, table.folder);
    const late = async () => await append(lake.session, other, "SELECT 2 AS id, 'b' AS name");
    expect(await evolve(meanwhile(table, late), { kind: "drop", path: ["name"] })).toMatchObject({
      kind: "committed",
      version: 3,
    });
    expect(await lake.rows(table)).toEqual(['{"id":1}', '{"id":2}']);
  });

  test("a writer of a column that was dropped and came back as another one is told", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name"]);
    const other = await Table.open(lake.store, table.folder);
    const again = async () =>
      await evolve(other, { kind: "drop", path: ["name"] }, { kind: "add", path: ["name"], type: "string" });
    const write = { mode: "append", query: "SELECT 2 AS id, 'b' AS name" } as const;
    expect(await meanwhile(table, again).write(lake.session, write)).toMatchObject({ kind: "conflict" });
  });
});

describe("files are written again", () => {
  test("for a rename: the values, the tags and the order of columns stay", async () => {
    const table = await lake.make(
      folder(),
      ["SELECT 1 AS id, 'a' AS name", "SELECT 2 AS id, NULL::VARCHAR AS name"],
      {
        properties: { "onecopy.identifying-columns": '["name"]', "onecopy.sort-by": '["name"]' },
      },
    );
    const tagged = {
      mode: "append",
      query: "SELECT 3 AS id, 'c' AS name",
      fileTags: { from: "here" },
    } as const;
    await table.write(lake.session, tagged);
    await evolve(table, { kind: "rename", path: ["name"], to: "Full name" });
    expect(await lake.rows(table)).toEqual([
      '{"id":1,"Full name":"a"}',
      '{"id":2,"Full name":null}',
      '{"id":3,"Full name":"c"}',
    ]);
    expect(await lake.rows(table, 3)).toHaveLength(3);
    const { files, properties } = await table.snapshot();
    expect([...files].map(({ tags, rows }) => [tags["from"], rows])).toEqual([
      [undefined, 2],
      ["here", 1],
    ]);
    expect(properties["onecopy.identifying-columns"]).toBe('["Full name"]');
    expect(properties["onecopy.sort-by"]).toBe('["Full name"]');
    expect([...files].map(({ stats }) => stats).join()).not.toContain('"a"');
  });

  test("for a wider type, which then takes its values", async () => {
    const table = await lake.make(folder(), [
      "SELECT 1::INTEGER AS n, 1::SMALLINT AS s, 1.25::DECIMAL(9,2) AS d",
    ]);
    const before = await paths(table);
    await evolve(
      table,
      { kind: "widen", path: ["n"], type: "long" },
      { kind: "widen", path: ["s"], type: { kind: "decimal", precision: 20, scale: 1 } },
    );
    await append(lake.session, table, "SELECT 5000000000 AS n, 2.5::DECIMAL(20,1) AS s");
    expect(await lake.rows(table)).toEqual(['{"n":1,"s":1.0,"d":1.25}', '{"n":5000000000,"s":2.5,"d":null}']);
    expect(await paths(table)).not.toContain(before[0]);
    expect(await lake.rows(table, 1)).toEqual(['{"n":1,"s":1,"d":1.25}']);
  });

  test("for changes inside structs, lists and maps, with nulls and empties in them", async () => {
    const query = `SELECT * FROM (VALUES
      (1, {a: 1, b: 'x'}, [{p: 1.5::FLOAT}, NULL], MAP {'k': {v: 1}}),
      (2, NULL, NULL, NULL), (3, {a: NULL, b: NULL}, [], MAP {}), (4, {a: 4, b: 'y'}, [{p: NULL}], MAP {'k': NULL})
    ) t(id, s, l, m)`;
    const table = await lake.make(folder(), [query]);
    await evolve(
      table,
      { kind: "rename", path: ["s", "b"], to: "c" },
      { kind: "add", path: ["s", "new"], type: "date", position: "first" },
      { kind: "widen", path: ["l", "element", "p"], type: "double" },
      { kind: "widen", path: ["m", "value", "v"], type: "long" },
      { kind: "rename", path: ["m", "value", "v"], to: "w" },
    );
    await append(lake.session, table, "SELECT 5 AS id, {c: 'z', a: 5} AS s, [{p: 0.1::DOUBLE}] AS l");
    expect(await lake.rows(table)).toEqual([
      '{"id":1,"s":{"new":null,"a":1,"c":"x"},"l":[{"p":1.5},null],"m":{"k":{"w":1}}}',
      '{"id":2,"s":null,"l":null,"m":null}',
      '{"id":3,"s":{"new":null,"a":null,"c":null},"l":[],"m":{}}',
      '{"id":4,"s":{"new":null,"a":4,"c":"y"},"l":[{"p":null}],"m":{"k":null}}',
      '{"id":5,"s":{"new":null,"a":5,"c":"z"},"l":[{"p":0.1}],"m":null}',
    ]);
    await evolve(table, { kind: "drop", path: ["s", "a"] });
    await evolve(table, { kind: "add", path: ["s", "a"], type: "string" });
    expect((await lake.rows(table))[0]).toContain('"s":{"new":null,"c":"x","a":null}');
  });

  test("when a dropped name comes back: those that hold it, and no others", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'old' AS name"]);
    await evolve(table, { kind: "drop", path: ["name"] });
    await append(lake.session, table, "SELECT 2 AS id");
    const [holder, without] = [...(await table.snapshot()).files] as [DataFile, DataFile];
    await evolve(table, { kind: "add", path: ["Name"], type: "string" });
    await append(lake.session, table, "SELECT 3 AS id, 'new' AS name");
    expect(await lake.rows(table)).toEqual([
      '{"id":1,"Name":null}',
      '{"id":2,"Name":null}',
      '{"id":3,"Name":"new"}',
    ]);
    expect(await paths(table)).toContain(without.path);
    expect(await paths(table)).not.toContain(holder.path);
    expect((await table.snapshot()).properties["onecopy.dropped-columns"]).toBeUndefined();
  });

  test("and rows that are deleted in them are not there any more", async () => {
    const table = await lake.make(folder(), ["SELECT unnest([1, 2, 3]) AS id, 'a' AS name"], {
      properties: { "delta.enableDeletionVectors": "true" },
    });
    await table.delete(lake.session, { where: "id = 2" });
    await evolve(table, { kind: "rename", path: ["name"], to: "n" });
    expect(await lake.rows(table)).toEqual(['{"id":1,"n":"a"}', '{"id":3,"n":"a"}']);
    expect(
      [...(await table.snapshot()).files].map(({ rows, deletionVector }) => [rows, deletionVector]),
    ).toEqual([[2, undefined]]);
  });

  test("up to the owner's limit", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name"], {
      properties: { "onecopy.rewrite-limit-bytes": "10" },
    });
    await expect(evolve(table, { kind: "rename", path: ["name"], to: "x" })).rejects.toMatchObject({
      code: "table.rewrite_too_large",
      message: expect.stringContaining("name is renamed to x"),
      remedy: expect.stringContaining("onecopy.rewrite-limit-bytes"),
    });
    await evolve(table, { kind: "drop", path: ["name"] });
    await expect(evolve(table, { kind: "add", path: ["name"], type: "date" })).rejects.toMatchObject({
      code: "table.rewrite_too_large",
    });
    expect(await lake.rows(table)).toEqual(['{"id":1}']);
  });

  test("rows that come in meanwhile under the old name are a conflict, and nothing is left behind", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name"]);
    const other = await Table.open(lake.store, table.folder);
    const late = async () => await append(lake.session, other, "SELECT 2 AS id, 'b' AS name");
    expect(await evolve(meanwhile(table, late), { kind: "rename", path: ["name"], to: "n" })).toMatchObject({
      kind: "conflict",
      winner: 2,
    });
    const keys: string[] = [];
    for await (const { key } of lake.store.list(`${table.folder}/data/`)) keys.push(key);
    expect(keys).toHaveLength(2);
    expect(await lake.rows(table)).toEqual(['{"id":1,"name":"a"}', '{"id":2,"name":"b"}']);
  });
});

describe("a column is required", () => {
  const require: TableChange = { kind: "set-nullable", path: ["id"], nullable: false };

  test("when no row has a null in it", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name", "SELECT NULL::INTEGER AS id"]);
    await expect(evolve(table, require)).rejects.toMatchObject({
      code: "table.null_in_required",
      message: expect.stringContaining("1 rows"),
    });
    await table.write(lake.session, { mode: "overwrite", query: "SELECT 1 AS id" });
    expect(await evolve(table, require)).toMatchObject({ kind: "committed" });
    await expect(append(lake.session, table, "SELECT NULL::INTEGER AS id")).rejects.toMatchObject({
      code: "table.null_in_required",
    });
    await evolve(table, { ...require, nullable: true });
    await append(lake.session, table, "SELECT NULL::INTEGER AS id");
  });

  test.each([
    ["a null", "SELECT NULL::INTEGER AS id", "conflict"],
    ["a value", "SELECT 2 AS id", "committed"],
  ])("and %s that comes in meanwhile counts", async (_, query, kind) => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name"]);
    const other = await Table.open(lake.store, table.folder);
    const late = async () => await append(lake.session, other, query);
    expect(await evolve(meanwhile(table, late), require)).toMatchObject({ kind });
  });

  test("and not inside another column", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id"]);
    await evolve(table, {
      kind: "add",
      path: ["s"],
      type: { kind: "struct", fields: [{ id: 0, name: "a", type: "long", nullable: true }] },
    });
    await expect(evolve(table, { ...require, path: ["s", "a"] })).rejects.toMatchObject({
      code: "table.nested_required",
    });
  });
});

test.each<TableChange>([
  { kind: "drop", path: ["day"] },
  { kind: "rename", path: ["DAY"], to: "d" },
  { kind: "widen", path: ["day"], type: "long" },
])("a partition column is protected: %j", async (change) => {
  const schema = schemaOf([
    { name: "id", type: "INTEGER" },
    { name: "day", type: "INTEGER" },
  ]);
  const where = folder();
  await Table.create(lake.store, where, { schema, partitionBy: ["day"] });
  const table = await Table.open(lake.store, where);
  await expect(evolve(table, change)).rejects.toMatchObject({ code: "table.column_protected" });
});
