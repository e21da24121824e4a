import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Table } from "../index.ts";
import { type OneTableLake, oneTableLake } from "./lake-for-test.ts";
import { putSurely } from "../put-surely.ts";

const dayMs = 86_400_000;
/** Keeps this many versions, however young they are. */
const keep = (versions: number): Record<string, string> => ({
  "delta.deletedFileRetentionDuration": "interval 0 seconds",
  "history.expire.min-snapshots-to-keep": String(versions),
});

let lake: OneTableLake;
beforeEach(async () => {
  lake = await oneTableLake();
});
afterEach(async () => {
  await lake.remove();
});

const append = async (table: Table, ...ids: number[]): Promise<unknown> =>
  await table.write(lake.session, {
    mode: "append",
    query: `SELECT unnest([${ids.join(",")}]) AS id, 'x' AS name`,
  });
const overwrite = async (table: Table, ...ids: number[]): Promise<unknown> =>
  await table.write(lake.session, {
    mode: "overwrite",
    query: `SELECT unnest([${ids.join(",")}]) AS id, 'x' AS name`,
  });

describe("vacuum", () => {
  test("takes nothing away in the first seven days", async () => {
    const table = await lake.make();
    await append(table, 1);
    await overwrite(table, 2);
    const before = await lake.keys();
    const outcome = await table.vacuum({ graceMs: 0 });
    expect(outcome).toMatchObject({ oldestVersion: 0, newestVersion: 2, deleted: [], expiredSnapshots: 0 });
    expect((await lake.keys()).filter((key) => !key.includes("/maintain/"))).toEqual(before);
    expect(await lake.ids(table, 1)).toEqual([1]);
  });

  test("after them, takes the rows and the Iceberg side of older versions, and the log still tells of them", async () => {
    const table = await lake.make();
    await append(table, 1);
    await overwrite(table, 2);
    await append(table, 3);
    const later = Date.now() + 8 * dayMs;
    const dry = await table.vacuum({ dryRun: true, nowMs: later });
    const listed = await lake.keys();
    const outcome = await table.vacuum({ nowMs: later });
    expect(outcome.expiredSnapshots).toBe(2);
    expect(dry.deleted.find(({ kind }) => kind === "data")).toMatchObject({ objects: 1 });
    expect(outcome.deleted.find(({ kind }) => kind === "data")).toMatchObject({ objects: 1 });
    expect(listed.length).toBeGreaterThan((await lake.keys()).length);
    expect(await lake.ids(table)).toEqual([2, 3]);
    expect(await lake.icebergIds(table)).toEqual([2, 3]);
    expect(await lake.keys("ns/t/_delta_log/")).toHaveLength(5);
    expect(await table.vacuum({ nowMs: later, graceMs: 0 })).toMatchObject({ expiredSnapshots: 0 });
    expect(await table.vacuum({ nowMs: later, graceMs: 0 })).toMatchObject({ deleted: [] });
  });

  test("a dry run changes nothing and names each object", async () => {
    const table = await lake.make();
    await append(table, 1);
    await overwrite(table, 2);
    const before = await lake.keys();
    const named: string[] = [];
    const outcome = await table.vacuum({
      dryRun: true,
      nowMs: Date.now() + 8 * dayMs,
      onObject: ({ key }) => named.push(key),
    });
    expect(await lake.keys()).toEqual(before);
    expect(named.length).toBe(outcome.deleted.reduce((sum, { objects }) => sum + objects, 0));
    expect(named.every((key) => before.includes(key))).toBe(true);
    expect((await table.snapshot()).version).toBe(2);
  });

  test("files that nobody names stay until a write that made them must have ended", async () => {
    const table = await lake.make();
    await append(table, 1);
    await putSurely(lake.store, "ns/t/data/under-way-0.parquet", "x");
    await putSurely(
      lake.store,
      "ns/t/_iceberg/00009-0190b5a4-0000-7000-8000-000000000000.metadata.json",
      "{}",
    );
    await putSurely(lake.store, "ns/t/notes.txt", "of somebody else");
    await putSurely(lake.store, "ns/t/_other/part.parquet", "of somebody else");
    expect(await table.vacuum()).toMatchObject({ deleted: [], waiting: 2 });
    await table.vacuum({ nowMs: Date.now() + 8 * dayMs });
    const keys = await lake.keys();
    expect(keys.filter((key) => key.includes("under-way") || key.includes("00009-"))).toEqual([]);
    expect(keys).toContain("ns/t/notes.txt");
    expect(keys).toContain("ns/t/_other/part.parquet");
  });

  test("what a tag of the Iceberg side holds stays", async () => {
    const table = await lake.make(keep(1));
    await append(table, 1);
    const { iceberg } = await table.snapshot();
    const found = await lake.store.get(iceberg!.metadataKey);
    const metadata = JSON.parse(new TextDecoder().decode((found as { body: Uint8Array }).body)) as {
      refs: object;
      "current-snapshot-id": number;
    };
    const tagged = {
      ...metadata,
      refs: { ...metadata.refs, audit: { type: "tag", "snapshot-id": metadata["current-snapshot-id"] } },
    };
    await putSurely(lake.store, iceberg!.metadataKey, JSON.stringify(tagged));
    const again = await Table.open(lake.store, "ns/t");
    await overwrite(again, 2);
    await overwrite(again, 3);
    await again.vacuum({ graceMs: 0 });
    const data = await lake.keys("ns/t/data/");
    expect(data).toHaveLength(2);
    expect(await lake.ids(again)).toEqual([3]);
  });

  test("after somebody else's VACUUM, snapshots whose files are gone are no longer listed", async () => {
    const table = await lake.make();
    await append(table, 1);
    const [old] = await lake.keys("ns/t/data/");
    await overwrite(table, 2);
    await append(table, 3);
    await lake.store.delete(old!);
    expect(await table.vacuum()).toMatchObject({ expiredSnapshots: 1 });
    const { iceberg } = await table.snapshot();
    const found = await lake.store.get(iceberg!.metadataKey);
    const metadata = JSON.parse(new TextDecoder().decode((found as { body: Uint8Array }).body)) as {
      snapshots: unknown[];
    };
    expect(metadata.snapshots).toHaveLength(2);
    expect(await lake.icebergIds(table, 2)).toEqual([2]);
    expect(await lake.icebergIds(table)).toEqual([2, 3]);
  });
});

