import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../open.ts";
import type { Store } from "../store.ts";
import { type Fault, type FaultPlan, type StoreCall, scripted, seeded } from "./plan.ts";
import { FaultyStore } from "./store.ts";

const text = async (store: Store, key: string): Promise<string | undefined> => {
  const got = await store.get(key);
  return got.kind === "found" ? Buffer.from(got.body).toString() : undefined;
};

function putting(fault: Fault): { inner: Store; faulty: FaultyStore } {
  const inner = openStore("memory:");
  return { inner, faulty: new FaultyStore(inner, scripted([{ on: "put", at: 1, fault }])) };
}

test("a put fails before it happens or after, and says so or does not know", async () => {
  const cases: [Fault["kind"], "throws" | "unknown", string | undefined][] = [
    ["fail-before", "throws", undefined],
    ["fail-after", "throws", "x"],
    ["unknown-before", "unknown", undefined],
    ["unknown-after", "unknown", "x"],
  ];
  for (const [kind, seen, there] of cases) {
    const { inner, faulty } = putting({ kind } as Fault);
    const outcome = await faulty.put("a", "x", { ifAbsent: true }).then(
      (put) => put.kind,
      () => "throws",
    );
    expect([kind, outcome, await text(inner, "a")]).toEqual([kind, seen, there]);
    expect(await faulty.put("b", "y", { ifAbsent: true })).toMatchObject({ kind: "written" });
  }
});

test("a late put arrives when nobody expects it, with the bytes that were sent, and keeps its condition", async () => {
  const { inner, faulty } = putting({ kind: "late", delayMs: 30 });
  const body = Buffer.from("sent");
  expect(await faulty.put("a", body)).toMatchObject({ kind: "unknown" });
  body.fill("x");
  expect(await text(inner, "a")).toBeUndefined();
  await faulty.settled();
  expect(await text(inner, "a")).toBe("sent");

  const second = putting({ kind: "late", delayMs: 30 });
  await second.faulty.put("a", "late", { ifAbsent: true });
  await second.faulty.put("a", "meanwhile", { ifAbsent: true });
  await second.faulty.settled();
  expect(await text(second.inner, "a")).toBe("meanwhile");
});

test("a put that a proxy repeats is written, and looks lost", async () => {
  const { inner, faulty } = putting({ kind: "duplicate" });
  expect(await faulty.put("a", "x", { ifAbsent: true })).toEqual({ kind: "conflict" });
  expect(await text(inner, "a")).toBe("x");
});

test("a torn upload leaves nothing visible, and the local file; a failed answer leaves the object", async () => {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-fault-"));
  try {
    const plan = scripted([
      { on: "adopt", at: 1, fault: { kind: "fail-before" } },
      { on: "adopt", at: 2, fault: { kind: "fail-after" } },
    ]);
    const inner = openStore(join(folder, "lake"));
    const faulty = new FaultyStore(inner, plan);
    await writeFile(join(folder, "f"), "x");
    await expect(faulty.adopt(join(folder, "f"), "a")).rejects.toMatchObject({ code: "storage.failed" });
    expect([await text(inner, "a"), await readFile(join(folder, "f"), "utf8")]).toEqual([undefined, "x"]);
    await expect(faulty.adopt(join(folder, "f"), "a")).rejects.toMatchObject({ code: "storage.failed" });
    expect(await text(inner, "a")).toBe("x");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a rule holds for the operation, the keys and the count that it names", async () => {
  const faulty = new FaultyStore(
    openStore("memory:"),
    scripted([{ on: "get", key: (key) => key.startsWith("log/"), at: 2, fault: { kind: "fail-before" } }]),
  );
  const outcomes: string[] = [];
  for (const key of ["log/1", "data/1", "log/2", "log/3"])
    outcomes.push(
      await faulty.get(key).then(
        ({ kind }) => kind,
        () => "fault",
      ),
    );
  expect(outcomes).toEqual(["absent", "absent", "fault", "absent"]);
});

test("a seed gives the same faults again, as many as asked for, and what tries again gets through", async () => {
  const calls: StoreCall[] = Array.from({ length: 4000 }, (_, i) => ({
    operation: (["get", "put", "adopt", "delete", "list", "head"] as const)[i % 6]!,
    key: String(i % 11),
    nth: i,
  }));
  const faults = (plan: FaultPlan): string[] => calls.map((call) => plan(call)?.kind ?? "-");
  const first = faults(seeded(7, 0.3));
  expect(faults(seeded(7, 0.3))).toEqual(first);
  expect(faults(seeded(8, 0.3))).not.toEqual(first);
  const share = first.filter((kind) => kind !== "-").length / first.length;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.35);
  const always = seeded(1, 1, 3);
  const run = Array.from(
    { length: 8 },
    (_, i) => always({ operation: "put", key: "a", nth: i }) !== undefined,
  );
  expect(run).toEqual([true, true, true, false, true, true, true, false]);
});
