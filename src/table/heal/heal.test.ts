import { expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { Table } from "../table.ts";
import { type HealOutcome, heal } from "./heal.ts";

const FOLDER = "ns/t";

/** A table, and as many versions of a foreign writer without rows; `actions`: of some of them. */
async function foreignVersions(
  count: number,
  actions: Readonly<Record<number, object>> = {},
): Promise<Store> {
  const store = openStore("memory://");
  await Table.create(store, FOLDER, { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
  for (let version = 1; version <= count; version++) {
    const lines = [{ commitInfo: { timestamp: Date.now(), operation: "WRITE" } }, actions[version] ?? {}];
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await store.put(`${FOLDER}/_delta_log/${String(version).padStart(20, "0")}.json`, body);
  }
  return store;
}

async function pointers(store: Store): Promise<number[]> {
  const found: number[] = [];
  for await (const { key } of store.list(`${FOLDER}/_iceberg/pointer/`))
    found.push(Number(key.slice(-25, -5)));
  return found;
}

test("of few foreign versions each gets its Iceberg side, once, however many ask", async () => {
  const store = await foreignVersions(5);
  const table = await Table.open(store, FOLDER);
  const healed = await Promise.all([table.heal(), table.heal(), table.heal()]);
  expect(healed.map(({ iceberg }) => iceberg)).toEqual(Array(3).fill(healed[0]!.iceberg));
  expect(await pointers(store)).toEqual([1, 2, 3, 4, 5]);
  let metadata = 0;
  for await (const { key } of store.list(`${FOLDER}/_iceberg/`))
    if (key.endsWith(".metadata.json")) metadata++;
  expect(metadata).toBe(6);
});

test("of many foreign versions the newest alone gets one", async () => {
  const store = await foreignVersions(60);
  expect((await (await Table.open(store, FOLDER)).heal()).iceberg).toMatchObject({ version: 60 });
  expect(await pointers(store)).toEqual([60]);
});

test("what somebody else heals meanwhile, of the versions that are left out, is in the history", async () => {
  const memory = await foreignVersions(60);
  const early = await (await Table.open(memory, FOLDER)).stateAt(20);
  let given: HealOutcome | undefined;
  const put: Store["put"] = async (key, body, condition) => {
    if (key.endsWith(".metadata.json")) given ??= await heal(memory, FOLDER, early);
    return await memory.put(key, body, condition);
  };
  const store = new Proxy(memory, {
    get: (target, name) => {
      const own = target[name as keyof Store];
      return name === "put" ? put : typeof own === "function" ? own.bind(target) : own;
    },
  });
  const table = await Table.open(store, FOLDER);
  const { side } = await heal(store, FOLDER, await table.state());
  const parent = side!.metadata.snapshots.at(-1)!["parent-snapshot-id"];
  expect(side!.version).toBe(60);
  expect(given!.side!.version).toBe(20);
  expect(parent).toBe(given!.side!.metadata["current-snapshot-id"]);
});

const tooNew = {
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["unheardOf"],
    writerFeatures: ["unheardOf"],
  },
};

test("where the newest of many cannot be held, the last good one is found, and which one is in the way", async () => {
  const store = await foreignVersions(60, { 30: tooNew });
  const table = await Table.open(store, FOLDER);
  const found = await table.heal();
  expect(found).toMatchObject({ iceberg: { version: 29 }, blocked: { version: 30 } });
  expect(await table.heal()).toEqual(found);
});
