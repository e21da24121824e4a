import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { matchingFiles } from "../../../src/table/index.ts";
import { ForeignIceberg } from "./foreign-iceberg.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import { sorted } from "./readers.ts";

let lake: TestLake;
let foreign: ForeignIceberg;
beforeAll(async () => {
  lake = await openTestLake();
  foreign = await ForeignIceberg.open(lake);
});
afterAll(async () => {
  await foreign.close();
  await lake.remove();
});

const both = ["types", "partitions", "evolution", "mapped", "deleted"].flatMap((scenario) =>
  [1, 2].map((version) => `${scenario}-v${version}`),
);

test.each(both)("a table of PyIceberg has the rows that PyIceberg reads: %s", async (scenario) => {
  const metadata = await foreign.make(scenario, join(lake.path, scenario));
  const expected = sorted(await foreign.readPyIceberg(metadata));
  expect(expected.length).toBeGreaterThan(2);
  expect(await foreign.ours(await foreign.snapshot(metadata))).toEqual(expected);
});

test("every snapshot and tag of a table", async () => {
  const metadata = await foreign.make("deleted-v2", join(lake.path, "snapshots"));
  const all = await foreign.ours(await foreign.snapshot(metadata, { tag: "all" }));
  expect(all).toHaveLength(10);
  const some = await foreign.ours(await foreign.snapshot(metadata, { branch: "some" }));
  expect(some).toHaveLength(7);
  const { default: fs } = await import("node:fs");
  const text = fs.readFileSync(metadata, "utf8");
  const ids = [...text.matchAll(/"snapshot-id":\s*(\d+),\s*"(?:parent|sequence)/g)].map((match) => match[1]!);
  expect(new Set(ids).size).toBeGreaterThan(2);
  for (const id of new Set(ids))
    expect(await foreign.ours(await foreign.snapshot(metadata, { snapshotId: BigInt(id) }))).toEqual(
      sorted(await foreign.readPyIceberg(metadata, undefined, id)),
    );
});

const filters: readonly (readonly [string, string, string])[] = [
  ["partitions-v1", "name = 'a/b=c'", "name = 'a/b=c'"],
  ["partitions-v2", "name = 'a/b=c'", "name = 'a/b=c'"],
  ["partitions-v2", "name = ''", "name = ''"],
  ["partitions-v2", "name IS NULL", "name is null"],
  ["partitions-v2", "day < DATE '1970-01-01'", "day < '1970-01-01'"],
  ["partitions-v2", "day >= DATE '9999-12-31'", "day >= '9999-12-31'"],
  ["partitions-v2", "ok", "ok = true"],
  ["partitions-v2", "id > 102", "id > 102"],
  ["evolution-v2", "id > 5", "id > 5"],
  ["evolution-v2", "extra IS NULL", "extra is null"],
  ["evolution-v2", "gone = 5", "gone = 5"],
  ["mapped-v2", "nom = 'n0'", "nom = 'n0'"],
];

test.each(filters)(
  "a filter that leaves files out loses no row: %s, %s",
  async (scenario, sql, pyiceberg) => {
    const folder = join(
      lake.path,
      `filter-${filters.findIndex((one) => one[0] === scenario && one[1] === sql)}`,
    );
    const metadata = await foreign.make(scenario, folder);
    const snapshot = await foreign.snapshot(metadata);
    const expected = sorted(await foreign.readPyIceberg(metadata, pyiceberg));
    expect(expected.length).toBeGreaterThan(0);
    expect(await foreign.ours(snapshot, sql)).toEqual(expected);
  },
);

test("a filter on a partition opens its files only", async () => {
  const metadata = await foreign.make("partitions-v2", join(lake.path, "pruned"));
  const snapshot = await foreign.snapshot(metadata);
  const found = await matchingFiles(lake.session, snapshot, "name = 'beta'");
  expect([...found].length).toBeLessThan(snapshot.files.count / 2);
});
