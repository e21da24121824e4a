import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { Table } from "../index.ts";
import { type TestLake, openTestLake } from "./lake-for-test.ts";

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(async () => {
  await lake.remove();
});

const vectors = "delta.enableDeletionVectors";
let count = 0;
async function made(properties: Readonly<Record<string, string>> = {}): Promise<Table> {
  const folder = `properties/t${count++}`;
  const query = "SELECT i AS id FROM range(4) r(i)";
  await Table.create(lake.store, folder, {
    schema: schemaOf(await lake.session.describe(query)),
    properties,
  });
  const table = await Table.open(lake.store, folder);
  await table.write(lake.session, { mode: "append", query });
  return table;
}

test("the step that lifts the protocol says whom it excludes, and only that one", async () => {
  const table = await made();
  expect((await table.snapshot()).protocol).toEqual({ minReaderVersion: 1, minWriterVersion: 2 });
  expect(await table.setProperties(lake.session, { [vectors]: "true" })).toMatchObject({
    kind: "committed",
    excludes: [expect.stringMatching(/^deletionVectors: delta-rs .*Delta Sharing in parquet/)],
  });
  const again = await table.setProperties(lake.session, { [vectors]: "true" });
  expect(again).not.toHaveProperty("excludes");
});

test("deletion vectors switched off: no file has one, and the protocol stays for the versions before", async () => {
  const table = await made({ [vectors]: "true" });
  await table.delete(lake.session, { where: "id = 1" });
  expect((await table.snapshot()).files.withDeletedRows).toBe(1);
  await table.setProperties(lake.session, { "onecopy.rewrite-limit-bytes": "1" });
  await expect(table.setProperties(lake.session, {}, [vectors])).rejects.toMatchObject({
    code: "table.rewrite_too_large",
  });
  await table.setProperties(lake.session, {}, [vectors, "onecopy.rewrite-limit-bytes"]);
  const snapshot = await table.snapshot();
  expect(snapshot.files.withDeletedRows).toBe(0);
  expect(snapshot.protocol.readerFeatures).toEqual(["deletionVectors"]);
  expect((await table.snapshot(2)).files.withDeletedRows).toBe(1);
});

test("identifying columns that another writer set as no JSON stay identifying, and can be set right", async () => {
  const table = await made();
  const { metaData } = await table.state();
  const configuration = { ...metaData.configuration, "onecopy.identifying-columns": "id" };
  await lake.store.put(
    `${table.folder}/_delta_log/${"2".padStart(20, "0")}.json`,
    `${JSON.stringify({ commitInfo: { timestamp: Date.now() } })}\n${JSON.stringify({ metaData: { ...metaData, configuration } })}\n`,
    { ifAbsent: true },
  );
  await table.write(lake.session, { mode: "append", query: "SELECT 77::BIGINT AS id" });
  const stats = [...(await table.snapshot()).files].at(-1)!.stats!;
  expect(JSON.parse(stats)).toMatchObject({ numRecords: 1, minValues: {}, nullCount: { id: 0 } });
  expect(stats).not.toContain("77");
  await table.setProperties(lake.session, { "onecopy.identifying-columns": '["id"]' });
  await table.evolve(lake.session, [{ kind: "add", path: ["mail"], type: "string", identifying: true }]);
  expect((await table.snapshot()).properties["onecopy.identifying-columns"]).toBe('["id","mail"]');
});

test("delta.appendOnly is a feature by name once the protocol has names, else other writers would not obey", async () => {
  const plain = await made({ "delta.appendOnly": "true" });
  expect((await plain.snapshot()).protocol).toEqual({ minReaderVersion: 1, minWriterVersion: 2 });
  const table = await made({ [vectors]: "true" });
  await table.setProperties(lake.session, { "delta.appendOnly": "true" });
  expect((await table.snapshot()).protocol.writerFeatures).toEqual(["deletionVectors", "appendOnly"]);
});

test("deletion vectors and Iceberg compatibility, which Delta forbids together, are refused", async () => {
  const table = await made();
  const { metaData } = await table.state();
  const fields = (JSON.parse(metaData.schemaString) as { fields: { name: string; metadata: object }[] })
    .fields;
  const mapped = fields.map((field, i) => ({
    ...field,
    metadata: { "delta.columnMapping.id": i + 1, "delta.columnMapping.physicalName": field.name },
  }));
  // As Spark's ALTER TABLE … SET TBLPROPERTIES does it.
  const actions = [
    { commitInfo: { timestamp: Date.now(), operation: "SET TBLPROPERTIES" } },
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["columnMapping"],
        writerFeatures: ["columnMapping", "icebergCompatV2"],
      },
    },
    {
      metaData: {
        ...metaData,
        schemaString: JSON.stringify({ type: "struct", fields: mapped }),
        configuration: {
          ...metaData.configuration,
          "delta.columnMapping.mode": "name",
          "delta.columnMapping.maxColumnId": String(mapped.length),
          "delta.enableIcebergCompatV2": "true",
        },
      },
    },
  ];
  await lake.store.put(
    `${table.folder}/_delta_log/${"2".padStart(20, "0")}.json`,
    actions.map((action) => `${JSON.stringify(action)}\n`).join(""),
    { ifAbsent: true },
  );
  await expect(table.setProperties(lake.session, { [vectors]: "true" })).rejects.toMatchObject({
    code: "table.property_unsupported",
  });
  expect(await table.delete(lake.session, { where: "id = 1" })).toMatchObject({ kind: "committed" });
});
