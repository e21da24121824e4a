import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { FaultyStore, type Store, openStore, scripted } from "../../storage/index.ts";
import { type TableUpdate, Table, newTable, updatesFor } from "../index.ts";

let bench: Workbench;
let folder: string;
let store: Store;

beforeAll(async () => {
  bench = await openWorkbench("onecopy-foreign-");
});
afterAll(async () => {
  await bench.close();
});

const wanted = newTable.parse({
  schema: { type: "struct", fields: [{ id: 1, name: "id", type: "long", required: false }] },
});
const set = (key: string): TableUpdate => ({ action: "set-properties", updates: { [key]: "yes" } });

let made = 0;
beforeEach(async () => {
  store = openStore(join(bench.base, "lake"));
  folder = `a/t${made++}`;
  await Table.createFromIceberg(store, folder, updatesFor(wanted, randomUUID()));
});

test("a folder is made into a table once", async () => {
  const outcome = await Table.createFromIceberg(store, folder, updatesFor(wanted, randomUUID()));
  expect(outcome).toBe("conflict");
});

test("many commit at once, OneCopy's writers among them: nothing is lost in either format", async () => {
  const writers = Array.from({ length: 4 }, async (_, i) => {
    const table = await Table.open(openStore(join(bench.base, "lake")), folder);
    expect(await table.commitIceberg({ requirements: [], updates: [set(`foreign-${i}`)] })).toMatchObject({
      kind: "committed",
    });
  });
  const ours = Array.from({ length: 4 }, async (_, i) => {
    const table = await Table.open(openStore(join(bench.base, "lake")), folder);
    expect(
      await table.write(bench.session, { mode: "append", query: `SELECT ${i}::BIGINT AS id` }),
    ).toMatchObject({
      kind: "committed",
    });
  });
  await Promise.all([...writers, ...ours]);
  const { version, files, properties, iceberg } = await (await Table.open(store, folder)).snapshot();
  expect([version, files.count, iceberg?.version]).toEqual([8, 4, 8]);
  for (let i = 0; i < 4; i++) expect(properties).toMatchObject({ [`foreign-${i}`]: "yes" });
  const found = await store.get(iceberg!.metadataKey);
  const text = found.kind === "found" ? new TextDecoder().decode(found.body) : "";
  expect(JSON.parse(text).snapshots.at(-1).summary["total-records"]).toBe("4");
  for (let i = 0; i < 4; i++) expect(text).toContain(`"foreign-${i}":"yes"`);
});

test("who meant an older version is told, and nothing is committed or left behind", async () => {
  const table = await Table.open(store, folder);
  await table.commitIceberg({
    requirements: [],
    updates: [
      {
        action: "add-sort-order",
        "sort-order": {
          fields: [{ "source-id": 1, transform: "identity", direction: "asc", "null-order": "nulls-first" }],
        },
      },
      { action: "set-default-sort-order", "sort-order-id": -1 },
    ],
  });
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list(`${folder}/`)) found.push(key);
    return found;
  };
  const before = await keys();
  expect(
    await table.commitIceberg({
      requirements: [{ type: "assert-default-sort-order-id", "default-sort-order-id": 0 }],
      updates: [set("late")],
    }),
  ).toEqual({
    kind: "conflict",
    reason: "Requirement failed: default sort order changed: expected id 0 != 1",
  });
  expect(await keys()).toEqual(before);
  // What is so already makes no version.
  const same = { requirements: [], updates: [set("once")] };
  await table.commitIceberg(same);
  await table.commitIceberg(same);
  expect((await table.snapshot()).version).toBe(2);
});

test("a put whose outcome is not known is settled by reading it back", async () => {
  const doubtful = new FaultyStore(
    store,
    scripted([
      { on: "put", key: (key) => key.includes("_delta_log/"), at: 1, fault: { kind: "unknown-after" } },
    ]),
  );
  const table = await Table.open(doubtful, folder);
  expect(await table.commitIceberg({ requirements: [], updates: [set("known")] })).toMatchObject({
    kind: "committed",
    iceberg: { version: 1 },
  });
  expect((await (await Table.open(store, folder)).snapshot()).properties).toMatchObject({ known: "yes" });
});
