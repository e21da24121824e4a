import { afterAll, beforeAll, expect, test } from "vitest";
import { Table, readDeltaSnapshot } from "../index.ts";
import { type TestLake, append, openTestLake } from "./lake-for-test.ts";
import { putSurely } from "../put-surely.ts";

let lake: TestLake;
beforeAll(async () => {
  lake = await openTestLake();
});
afterAll(async () => {
  await lake.remove();
});

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of lake.store.list(prefix)) found.push(key);
  return found;
}

test("a clone has the rows and no file; what is written to it stays in it", async () => {
  const source = await lake.make("raw/source", [
    "SELECT 1 AS id, 'a' AS name",
    "SELECT 2 AS id, 'b' AS name",
  ]);
  expect(await source.clone("ns/clone")).toMatchObject({ kind: "committed", version: 0, rows: 2 });
  const clone = await Table.open(lake.store, "ns/clone");
  expect(await lake.rows(clone)).toEqual(await lake.rows(source));
  expect(await keys("ns/clone/data/")).toEqual([]);

  await append(lake.session, clone, "SELECT 3 AS id, 'c' AS name");
  await clone.evolve(lake.session, [{ kind: "add", path: ["late"], type: "long" }]);
  expect(await lake.rows(clone)).toHaveLength(3);
  expect(await lake.rows(source)).toHaveLength(2);
  expect(await keys("ns/clone/data/")).toHaveLength(1);
  expect(await keys("raw/source/data/")).toHaveLength(2);

  // Files of the source leave the clone, and stay where they are.
  await clone.evolve(lake.session, [{ kind: "rename", path: ["name"], to: "n" }]);
  await clone.write(lake.session, { mode: "overwrite", query: "SELECT 9 AS id" });
  await clone.restore({ version: 1 });
  expect(await lake.rows(clone)).toHaveLength(3);
  expect(await keys("raw/source/data/")).toHaveLength(2);

  const [marker] = await keys("raw/source/_iceberg/clone/");
  const found = await lake.store.get(marker!);
  expect(found.kind === "found" && JSON.parse(Buffer.from(found.body).toString())).toEqual({
    store: lake.store.url,
    folder: "ns/clone",
  });
});

test("of an older version, and of a clone", async () => {
  const source = await lake.make("raw/old", ["SELECT 1 AS id", "SELECT 2 AS id"]);
  await source.write(lake.session, { mode: "overwrite", query: "SELECT 3 AS id" });
  await source.clone("ns/old", 2);
  const old = await Table.open(lake.store, "ns/old");
  await append(lake.session, old, "SELECT 4 AS id");
  await old.clone("ns/second");
  const second = await Table.open(lake.store, "ns/second");
  expect(await lake.rows(second)).toEqual(['{"id":1}', '{"id":2}', '{"id":4}']);
  expect(await keys("raw/old/_iceberg/clone/")).toHaveLength(2);
  expect(await keys("ns/old/_iceberg/clone/")).toHaveLength(1);
});

test("a clone that cannot be made leaves no marker", async () => {
  const source = await lake.make("raw/kept", ["SELECT 1 AS id"]);
  await lake.make("ns/taken", ["SELECT 5 AS id"]);
  expect(await source.clone("ns/taken")).toMatchObject({ kind: "conflict" });
  await expect(source.clone("ns/x", 7)).rejects.toMatchObject({ code: "table.version_not_found" });
  await expect(source.clone("raw/kept")).rejects.toMatchObject({ code: "table.clone_in_itself" });
  expect(await keys("raw/kept/_iceberg/clone/")).toEqual([]);
  expect(await keys("ns/x/")).toEqual([]);
});

test("a log that names files of a table which its properties do not name is refused", async () => {
  await lake.make("raw/secret", ["SELECT 'secret' AS name"]);
  const source = await lake.make("raw/open", ["SELECT 'open' AS name"]);
  await source.clone("ns/forged");
  const [secret] = await keys("raw/secret/data/");
  const [open] = await keys("raw/open/data/");
  const key = "ns/forged/_delta_log/00000000000000000000.json";
  const found = await lake.store.get(key);
  const log = found.kind === "found" ? Buffer.from(found.body).toString() : "";
  expect(log).toContain(open);
  await putSurely(lake.store, key, log.replace(open!, secret!));
  await expect(
    readDeltaSnapshot(lake.store, "ns/forged").then(async ({ files }) => [...files]),
  ).rejects.toMatchObject({ code: "table.path_outside" });
});

test("deleted rows stay deleted in a clone, and more can be deleted there", async () => {
  const source = await lake.make("raw/deleted", ["SELECT unnest([1, 2, 3, 4]) AS id"], {
    properties: { "delta.enableDeletionVectors": "true" },
  });
  await source.delete(lake.session, { where: "id = 2" });
  await source.clone("ns/deleted");
  const clone = await Table.open(lake.store, "ns/deleted");
  expect(await lake.rows(clone)).toEqual(['{"id":1}', '{"id":3}', '{"id":4}']);
  await clone.delete(lake.session, { where: "id = 3" });
  expect(await lake.rows(clone)).toEqual(['{"id":1}', '{"id":4}']);
  expect(await lake.rows(source)).toHaveLength(3);
  expect(await keys("ns/deleted/data/")).toEqual([]);
  await clone.restore({ version: 0 });
  expect(await lake.rows(clone)).toHaveLength(3);
});
