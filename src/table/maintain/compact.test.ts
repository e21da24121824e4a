import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { Table, scan } from "../index.ts";
import { parseInterval } from "./interval.ts";
import { type OneTableLake, oneTableLake } from "./lake-for-test.ts";

let lake: OneTableLake;
beforeEach(async () => {
  lake = await oneTableLake();
});
afterEach(async () => {
  await lake.remove();
});

const append = async (table: Table, query: string): Promise<unknown> =>
  await table.write(lake.session, { mode: "append", query });

async function threeFiles(properties: Record<string, string> = {}): Promise<Table> {
  const table = await lake.make(properties);
  for (const id of [3, 1, 2]) await append(table, `SELECT ${id} AS id, 'n${id}' AS name`);
  return table;
}

describe("compaction", () => {
  test("writes small files as one, in one commit that changes no row and no reason to make anything anew", async () => {
    const table = await threeFiles();
    const before = await table.snapshot();
    expect(await table.compact(lake.session)).toEqual({
      versions: [4],
      filesBefore: 3,
      filesAfter: 1,
      givenUp: 0,
      isDone: true,
    });
    const after = await table.snapshot();
    expect([after.files.count, after.files.rows, after.rowsVersion]).toEqual([1, 3, before.version]);
    expect(await lake.ids(table)).toEqual([1, 2, 3]);
    expect(await lake.icebergIds(table)).toEqual([1, 2, 3]);
    const found = await lake.store.get(after.iceberg!.metadataKey);
    expect(new TextDecoder().decode((found as { body: Uint8Array }).body)).toContain('"operation":"replace"');
    expect(await table.compact(lake.session)).toMatchObject({ versions: [], filesBefore: 0 });
  });

  test("leaves what a version was made from to the commit after it", async () => {
    const table = await lake.make();
    const provenance = { inputs: { a: 1 }, rule: "r" };
    await append(table, "SELECT 1 AS id");
    await table.write(lake.session, { mode: "append", query: "SELECT 2 AS id", provenance });
    await table.compact(lake.session);
    expect((await table.snapshot()).provenance).toEqual(provenance);
    await append(table, "SELECT 3 AS id");
    const { version, rowsVersion, provenance: none } = await table.snapshot();
    expect([rowsVersion, none]).toEqual([version, undefined]);
  });

  test("sorts as the table asks for", async () => {
    const table = await threeFiles({ "onecopy.sort-by": '["id"]' });
    await table.compact(lake.session);
    const rows = await lake.session.rows(
      `SELECT id FROM ${await scan(lake.session, await table.snapshot())}`,
    );
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test("keeps partitions and files of different tags apart", async () => {
    const schema = schemaOf([
      { name: "id", type: "BIGINT" },
      { name: "part", type: "VARCHAR" },
    ]);
    await Table.create(lake.store, "ns/p", { schema, partitionBy: ["part"] });
    const table = await Table.open(lake.store, "ns/p");
    for (const id of [1, 2]) await append(table, `SELECT ${id} AS id, unnest(['a', 'b']) AS part`);
    await table.write(lake.session, {
      mode: "append",
      query: "SELECT 9 AS id, 'a' AS part",
      fileTags: { file: "nine" },
    });
    expect(await table.compact(lake.session)).toMatchObject({ filesBefore: 4, filesAfter: 2 });
    const files = [...(await table.snapshot()).files];
    const told = files.map(
      (file) => `${file.partitionValues["part"]} ${file.rows} ${file.tags["file"] ?? ""}`,
    );
    expect(told.sort()).toEqual(["a 1 nine", "a 2 ", "b 2 "]);
  });

  test("goes with an append, and gives up files that somebody else removed", async () => {
    const table = await threeFiles();
    const meanwhile = (act: () => Promise<unknown>): Table => {
      let done = false;
      const store = new Proxy(lake.store, {
        get(target, key) {
          const own = target[key as keyof typeof target];
          if (key !== "put" || typeof own !== "function")
            return typeof own === "function" ? own.bind(target) : own;
          return async (...args: Parameters<typeof target.put>) => {
            if (!done && args[0].includes("/_delta_log/")) {
              done = true;
              await act();
            }
            return await target.put(...args);
          };
        },
      });
      return Object.assign(Object.create(Table.prototype) as Table, table, { store });
    };
    const other = await Table.open(lake.store, "ns/t");
    await meanwhile(() => append(other, "SELECT 7 AS id")).compact(lake.session);
    expect((await other.snapshot()).files.count).toBe(2);
    expect(await lake.ids(other)).toEqual([1, 2, 3, 7]);
    const overtaken = await meanwhile(() =>
      other.write(lake.session, { mode: "overwrite", query: "SELECT 8 AS id" }),
    ).compact(lake.session);
    expect(overtaken).toMatchObject({ versions: [], givenUp: 2 });
    expect(await lake.ids(other)).toEqual([8]);
    expect(await lake.icebergIds(other)).toEqual([8]);
    expect(await lake.keys("ns/t/data/")).toHaveLength(6);
  });
});

test.each([
  ["interval 7 days", 7 * 86_400_000],
  ["INTERVAL 1 week 12 hours", 7.5 * 86_400_000],
  ["30 minutes", 1_800_000],
])("%s is a time span", (text, ms) => {
  expect(parseInterval("p", text)).toBe(ms);
});

test.each(["interval 1 month", "7", "interval", "interval -1 days", ""])("%j is none", (text) => {
  expect(() => parseInterval("p", text)).toThrow(
    expect.objectContaining({ code: "table.property_unsupported" }),
  );
});
