import fc from "fast-check";
import { expect, test } from "vitest";
import { fileSet } from "../file-set.ts";
import type { DataFile } from "../snapshot.ts";
import { FileChanges } from "./changes.ts";
import { Texts } from "./texts.ts";

const vector = fc.record({
  storageType: fc.constantFrom("u" as const, "i" as const),
  pathOrInlineDv: fc.constantFrom("a", "b"),
  offset: fc.constantFrom(undefined, 1),
  sizeInBytes: fc.nat(),
  cardinality: fc.nat(9),
});
const path = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((n) => `data/${n}.parquet`),
  fc.string({ unit: "binary", minLength: 1, maxLength: 8 }),
);
const file: fc.Arbitrary<DataFile> = fc.record(
  {
    path,
    sizeBytes: fc.nat(),
    rows: fc.option(fc.integer({ min: 10, max: 1e6 }), { nil: undefined, freq: 9 }),
    modifiedMs: fc.integer(),
    stats: fc.option(fc.string(), { nil: undefined }),
    partitionValues: fc.dictionary(fc.constantFrom("p", "__proto__", "ž"), fc.option(fc.string())),
    tags: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
    dataChange: fc.boolean(),
    deletionVector: vector,
  },
  {
    requiredKeys: [
      "path",
      "sizeBytes",
      "rows",
      "modifiedMs",
      "stats",
      "partitionValues",
      "tags",
      "dataChange",
    ],
  },
);
const commit = fc.record({
  adds: fc.uniqueArray(file, { maxLength: 6, selector: (one) => one.path }),
  removes: fc.array(fc.record({ path, deletionVector: fc.option(vector, { nil: undefined, freq: 4 }) }), {
    maxLength: 4,
  }),
});
/** Versions, each some commits away from the one before. */
const versions = fc.array(fc.array(commit, { maxLength: 4 }), { maxLength: 12 });

/** The files by path, the way the protocol tells it. */
function replayed(
  files: Map<string, DataFile>,
  { adds, removes }: { adds: DataFile[]; removes: Pick<DataFile, "path" | "deletionVector">[] },
): void {
  const id = (one: Pick<DataFile, "deletionVector"> | undefined): string =>
    JSON.stringify([
      one?.deletionVector?.storageType,
      one?.deletionVector?.pathOrInlineDv,
      one?.deletionVector?.offset,
    ]);
  const before = new Map(files);
  for (const removed of removes)
    if (before.has(removed.path) && id(before.get(removed.path)) === id(removed)) files.delete(removed.path);
  for (const add of adds) {
    files.delete(add.path);
    files.set(add.path, add);
  }
}

test("a set of files is what the commits made of it, at every version, and no version changes another", () => {
  fc.assert(
    fc.property(versions, fc.boolean(), (history, reversed) => {
      const model = new Map<string, DataFile>();
      let set = fileSet([]);
      const kept: [typeof set, DataFile[]][] = [];
      for (const commits of history) {
        const changes = new FileChanges();
        for (const one of commits) {
          // Inside a commit the order does not matter.
          const steps = [
            () => one.removes.forEach((remove) => changes.remove(remove)),
            () => one.adds.forEach((add) => changes.add(add)),
          ];
          for (const step of reversed ? steps.reverse() : steps) step();
          changes.endCommit();
          replayed(model, one);
        }
        set = set.changed([changes]);
        kept.push([set, [...model.values()]]);
      }
      for (const [then, files] of kept) {
        const byPath = (a: DataFile, b: DataFile): number => (a.path < b.path ? -1 : 1);
        expect([...then].map((one) => ({ ...one })).sort(byPath)).toEqual([...files].sort(byPath));
        expect(then.count).toBe(files.length);
        expect(then.sizeBytes).toBe(files.reduce((sum, one) => sum + one.sizeBytes, 0));
        expect(then.withDeletedRows).toBe(files.filter((one) => one.deletionVector !== undefined).length);
        expect(then.rows).toBe(
          files.some((one) => one.rows === undefined)
            ? undefined
            : files.reduce((sum, one) => sum + one.rows! - (one.deletionVector?.cardinality ?? 0), 0),
        );
        for (const one of files) expect({ ...then.get(one.path) }).toEqual(one);
        expect(then.get("data/none.parquet")).toBeUndefined();
      }
    }),
    { numRuns: 200 },
  );
});

test("files keep the order in which they came", () => {
  let set = fileSet([]);
  const names: string[] = [];
  for (let commit = 0; commit < 300; commit++) {
    const changes = new FileChanges();
    for (let i = 0; i <= commit % 3; i++) {
      const name = `${commit}-${i}.parquet`;
      names.push(name);
      changes.add({
        path: name,
        sizeBytes: 1,
        rows: 1,
        modifiedMs: 0,
        stats: undefined,
        partitionValues: {},
        tags: {},
        dataChange: true,
      });
    }
    changes.endCommit();
    set = set.changed([changes]);
  }
  expect([...set].map((one) => one.path)).toEqual(names);
});

test("packed texts read as before", () => {
  const sources = Array.from({ length: 3000 }, (_, i) => `${i} ž🐎 ${"x".repeat((i * 37) % 1000)}`);
  const texts = new Texts();
  for (const text of sources) texts.push(text);
  const plain = texts.bytes.length;
  texts.pack();
  expect(texts.bytes.length).toBe(0);
  expect(plain).toBeGreaterThan(2 ** 20);
  expect(sources.map((_, i) => texts.get(i))).toEqual(sources);
  expect(texts.get(7)).toBe(sources[7]);
});
