import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { schemaOf } from "../../../src/schema/index.ts";
import { Table } from "../../../src/table/index.ts";
import { expectHealed } from "./healed.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { deltaRs } from "./python.ts";
import { Readers } from "./readers.ts";

let lake: TestLake;
let readers: Readers;
beforeAll(async () => {
  lake = await openTestLake();
  readers = new Readers();
});
afterAll(async () => {
  await readers.close();
  await lake.remove();
});

const rows = `SELECT i::BIGINT AS id, 'n' || i AS name, i / 3 AS f, TIMESTAMPTZ '2020-01-01 00:00:00.000001Z' AS at,
  i::DECIMAL(18,2) AS amount, DATE '2020-01-01' AS day FROM range(4) r(i)`;

async function make(name: string, options: Partial<Parameters<typeof Table.create>[2]> = {}): Promise<Table> {
  const schema = schemaOf(await lake.session.describe(rows));
  await Table.create(lake.store, name, { schema, ...options });
  const table = await Table.open(lake.store, name);
  await table.write(lake.session, { mode: "append", query: rows });
  return table;
}

const location = (table: Table): string => lake.store.locate(table.folder);

test("whatever delta-rs does to rows and columns, Iceberg's readers find the same at every version", async () => {
  const table = await make("heal/delta-rs");
  await deltaRs(
    location(table),
    ...[
      "append",
      "update",
      "delete",
      "merge",
      "overwrite-where",
      "append-column",
      "append-nested",
      "add-columns",
    ],
    ...["zorder", "restore-1", "append", "compact", "overwrite", "overwrite-schema"],
  );
  await expectHealed(lake, readers, table, 1);
  expect(
    await table.write(lake.session, { mode: "append", query: "SELECT 8::BIGINT AS name, 'ours' AS id" }),
  ).toMatchObject({ kind: "committed" });
  await expectHealed(lake, readers, table, 1);
});

test("partitions that delta-rs writes, and a constraint of its own: healed, and not written to any more", async () => {
  const table = await make("heal/constraint", { partitionBy: ["name"] });
  await deltaRs(location(table), "append", "update", "delete", "add-constraint", "append");
  await expectHealed(lake, readers, table, 1);
  await expect(table.write(lake.session, { mode: "append", query: "SELECT -1 AS id" })).rejects.toMatchObject(
    {
      code: "table.delta_feature_unsupported",
      message: expect.stringContaining("checkConstraints"),
    },
  );
});

test.each(["checkpoint", "append"])(
  "files in delta-rs' partition folders that OneCopy takes out are gone for every reader, after %s too",
  async (before) => {
    const table = await make(`heal/folders-${before}`, { partitionBy: ["name"] });
    await deltaRs(location(table), "append", before);
    const fresh = await Table.open(lake.store, table.folder);
    await fresh.delete(lake.session, { where: "id >= 101" });
    await fresh.write(lake.session, { mode: "overwrite", query: `${rows} LIMIT 1`, replace: "partitions" });
    await expectHealed(lake, readers, fresh, 1);
    await expectHealed(lake, readers, fresh, 1, "delta_rs");
  },
);

test("a log that delta-rs cleaned up behind its checkpoint: what it still tells of is in both formats", async () => {
  const table = await make("heal/cleaned", {
    properties: { "delta.logRetentionDuration": "interval 0 days" },
  });
  await table.delete(lake.session, { where: "id = 1" });
  await deltaRs(location(table), "append", "checkpoint", "cleanup", "append");
  const commit = (version: number): string =>
    join(location(table), `_delta_log/${String(version).padStart(20, "0")}.json`);
  expect([0, 1, 2, 4].map((version) => existsSync(commit(version)))).toEqual([false, false, false, true]);
  const fresh = await Table.open(lake.store, table.folder);
  await expectHealed(lake, readers, fresh, 3);
  await fresh.write(lake.session, { mode: "append", query: "SELECT 9 AS id" });
  await expectHealed(lake, readers, fresh, 3);
});

test("healers in several processes' stead end with one result", async () => {
  const table = await make("heal/healers", { properties: { "delta.enableDeletionVectors": "true" } });
  await table.delete(lake.session, { where: "id = 1" });
  await deltaRs(location(table), "append", "delete", "append");
  const healers = await Promise.all(
    Array.from({ length: 6 }, async () => await Table.open(lake.store, table.folder)),
  );
  const outcomes = await Promise.all(healers.map(async (healer) => await healer.heal()));
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  await expectHealed(lake, readers, table, 1);
  const named: string[] = [];
  const there: string[] = [];
  for (let version = 0; version <= (await table.snapshot()).version; version++)
    named.push((await table.snapshot(version)).iceberg!.metadataKey);
  for await (const { key } of lake.store.list(`${table.folder}/_iceberg/`))
    if (key.endsWith(".metadata.json")) there.push(key);
  expect(there.sort()).toEqual(named.sort());
});
