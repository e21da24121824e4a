import { expect, test } from "vitest";
import { FaultyStore, type Store, openStore, scripted, seeded } from "../../src/storage/index.ts";
import { storeContract } from "./store.ts";
import { bodyOf, keys } from "./store-use.ts";

storeContract("memory, late at every third call", async () => ({
  store: new FaultyStore(openStore("memory:"), ({ nth }) =>
    nth % 3 === 0 ? { kind: "delay", delayMs: 1 } : undefined,
  ),
  close: async () => {},
}));

/** Appends to a log as a commit does: one put if absent for each number, every doubt settled by reading back. */
async function append(store: Store, mine: string): Promise<void> {
  for (let number = 0; ; number++) {
    for (;;) {
      const put = await store.put(`log/${number}`, mine, { ifAbsent: true }).catch(() => undefined);
      if (put?.kind === "written") return;
      const found = await store.get(`log/${number}`).catch(() => undefined);
      if (found?.kind === "found" && Buffer.from(bodyOf(found)).toString() === mine) return;
      if (found?.kind === "found") break;
    }
  }
}

test("whatever a store does to puts, who reads back what is doubtful loses nothing", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const inner = openStore("memory:");
    const writers = Array.from({ length: 4 }, (_, i) => new FaultyStore(inner, seeded(seed * 100 + i, 0.6)));
    const lines = writers.flatMap((_, i) => Array.from({ length: 8 }, (__, n) => `${i}-${n}`));
    await Promise.all(
      writers.map(async (store, i) => {
        for (let n = 0; n < 8; n++) await append(store, `${i}-${n}`);
        await store.settled();
      }),
    );
    const log = await Promise.all(
      (await keys(inner, "log/")).map(async (key) => Buffer.from(bodyOf(await inner.get(key))).toString()),
    );
    // A late put may take a free number after its writer was through: then a line stands twice.
    expect([...new Set(log)].toSorted(), `seed ${seed}`).toEqual(lines.toSorted());
  }
});

test("a fault that is asked for happens once, where it was asked for", async () => {
  const inner = openStore("memory:");
  const seen: string[] = [];
  const plan = scripted([
    { on: "put", key: (key) => key.endsWith("/1"), at: 1, fault: { kind: "unknown-before" } },
  ]);
  const store = new FaultyStore(inner, plan, ({ key }, { kind }) => seen.push(`${kind} ${key}`));
  await append(store, "a");
  await append(store, "b");
  await append(store, "c");
  expect(seen).toEqual(["unknown-before log/1"]);
  expect(await keys(inner, "")).toEqual(["log/0", "log/1", "log/2"]);
});
