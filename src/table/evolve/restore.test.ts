import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { Table } from "../index.ts";
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

describe("restore", () => {
  test("gives the rows, the columns and the properties of a version, and copies nothing", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name", "SELECT 2 AS id, 'b' AS name"]);
    const then = await table.snapshot();
    await table.setProperties(lake.session, { "onecopy.sort-by": '["id"]' });
    await table.evolve(lake.session, [
      { kind: "rename", path: ["name"], to: "n" },
      { kind: "add", path: ["x"], type: "date" },
    ]);
    await append(lake.session, table, "SELECT 3 AS id, 'c' AS n, DATE '2020-01-01' AS x");
    expect(await table.restore({ version: 2 })).toMatchObject({ kind: "committed", version: 6 });
    expect(await lake.rows(table)).toEqual(['{"id":1,"name":"a"}', '{"id":2,"name":"b"}']);
    const now = await table.snapshot();
    expect([...now.files].map(({ path }) => path).sort()).toEqual(
      [...then.files].map(({ path }) => path).sort(),
    );
    expect(now.properties["onecopy.sort-by"]).toBeUndefined();
    expect(now.schema.fields).toEqual(then.schema.fields);
    expect(await lake.rows(table, 5)).toHaveLength(3);
    await table.evolve(lake.session, [{ kind: "add", path: ["y"], type: "long" }]);
    expect((await table.snapshot()).schema.fields.at(-1)!.id).toBeGreaterThan(3);
    await append(lake.session, table, "SELECT 4 AS id, 'd' AS name, 5 AS y");
    expect(await lake.rows(table)).toHaveLength(3);
  });

  test("goes by time, too", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id", "SELECT 2 AS id", "SELECT 3 AS id"]);
    const { timestampMs } = await table.snapshot(2);
    expect(await table.restore({ timestampMs })).toMatchObject({ kind: "committed", version: 4 });
    expect(await lake.rows(table)).toEqual(['{"id":1}', '{"id":2}']);
    await expect(table.restore({ timestampMs: 0 })).rejects.toMatchObject({
      code: "table.version_not_found",
    });
    await expect(table.restore({ version: 9 })).rejects.toMatchObject({ code: "table.version_not_found" });
  });

  test("takes deleted rows back, and deletes those again that were", async () => {
    const table = await lake.make(folder(), ["SELECT unnest([1, 2, 3, 4]) AS id"], {
      properties: { "delta.enableDeletionVectors": "true" },
    });
    await table.delete(lake.session, { where: "id = 2" });
    await table.delete(lake.session, { where: "id = 3" });
    const all = [...(await table.snapshot()).files].map(({ path }) => path);
    for (const [version, ids] of [
      [2, [1, 3, 4]],
      [1, [1, 2, 3, 4]],
      [3, [1, 4]],
    ] as const) {
      expect(await table.restore({ version })).toMatchObject({ kind: "committed" });
      expect(await lake.rows(table)).toEqual(ids.map((id) => `{"id":${id}}`));
      expect([...(await table.snapshot()).files].map(({ path }) => path)).toEqual(all);
    }
  });

  test("says how many files are gone, and since when", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id", "SELECT 2 AS id"]);
    const [first] = [...(await table.snapshot()).files];
    await table.write(lake.session, { mode: "overwrite", query: "SELECT 3 AS id" });
    await lake.store.delete(`${table.folder}/${first!.path}`);
    await expect(table.restore({ version: 2 })).rejects.toMatchObject({
      code: "table.files_gone",
      message: expect.stringMatching(/1 of the 2 files.*they left the table from version 3 \(20/),
    });
    expect(await lake.rows(table)).toEqual(['{"id":3}']);
  });

  test("rows that come in meanwhile are a conflict", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id", "SELECT 2 AS id"]);
    const other = await Table.open(lake.store, table.folder);
    const late = meanwhile(table, async () => await append(lake.session, other, "SELECT 9 AS id"));
    expect(await late.restore({ version: 1 })).toMatchObject({ kind: "conflict", winner: 3 });
  });

  test("a column that became identifying since stays so", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'canary' AS name"]);
    await table.setProperties(lake.session, { "onecopy.identifying-columns": '["name"]' });
    await table.restore({ version: 0 });
    await append(lake.session, table, "SELECT 1 AS id, 'canary' AS name");
    expect((await table.snapshot()).properties["onecopy.identifying-columns"]).toBe('["name"]');
    await table.restore({ version: 1 });
    expect([...(await table.snapshot()).files].map(({ stats }) => stats).join()).not.toContain("canary");
  });
});