describe("the inventory", () => {
  test("says of every object what it is and who needs it", async () => {
    const table = await lake.make();
    await append(table, 1);
    await overwrite(table, 2);
    await putSurely(lake.store, "ns/t/data/left-over-0.parquet", "x");
    await putSurely(lake.store, "ns/t/notes.txt", "x");
    const found: Record<string, number> = {};
    const keys: string[] = [];
    for await (const { key, kind, use } of table.inventory()) {
      keys.push(key);
      found[`${kind} ${use}`] = (found[`${kind} ${use}`] ?? 0) + 1;
    }
    expect(keys).toEqual(await lake.keys("ns/t/"));
    expect(found).toEqual({
      "data newest": 1,
      "data older": 1,
      "data nobody": 1,
      "delta-log undefined": 3,
      "iceberg-metadata newest": 1,
      "iceberg-metadata older": 2,
      "manifest older": 5,
      "unknown undefined": 1,
    });
  });
});

test("after any commits, compaction and vacuum, every kept version reads the same rows in both formats", async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant("append" as const) },
    { weight: 2, arbitrary: fc.constant("overwrite" as const) },
    { weight: 1, arbitrary: fc.constant("compact" as const) },
    { weight: 1, arbitrary: fc.constant("vacuum" as const) },
  );
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, versions) => {
        const table = await lake.make(keep(versions), `ns/t${number++}`);
        const rows = new Map<number, number[]>([[0, []]]);
        let next = 1;
        for (const one of steps) {
          const now = rows.get(Math.max(...rows.keys()))!;
          if (one === "append") await append(table, next);
          if (one === "overwrite") await overwrite(table, next);
          if (one === "compact") await table.compact(lake.session);
          const { version } = await table.snapshot();
          if (one === "append" || one === "overwrite")
            rows.set(version, one === "append" ? [...now, next++] : [next++]);
          else rows.set(version, now);
          if (one !== "vacuum") continue;
          const nowMs = Date.now();
          const outcome = await table.vacuum({ graceMs: 0, nowMs });
          rows.set(outcome.newestVersion, now);
          for (const [kept, expected] of rows) {
            if (kept < outcome.oldestVersion) continue;
            expect(await lake.ids(table, kept)).toEqual(expected);
            expect(await lake.icebergIds(table, kept)).toEqual(expected);
          }
          for await (const object of table.inventory({ nowMs })) expect(object.use).not.toBe("nobody");
        }
      },
    ),
    { numRuns: 10 },
  );
});

describe("a shallow clone", () => {
  test("keeps the files that it uses, also when the source lets its version go", async () => {
    const table = await lake.make();
    await append(table, 1);
    await table.clone("ns/clone");
    await overwrite(table, 2);
    const clone = await Table.open(lake.store, "ns/clone");
    await table.vacuum({ nowMs: Date.now() + 8 * dayMs });
    expect(await lake.ids(clone)).toEqual([1]);
    expect(await lake.ids(table)).toEqual([2]);
  });

  test("that is just being made keeps every data file; a marker of none goes in time", async () => {
    const table = await lake.make();
    await append(table, 1);
    await overwrite(table, 2);
    const marker = "ns/t/_iceberg/clone/3f0f7a2e-6f5c-4a5e-9d6e-0a4b5c6d7e8f.json";
    await putSurely(lake.store, marker, JSON.stringify({ store: lake.store.url, folder: "ns/not-yet" }));
    const soon = { nowMs: Date.now() + 8 * dayMs, graceMs: 9 * dayMs };
    expect(await table.vacuum(soon)).toMatchObject({ blocked: expect.stringContaining("ns/not-yet") });
    expect(await lake.ids(table, 1)).toEqual([1]);
    await table.vacuum({ nowMs: Date.now() + 8 * dayMs });
    expect(await lake.keys("ns/t/_iceberg/clone/")).toEqual([]);
    expect(await lake.keys("ns/t/data/")).toHaveLength(1);
  });
});
