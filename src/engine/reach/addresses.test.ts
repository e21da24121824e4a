import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Store, openStore } from "../../storage/index.ts";
import { openEngine } from "../duckdb/engine.ts";
import type { Engine } from "../session.ts";
import { addresses } from "./addresses.ts";

let folder: string;
let engine: Engine;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy reach-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const texts = (paths: readonly string[]): Promise<string[]> =>
  Promise.all(paths.map((path) => readFile(path, "utf8")));

test("files of a folder are where they are", async () => {
  const session = await engine.session();
  const store = openStore(join(folder, "lake"));
  await store.put("a b/1", "x");
  expect(await addresses(session, store, ["a b/1"])).toEqual([join(folder, "lake", "a b", "1")]);
});

test("other objects are copied once, and again when they have changed; the copies go with the engine", async () => {
  const session = await engine.session();
  const store = openStore("memory:");
  let reads = 0;
  const counted: Store = {
    ...bound(store),
    get: (key, range) => {
      reads += 1;
      return store.get(key, range);
    },
  };
  const keys = Array.from({ length: 20 }, (_, i) => `data/${i}*?[x].parquet`);
  for (const key of keys) await store.put(key, `of ${key}`);
  const asked = [...keys, keys[0]!, keys[0]!];
  const [first, meanwhile] = await Promise.all([
    addresses(session, counted, asked),
    addresses(session, counted, keys),
  ]);
  expect(await texts(first)).toEqual(asked.map((key) => `of ${key}`));
  expect(meanwhile).toEqual(first.slice(0, 20));
  expect(first.every((path) => /^[^*?[\]]+\.parquet$/.test(path))).toBe(true);
  expect(await addresses(session, counted, asked)).toEqual(first);
  expect(reads).toBe(20);
  await store.put(keys[0]!, "anew");
  const again = await addresses(session, counted, [keys[0]!, keys[1]!]);
  expect(await texts(again)).toEqual(["anew", `of ${keys[1]!}`]);
  expect(await texts([first[0]!])).toEqual([`of ${keys[0]!}`]);
  await engine.close();
  expect(await readdir(join(folder, "spill"))).toEqual([]);
});

test("a large object is copied whole, and one that is missing is an error that names it", async () => {
  const session = await engine.session();
  const store = openStore("memory:");
  const body = Buffer.alloc(20_000_000, "0123456789");
  await store.put("large", body);
  const [path] = await addresses(session, store, ["large"]);
  expect((await readFile(path!)).equals(body)).toBe(true);
  const missing = { code: "engine.object_missing", message: expect.stringContaining("no/such") };
  await expect(addresses(session, store, ["large", "no/such"])).rejects.toMatchObject(missing);
  await store.put("no/such", "now it is");
  expect(await texts(await addresses(session, store, ["no/such"]))).toEqual(["now it is"]);
});

function bound(store: Store): Store {
  return {
    url: store.url,
    ...(store.remote === undefined ? {} : { remote: store.remote }),
    get: (key, range) => store.get(key, range),
    head: (key) => store.head(key),
    put: (key, body, condition) => store.put(key, body, condition),
    list: (prefix, options) => store.list(prefix, options),
    delete: (key) => store.delete(key),
    locate: (key) => store.locate(key),
    stagingFolder: () => store.stagingFolder(),
    adopt: (localPath, key) => store.adopt(localPath, key),
  };
}
