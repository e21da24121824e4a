import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../../src/storage/index.ts";
import { Table } from "../../../src/table/index.ts";
import { definition, runAppends, runWriter } from "../../crash/table.ts";
import { type TestLake, openTestLake } from "./lake.ts";
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

const names = ["delta_rs", "duckdb_delta", "pyiceberg", "duckdb_iceberg"];

test("two processes append 25 commits each at once: no row is lost, and every version is the same in both formats", async () => {
  await Table.create(lake.store, "ns/t", definition);
  const writers = await Promise.all([runAppends(lake.path, 25), runAppends(lake.path, 25)]);
  const table = await Table.open(lake.store, "ns/t");
  expect((await table.snapshot()).version).toBe(50);
  let last: (string | null)[][] = [];
  for (let version = 0; version <= 50; version++) {
    const answers = await readers.read({ ...(await lake.request(table, version)), readers: names });
    const [first] = names;
    for (const name of names)
      expect({ version, name, ...answers[name] }).toEqual({ ...answers[first!], version, name });
    const answer = answers[first!]!;
    if ("error" in answer) throw new Error(answer.error);
    expect(answer.rows.length).toBe(version);
    last = answer.rows;
  }
  for (const writer of writers) {
    const rows = last.filter(([id]) => id === String(writer)).map(([, i]) => Number(i));
    expect(rows.sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
  }
}, 600_000);

test("after a kill at any step, independent readers of both formats see the same rows, the old or the new ones", async () => {
  const seen = new Set<number>();
  for (let step = 1; ; step++) {
    const path = join(lake.path, `kill-${step}`);
    const store = openStore(path);
    await Table.create(store, "ns/t", definition);
    const table = await Table.open(store, "ns/t");
    await table.write(lake.session, { mode: "append", query: "SELECT 1 AS id" });
    const { killed } = await runWriter(path, step, "append");
    const snapshot = await table.snapshot();
    const answers = await readers.read({
      delta: store.locate("ns/t"),
      version: null,
      metadata: `file://${store.locate(snapshot.iceberg!.metadataKey)}`,
      filter: null,
      readers: names,
    });
    const rows = killed
      ? [["1", null]]
      : [
          ["1", null],
          ["1000", "new"],
        ];
    for (const name of names)
      expect({ step, name, ...answers[name] }).toEqual({ step, name, columns: ["id", "name"], rows });
    seen.add(rows.length);
    await rm(path, { recursive: true });
    if (!killed) break;
  }
  expect(seen).toEqual(new Set([1, 2]));
}, 600_000);