describe("properties", () => {
  test("are set and taken away; what is not the owner's is refused", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id"]);
    await table.setProperties(lake.session, {
      "onecopy.sort-by": '["id"]',
      "delta.targetFileSize": "1000000",
      mine: "x",
    });
    await table.setProperties(lake.session, { mine: "y" }, ["onecopy.sort-by"]);
    const { properties } = await table.snapshot();
    expect(properties).toMatchObject({ mine: "y", "delta.targetFileSize": "1000000" });
    expect(properties["onecopy.sort-by"]).toBeUndefined();
    for (const [set, unset] of [
      [{ "onecopy.sort-by": '["none"]' }, []],
      [{ "onecopy.sort-by": "id" }, []],
      [{ "onecopy.rewrite-limit-bytes": "many" }, []],
      [{ "onecopy.clone-sources": '["other"]' }, []],
      [{ "delta.enableChangeDataFeed": "true" }, []],
      [{}, ["onecopy.last-field-id"]],
    ] as const)
      await expect(table.setProperties(lake.session, set, unset)).rejects.toMatchObject({
        code: expect.stringMatching(/^table\.(property_unsupported|column_unknown)$/),
      });
  });

  test("deletion vectors go, and with them every file that has some", async () => {
    const table = await lake.make(folder(), ["SELECT unnest([1, 2, 3]) AS id"]);
    await table.setProperties(lake.session, { "delta.enableDeletionVectors": "true" });
    await table.delete(lake.session, { where: "id = 2" });
    expect((await table.snapshot()).files.some((file) => file.deletionVector !== undefined)).toBe(true);
    const before = await lake.rows(table);
    await table.setProperties(lake.session, { "delta.enableDeletionVectors": "false" });
    expect((await table.snapshot()).files.some((file) => file.deletionVector !== undefined)).toBe(false);
    expect(await lake.rows(table)).toEqual(before);
    expect(before).toHaveLength(2);
  });

  test("make nothing out of date that was made from the table", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, {'a': 1, 'b': 'x'} AS s"]);
    const { rowsVersion } = await table.snapshot();
    await table.setProperties(lake.session, { mine: "x", "onecopy.identifying-columns": '["id"]' });
    const now = await table.snapshot();
    expect({ version: now.version, rowsVersion: now.rowsVersion }).toEqual({ version: 2, rowsVersion });
    expect(now.properties["delta.dataSkippingStatsColumns"]).toBe("`s`.`a`,`s`.`b`");
    await table.evolve(lake.session, [{ kind: "rename", path: ["id"], to: "key" }]);
    expect((await table.snapshot()).rowsVersion).toBe(3);
  });

  test("a column that becomes identifying loses its bounds in both newest logs, and keeps its rows", async () => {
    const table = await lake.make(folder(), [
      "SELECT 1 AS id, 'canary-a' AS name",
      "SELECT 2 AS id, 'canary-b' AS name",
    ]);
    const other = await Table.open(lake.store, table.folder);
    const late = async () => await append(lake.session, other, "SELECT 3 AS id, 'canary-c' AS name");
    const outcome = await meanwhile(table, late).setProperties(lake.session, {
      "onecopy.identifying-columns": '["name"]',
    });
    expect(outcome).toMatchObject({ kind: "committed", version: 4 });
    const snapshot = await table.snapshot();
    const stats = [...snapshot.files].map((file) => JSON.parse(file.stats!) as object);
    expect(stats).toHaveLength(3);
    for (const one of stats)
      expect(one).toMatchObject({ numRecords: 1, minValues: { id: expect.anything() } });
    expect(JSON.stringify(stats)).not.toContain("canary");
    const before = new Set<string>();
    for await (const { key } of lake.store.list(`${table.folder}/_iceberg/`)) before.add(key);
    // What the newest metadata reaches is all that is left when older snapshots have expired.
    const reached = await reachedFrom(snapshot.iceberg!.metadataKey);
    expect(reached.length).toBeGreaterThan(2);
    for (const body of reached) expect(body.includes("canary")).toBe(false);
    expect(await lake.rows(table)).toHaveLength(3);
    await table.setProperties(lake.session, {}, ["onecopy.identifying-columns"]);
    expect((await table.snapshot()).properties["delta.dataSkippingStatsColumns"]).toBeUndefined();
  });
});

/** The metadata, the current manifest list and its manifests. */
async function reachedFrom(metadataKey: string): Promise<Buffer[]> {
  const body = async (key: string): Promise<Buffer> => {
    const found = await lake.store.get(key);
    if (found.kind === "absent") throw new Error(key);
    return Buffer.from(found.body);
  };
  const metadata = await body(metadataKey);
  const lists = [...metadata.toString().matchAll(/"manifest-list":"([^"]+)"/g)].map((match) => match[1]!);
  const root = `file://${lake.store.locate("")}`.replace(/\/?$/, "/");
  const list = await body(lists.at(-1)!.slice(root.length));
  const manifests = [...list.toString("latin1").matchAll(/[0-9a-f-]{36}-m\.avro/g)].map((match) => match[0]);
  const folderOf = metadataKey.slice(0, metadataKey.lastIndexOf("/"));
  return [metadata, list, ...(await Promise.all(manifests.map((name) => body(`${folderOf}/${name}`))))];
}

describe("replace", () => {
  test("is one commit; older versions stay, ids go on", async () => {
    const table = await lake.make(folder(), ["SELECT 1 AS id, 'a' AS name"], {
      properties: { mine: "x" },
    });
    const schema = schemaOf([
      { name: "name", type: "BIGINT" },
      { name: "day", type: "DATE" },
    ]);
    const definition = { schema, partitionBy: ["day"], properties: { other: "y" } };
    const query = "SELECT 5::BIGINT AS name, DATE '2020-01-02' AS day";
    expect(await table.replace(lake.session, definition, query)).toMatchObject({
      kind: "committed",
      version: 2,
      rows: 1,
    });
    expect(await lake.rows(table)).toEqual(['{"name":5,"day":"2020-01-02"}']);
    expect(await lake.rows(table, 1)).toEqual(['{"id":1,"name":"a"}']);
    const now = await table.snapshot();
    expect(now.schema.fields.map(({ id }) => id)).toEqual([3, 4]);
    expect(now.partitionColumns).toEqual(["day"]);
    expect(now.properties).toMatchObject({ other: "y" });
    expect(now.properties["mine"]).toBeUndefined();
    await table.restore({ version: 1 });
    expect(await lake.rows(table)).toEqual(['{"id":1,"name":"a"}']);
    await table.replace(lake.session, { schema });
    expect(await lake.rows(table)).toEqual([]);
  });
});
