import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setImmediate } from "node:timers/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openStore, type Store } from "../storage/index.ts";
import { AccessLog, type AccessRecord } from "./access-log.ts";
import { ACCESS_LOG_FOLDER } from "./access-log-writer.ts";

const record = (status: number): AccessRecord => ({
  answered_at: "2026-11-27T12:00:00Z",
  principal: "alice",
  token: null,
  address: "",
  protocol: "iceberg",
  operation: "GET /v1/config",
  share_name: null,
  table_name: null,
  version: null,
  files: null,
  bytes: null,
  decision: "allowed",
  status,
  ends_at: null,
});

/** The statuses that were logged, by writer, object by object. */
async function logged(store: Store): Promise<number[][][]> {
  const writers = new Map<string, number[][]>();
  for await (const { key } of store.list(ACCESS_LOG_FOLDER)) {
    const found = await store.get(key);
    if (found.kind === "absent") throw new Error(key);
    const lines = Buffer.from(found.body).toString("utf8").trim().split(/\n+/);
    const writer = key.split("/")[1]!;
    const objects = writers.get(writer) ?? [];
    writers.set(writer, [...objects, lines.map((line) => (JSON.parse(line) as AccessRecord).status)]);
  }
  return [...writers.values()];
}

/** A store whose puts take until they are let go, the first of them first. */
function slow(): { readonly store: Store; readonly under: (() => void)[]; readonly real: Store } {
  const real = openStore("memory://");
  const under: (() => void)[] = [];
  const store = new Proxy(real, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name !== "put") return typeof value === "function" ? value.bind(target) : value;
      return async (...given: Parameters<Store["put"]>) => {
        await new Promise<void>((resolve) => under.push(resolve));
        return await target.put(...given);
      };
    },
  });
  return { store, under, real };
}

/** A record goes out after what has come at the same time, and that after a turn. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
};

test("answers one after the other are logged by one writer, in their order", async () => {
  const store = openStore("memory://");
  const log = new AccessLog(store);
  for (const status of [200, 201, 202]) await log.record(record(status));
  expect(await logged(store)).toEqual([[[200], [201], [202]]]);
});

test("while four puts are under way records wait and go out together in the next; none is lost or doubled", async () => {
  const { store, under, real } = slow();
  const log = new AccessLog(store);
  const logging: Promise<void>[] = [];
  for (let status = 1; status <= 9; status++) {
    logging.push(log.record(record(status)));
    await settled();
  }
  expect(under).toHaveLength(4);
  expect(await logged(real)).toEqual([]);
  while (under.length > 0) {
    under.shift()!();
    await settled();
  }
  await Promise.all(logging);
  const found = await logged(real);
  expect(found).toHaveLength(4);
  expect(found.flat().toSorted((a, b) => a[0]! - b[0]!)).toEqual([[1], [2], [3], [4], [5, 6, 7, 8, 9]]);
});

test("where files can grow a writer's answers are lines of one; after a write that failed, of another", async () => {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-access-log-"));
  try {
    const store = openStore(folder);
    const log = new AccessLog(store);
    for (const status of [200, 201]) await log.record(record(status));
    const append = vi.spyOn(store, "append").mockRejectedValueOnce(new Error("no space"));
    await expect(log.record(record(500))).rejects.toMatchObject({ code: "access.not_logged" });
    append.mockRestore();
    for (const status of [202, 203]) await log.record(record(status));
    const found = await logged(store);
    expect(found.toSorted((a, b) => a[0]![0]! - b[0]![0]!)).toEqual([[[200, 201]], [[202, 203]]]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
