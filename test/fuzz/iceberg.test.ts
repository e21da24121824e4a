import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OneCopyError } from "../../src/base/index.ts";
import { type Session } from "../../src/engine/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { readIcebergSnapshot, scan } from "../../src/table/index.ts";
import { type Mutation, bytes, mutate } from "./bytes.ts";
import { filesIn, watched } from "./table-folder.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/*
 * A foreign table's files are anybody's. Whatever is in them: the rows that are in the table, or an error that says what
 * is wrong; never a crash, a hang, a gigabyte of memory, or a look at anything outside the table's folder.
 * FUZZ_RUNS: how many mutations of each kind (default 60).
 */

const runs = Number(process.env["FUZZ_RUNS"] ?? 60);
const mostMegabytes = 1000;

let base: string;
/** Made by hand in src/table/iceberg/read/read.test.ts ("every kind of delete in one table"). */
const sound = fileURLToPath(new URL("iceberg-table", import.meta.url));
let bench: Workbench;
let session: Session;
let names: readonly string[];
beforeAll(async () => {
  bench = await openWorkbench("onecopy-fuzz-iceberg-", { threads: 1, memoryLimit: "400MB" });
  ({ base, session } = bench);
  names = await filesIn(sound);
});
afterAll(async () => {
  await bench.close();
});

async function rowsOf(folder: string): Promise<string> {
  const asked = new Set<string>();
  const store = watched(openStore(folder), asked);
  const snapshot = await readIcebergSnapshot(store, "");
  const relation = await scan(session, snapshot);
  const rows = await session.rows(`SELECT * FROM ${relation} ORDER BY ALL LIMIT 100`);
  for (const key of asked) expect(`${store.locate(key)}/`.startsWith(`${folder}/`)).toBe(true);
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

test("the table itself is read", async () => {
  const rows = JSON.parse(await rowsOf(sound)) as { id: number }[];
  expect(rows.map(({ id }) => id)).toEqual([3, 4, 5, 6, 8, 11, 12]);
});

let count = 0;
/** With the files changed as `change` says, the answer is the same, other rows, or a clear error, whose code comes back. */
async function survives(change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(base, `t${count++}`);
  await cp(sound, folder, { recursive: true });
  let outcome = "rows";
  try {
    await change(folder);
    await rowsOf(folder);
  } catch (error) {
    if (!(error instanceof OneCopyError)) throw error;
    outcome = error.code;
    expect(outcome).toMatch(/^(table|schema|storage|engine)\.[a-z_]+$/);
    expect(error.message.length).toBeLessThan(20_000);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  expect(process.memoryUsage().rss / 2 ** 20).toBeLessThan(mostMegabytes);
  return outcome;
}

async function files(
  folder: string,
  suffix: RegExp,
  mutations: readonly (readonly [number, Mutation, boolean])[],
) {
  const found = names.filter((name) => suffix.test(name));
  for (const [which, mutation, fromEnd] of mutations) {
    const path = join(folder, found[which % found.length]!);
    await writeFile(path, mutate(await readFile(path), mutation, fromEnd));
  }
}

test.each([
  ["metadata", /\.metadata\.json$/],
  ["manifests and lists", /\.avro$/],
  ["Parquet data and deletes", /\.parquet$/],
  ["Puffin", /\.puffin$/],
])(
  "mutated bytes of %s",
  async (_what, suffix) => {
    const mutations = fc.array(fc.tuple(fc.nat(), bytes, fc.boolean()), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(mutations, async (list) => {
        await survives((folder) => files(folder, suffix, list));
      }),
      { numRuns: runs },
    );
  },
  600_000,
);

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    -1,
    0,
    1e308,
    2 ** 53,
    "",
    "\0",
    "../../../etc/passwd",
    "file:///etc/passwd",
    "s3://bucket/warehouse/t/../../x",
    "__proto__",
    "constructor",
    "timestamp_ns",
    "decimal(99,1)",
    "fixed[999999999999]",
    [],
    {},
    true,
  ),
  fc.integer(),
  fc.string(),
  fc.jsonValue(),
);

test("metadata in which any value is another one", async () => {
  const name = names.find((one) => one.endsWith(".metadata.json"))!;
  const text = await readFile(join(sound, name), "utf8");
  const places: (readonly PropertyKey[])[] = [];
  const visit = (value: unknown, path: readonly PropertyKey[]): void => {
    places.push(path);
    if (typeof value === "object" && value !== null)
      for (const key of Object.keys(value)) visit((value as Record<string, unknown>)[key], [...path, key]);
  };
  visit(JSON.parse(text), []);
  await fc.assert(
    fc.asyncProperty(fc.nat(), odd, fc.boolean(), async (which, value, remove) => {
      const changed = JSON.parse(text) as Record<PropertyKey, unknown>;
      const path = places[1 + (which % (places.length - 1))]!;
      const parent = path
        .slice(0, -1)
        .reduce<Record<PropertyKey, unknown>>(
          (node, key) => node[key] as Record<PropertyKey, unknown>,
          changed,
        );
      if (remove) delete parent[path.at(-1)!];
      else parent[path.at(-1)!] = value;
      await survives((folder) => writeFile(join(folder, name), JSON.stringify(changed)));
    }),
    { numRuns: runs * 3 },
  );
}, 600_000);

test("metadata that is nested very deep, or very long", async () => {
  const name = names.find((one) => one.endsWith(".metadata.json"))!;
  const text = (await readFile(join(sound, name), "utf8")).replaceAll(/\s/g, "");
  const nested = (depth: number): string =>
    `${'{"type":"list","element-id":90,"element-required":false,"element":'.repeat(depth)}"int"${"}".repeat(depth)}`;
  const put = async (body: string): Promise<string> =>
    survives((folder) => writeFile(join(folder, name), body));
  for (const depth of [40, 5_000, 100_000])
    expect(await put(text.replace('"type":"long"', `"type":${nested(depth)}`))).toBe(
      "table.metadata_damaged",
    );
  expect(await put("[".repeat(1_000_000))).toBe("table.metadata_damaged");
  const many = Array.from(
    { length: 30_000 },
    (_, i) => `{"id":${i + 100},"name":"c${i}","required":false,"type":"int"}`,
  );
  expect(await put(text.replace('"fields":[', `"fields":[${many.join(",")},`))).toBe(
    "table.metadata_damaged",
  );
}, 600_000);
