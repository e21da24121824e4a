import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import type { Session } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { writeCheckpoint } from "../delta/write-checkpoint.ts";
import { type ChangesRequest, Table } from "../index.ts";

let bench: Workbench;
let session: Session;
let store: Store;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-changes-");
  ({ session } = bench);
  store = openStore(join(bench.base, "lake"));
});
afterAll(() => bench.close());

let count = 0;
async function made(query: string, properties: Readonly<Record<string, string>> = {}): Promise<Table> {
  const folder = `t${count++}`;
  await Table.create(store, folder, { schema: schemaOf(await session.describe(query)), properties });
  const table = await Table.open(store, folder);
  await table.write(session, { mode: "append", query });
  return table;
}

/** Each change as `version type values…`, sorted. */
async function found(table: Table, request: ChangesRequest): Promise<string[]> {
  const rows = await session.rows<Record<string, unknown>>(
    `SELECT * EXCLUDE (_commit_timestamp) FROM ${await table.changes(session, request)}`,
  );
  return rows
    .map(
      ({ _change_type: type, _commit_version: version, ...row }) =>
        `${String(version)} ${String(type)} ${JSON.stringify(Object.values(row))}`,
    )
    .sort();
}

describe.each(["false", "true"])("deletion vectors %s", (vectors) => {
  const properties = { "delta.enableDeletionVectors": vectors };

  test("pre- and post-images under the last version's names, over renames inside of structs and lists", async () => {
    const table = await made(
      "SELECT i::INTEGER AS id, 'x' || i AS s, {'a': i::INTEGER, 'b': 'q'} AS st, [{'x': i}] AS l FROM range(3) r(i)",
      properties,
    );
    await table.update(session, { where: "id = 2", set: { s: "'new'" } });
    await table.evolve(session, [
      { kind: "rename", path: ["s"], to: "t" },
      { kind: "rename", path: ["st", "a"], to: "z" },
      { kind: "rename", path: ["l", "element", "x"], to: "y" },
      { kind: "widen", path: ["id"], type: "long" },
      { kind: "add", path: ["st", "c"], type: "string" },
    ]);
    await table.delete(session, { where: "id = 0" });
    const rest = (n: number): string => `{"z":${n},"b":"q","c":null},[{"y":${n}}]`;
    expect(await found(table, { from: 1 })).toEqual([
      `2 update_postimage [2,"new",${rest(2)}]`,
      `2 update_preimage [2,"x2",${rest(2)}]`,
      `4 delete [0,"x0",${rest(0)}]`,
    ]);
  });

  test("a column that got another id is null in the changes before, and none of them is lost", async () => {
    const table = await made("SELECT 1::INTEGER AS a, 1::INTEGER AS b", properties);
    await table.update(session, { set: { b: "2" } });
    await table.evolve(session, [
      { kind: "widen", path: ["b"], type: { kind: "decimal", precision: 20, scale: 2 } },
    ]);
    await table.update(session, { set: { b: "3" } });
    expect(await found(table, { from: 1 })).toEqual([
      "2 update_postimage [1,null]",
      "2 update_preimage [1,null]",
      '4 update_postimage [1,"3.00"]',
      '4 update_preimage [1,"2.00"]',
    ]);
  });

  test("compaction and properties change no row, restore and overwrite change those that differ", async () => {
    const table = await made("SELECT i AS id FROM range(3) r(i)", properties);
    await table.delete(session, { where: "id = 1" });
    await table.compact(session, { minFiles: 1 });
    await table.setProperties(session, { "onecopy.sort-by": '["id"]' });
    expect(await found(table, { from: 2 })).toEqual([]);
    await table.restore({ version: 1 });
    await table.write(session, { mode: "overwrite", query: "SELECT 2::BIGINT AS id UNION ALL SELECT 5" });
    // A restore brings whole files back: rows that were there all the time are no change.
    expect(await found(table, { from: 2 })).toEqual([
      "5 insert [1]",
      "6 delete [0]",
      "6 delete [1]",
      "6 insert [5]",
    ]);
  });

  test("of a clone, whose files lie elsewhere, from its first version on", async () => {
    const source = await made("SELECT i AS id FROM range(3) r(i)", properties);
    await source.clone(`${source.folder}-clone`);
    const clone = await Table.open(store, `${source.folder}-clone`);
    await clone.delete(session, { where: "id = 1" });
    expect(await found(clone, { from: 0 })).toEqual(["1 delete [1]"]);
    expect(await found(clone, { from: -1 })).toEqual([
      "0 insert [0]",
      "0 insert [1]",
      "0 insert [2]",
      "1 delete [1]",
    ]);
  });
});

test("an update that sets the key keeps no pair, a merge pairs by its key", async () => {
  const table = await made("SELECT i AS id, 'x' AS s FROM range(3) r(i)");
  await table.merge(session, {
    query: "SELECT 1::BIGINT AS id, 'y' AS s UNION ALL SELECT 7, 'z'",
    on: ["id"],
  });
  await table.update(session, { where: "id = 7", set: { id: "8" } });
  expect(await found(table, { from: 1 })).toEqual([
    '2 insert [7,"z"]',
    '2 update_postimage [1,"y"]',
    '2 update_preimage [1,"x"]',
    '3 update_postimage [8,"z"]',
    '3 update_preimage [7,"z"]',
  ]);
  expect(await found(table, { from: 2, key: ["ID"] })).toEqual(['3 delete [7,"z"]', '3 insert [8,"z"]']);
});

test("what cannot be told is refused by name", async () => {
  const table = await made("SELECT 1 AS id");
  for (const request of [{ from: 9 }, { from: 1, to: 0 }, { from: -2 }, { from: 0.5 }, { from: 0, to: 9 }])
    await expect(table.changes(session, request), JSON.stringify(request)).rejects.toMatchObject({
      code: "table.version_not_found",
    });
  await expect(table.changes(session, { from: 0, key: ["x"] })).rejects.toMatchObject({
    code: "table.column_unknown",
  });
  for (let id = 2; id <= 4; id++) await table.write(session, { mode: "append", query: `SELECT ${id} AS id` });
  await writeCheckpoint(store, table.folder, await table.stateAt(3));
  for (let version = 0; version <= 2; version++)
    await store.delete(`${table.folder}/_delta_log/${String(version).padStart(20, "0")}.json`);
  const cleaned = await Table.open(store, table.folder);
  await expect(cleaned.changes(session, { from: 2 })).rejects.toMatchObject({ code: "table.changes_gone" });
  expect(await found(cleaned, { from: 3 })).toEqual(["4 insert [4]"]);
  const reserved = await made("SELECT 1 AS _change_type");
  await expect(reserved.changes(session, { from: 0 })).rejects.toMatchObject({
    code: "table.column_reserved",
  });
});
