import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addresses, textList } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import { writeCheckpoint } from "../delta/write-checkpoint.ts";
import { readAvro } from "../iceberg/avro/file.ts";
import { Table } from "../index.ts";
import { type OneTableLake, oneTableLake } from "../maintain/lake-for-test.ts";
import { putSurely } from "../put-surely.ts";

const canary = "zoë.quimby@canary-mail.test";

const nowhere = { columns: [], metadata: false };

let lake: OneTableLake;
beforeEach(async () => {
  lake = await oneTableLake();
});
afterEach(async () => {
  await lake.remove();
});

const append = async (table: Table, query: string): Promise<unknown> =>
  await table.write(lake.session, { mode: "append", query });

/** Every object that holds the text: by its bytes, by what any column of Parquet holds, by the records of Avro. */
async function holding(text: string): Promise<string[]> {
  const forms = [
    Buffer.from(text),
    Buffer.from(text, "utf16le"),
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(Buffer.from(text).toString("hex")),
    Buffer.from(Buffer.from(text).toString("base64").slice(0, -4)),
  ];
  const found: string[] = [];
  for (const key of await lake.keys()) {
    const object = await lake.store.get(key);
    const bodies = object.kind === "found" ? [Buffer.from(object.body)] : [];
    if (bodies[0]?.[0] === 0x1f && bodies[0][1] === 0x8b) bodies.push(gunzipSync(bodies[0]));
    if (key.endsWith(".avro"))
      bodies.push(Buffer.from(JSON.stringify(await readAvro(key, bodies[0]!), bytesAsText)));
    if (key.endsWith(".parquet")) {
      const files = textList(await addresses(lake.session, lake.store, [key]));
      const rows = await lake.session.rows(
        `SELECT to_json(t)::VARCHAR AS row FROM read_parquet(${files}) AS t UNION ALL
         SELECT to_json(m)::VARCHAR FROM parquet_metadata(${files}) AS m`,
      );
      bodies.push(Buffer.from(rows.map(({ row }) => String(row)).join("\n")));
    }
    if (bodies.some((body) => forms.some((form) => body.includes(form))) || key.includes(text))
      found.push(key);
  }
  return found;
}

function bytesAsText(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === "Buffer" ? Buffer.from(bytes.data!).toString("utf8") : value;
}

const purge = async (table: Table, values: readonly string[] = [canary]) =>
  await table.purge(lake.session, { columns: ["name"], values });

describe("purge", () => {
  test("leaves no byte of the value in data, statistics, logs, checkpoints, manifests, older versions and orphans", async () => {
    const table = await lake.make();
    await append(table, `SELECT 1 AS id, '${canary}' AS name`);
    await append(table, `SELECT 2 AS id, unnest(['${canary}', 'other']) AS name`);
    await append(table, `SELECT 3 AS id, 'bystander' AS name`);
    await table.delete(lake.session, { where: `name = '${canary}' AND id = 1` });
    await putSurely(lake.store, "ns/t/data/orphan.json", JSON.stringify({ name: canary }));
    await putSurely(lake.store, "ns/t/_delta_log/00000000000000000001.crc", canary);
    expect((await holding(canary)).length).toBeGreaterThan(6);
    const bystander = [...(await table.snapshot()).files].find(
      ({ rows, stats }) => rows === 1 && stats!.includes("bystander"),
    );
    const outcome = await purge(table);
    expect(outcome).toMatchObject({ rowsRemoved: 1, filesRewritten: 1, remaining: nowhere });
    expect(outcome.unreadable).toMatchObject({ versions: { from: 0, to: outcome.version - 1 }, clones: [] });
    expect(await holding(canary)).toEqual([]);
    const again = await Table.open(lake.store, "ns/t");
    expect(await lake.ids(again)).toEqual([2, 3]);
    expect(await lake.icebergIds(again)).toEqual([2, 3]);
    expect((await again.snapshot()).files.get(bystander!.path)).toBeDefined();
    await append(again, "SELECT 4 AS id, 'new' AS name");
    expect(await lake.icebergIds(again)).toEqual([2, 3, 4]);
    expect(await purge(again)).toMatchObject({
      rowsRemoved: 0,
      unreadable: { versions: { from: 6, to: 7 } },
    });
    expect(await purge(again)).toMatchObject({ rowsRemoved: 0, unreadable: { versions: undefined } });
  });

  test("of a partition's value, and of rows that deletion vectors hide", async () => {
    const schema = schemaOf([
      { name: "id", type: "BIGINT" },
      { name: "name", type: "VARCHAR" },
    ]);
    await Table.create(lake.store, "ns/p", { schema, partitionBy: ["name"] });
    const parts = await Table.open(lake.store, "ns/p");
    await append(parts, `SELECT 1 AS id, unnest(['${canary}', 'other']) AS name`);
    await purge(parts);
    const hidden = await lake.make({ "delta.enableDeletionVectors": "true" });
    await append(hidden, `SELECT unnest([1, 2]) AS id, unnest(['${canary}', 'other']) AS name`);
    await hidden.delete(lake.session, { where: "id = 1" });
    expect(await purge(hidden)).toMatchObject({ rowsRemoved: 0, filesRewritten: 1 });
    expect(await holding(canary)).toEqual([]);
    expect(await lake.ids(hidden)).toEqual([2]);
    expect(await lake.icebergIds(hidden)).toEqual([2]);
    expect(await lake.ids(parts)).toEqual([1]);
  });

  test("of a dropped column, and of numbers", async () => {
    const table = await lake.make();
    await append(table, `SELECT 123456 AS id, '${canary}' AS name`);
    await append(table, "SELECT 7 AS id, 'x' AS name");
    await table.purge(lake.session, { columns: ["id"], values: ["123456"] });
    expect(await lake.ids(table)).toEqual([7]);
    expect(await holding(canary)).toEqual([]);
    await append(table, `SELECT 8 AS id, '${canary}' AS name`);
    await table.evolve(lake.session, [{ kind: "drop", path: ["name"] }]);
    await table.purge(lake.session, { columns: ["id"], values: [canary] });
    expect(await lake.ids(table)).toEqual([7, 8]);
    expect(await holding(canary)).toEqual([]);
  });

  test("in shallow clones, which stay readable", async () => {
    const table = await lake.make();
    await append(table, `SELECT unnest([1, 2]) AS id, unnest(['${canary}', 'other']) AS name`);
    await table.clone("ns/clone");
    const outcome = await purge(table);
    expect(outcome.unreadable.clones).toEqual([{ folder: "ns/clone", versions: { from: 0, to: 1 } }]);
    expect(await holding(canary)).toEqual([]);
    expect(await lake.ids(await Table.open(lake.store, "ns/clone"))).toEqual([2]);
    expect(await lake.icebergIds(await Table.open(lake.store, "ns/clone"))).toEqual([2]);
  });

  test("says where a value stands besides, and takes those rows only when asked to", async () => {
    const table = await lake.make();
    await append(table, `SELECT 1 AS id, 'wrote to ${canary} today' AS name`);
    expect(await purge(table)).toMatchObject({
      rowsRemoved: 0,
      remaining: { columns: [{ column: "name", rows: 1 }], metadata: false },
    });
    await table.purge(lake.session, { columns: ["name"], values: [canary], anywhere: true });
    expect(await holding(canary)).toEqual([]);
    expect(await lake.ids(table)).toEqual([]);
  });

  test("is not undone by a write that was under way", async () => {
    const table = await lake.make();
    await append(table, `SELECT 1 AS id, '${canary}' AS name`);
    const other = await Table.open(lake.store, "ns/t");
    let done = false;
    const store = new Proxy(lake.store, {
      get(target, key) {
        const own = target[key as keyof typeof target];
        if (typeof own !== "function") return own;
        if (key !== "put") return own.bind(target);
        return async (...args: Parameters<typeof target.put>) => {
          if (!done && args[0].includes("/_delta_log/")) {
            done = true;
            await purge(other);
          }
          return await target.put(...args);
        };
      },
    });
    const slow = Object.assign(Object.create(Table.prototype) as Table, table, { store });
    expect(await append(slow, `SELECT 2 AS id, '${canary}' AS name`)).toMatchObject({
      kind: "conflict",
      reason: "values were purged from the table",
    });
    expect(await holding(canary)).toEqual([]);
    expect(await lake.ids(other)).toEqual([]);
  });

  test("is not undone by a checkpoint that was being written", async () => {
    const table = await lake.make();
    await append(table, `SELECT 1 AS id, '${canary}' AS name`);
    let done = false;
    const store = new Proxy(lake.store, {
      get(target, key) {
        const own = target[key as keyof typeof target];
        if (typeof own !== "function") return own;
        if (key !== "adopt") return own.bind(target);
        return async (...args: Parameters<typeof target.adopt>) => {
          if (!done) {
            done = true;
            await purge(await Table.open(lake.store, "ns/t"));
          }
          return await target.adopt(...args);
        };
      },
    });
    await expect(writeCheckpoint(store, "ns/t", await table.state())).rejects.toMatchObject({
      code: "table.version_not_found",
    });
    expect(done).toBe(true);
    expect(await holding(canary)).toEqual([]);
    expect(await lake.ids(await Table.open(lake.store, "ns/t"))).toEqual([]);
  });
});
