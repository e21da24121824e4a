import fc from "fast-check";
import { expect, test } from "vitest";
import { openStore } from "../storage/index.ts";
import { elsewhere, propertyCloneSources } from "./elsewhere.ts";
import { decodePath, encodePath, foreignForm, icebergLocation, keyIn, pathOfLocation } from "./path.ts";

const lake = openStore("/tmp/a lake %20");
const clone = elsewhere(lake, { [propertyCloneSources]: '["raw/source"]' });
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/[/\\\0]/.test(text) && text !== "." && text !== "..");

test("what a clone's log and its Iceberg metadata call a file of the source is the same file", () => {
  fc.assert(
    fc.property(name, (text) => {
      const key = `raw/source/data/${text}.parquet`;
      const path = `/${key}`;
      expect(decodePath(encodePath(lake, path), clone)).toBe(path);
      expect(pathOfLocation(lake, "ns/clone", icebergLocation(lake, key), clone)).toBe(path);
      expect(keyIn("ns/clone", path)).toBe(key);
      expect(() => decodePath(encodePath(lake, path))).toThrow(
        expect.objectContaining({ code: "table.path_outside" }),
      );
    }),
  );
});

test("the form in which a log states a path is kept where it is not ours", () => {
  for (const path of ["data/x.parquet", "part=a/x.parquet", "part=a%20b/ž =.parquet"])
    expect(foreignForm(encodePath(lake, path), path)).toBeUndefined();
  for (const stated of ["part=ž/x.parquet", "part%3Da/x.parquet", "a+b/x,y.parquet"])
    expect(foreignForm(stated, decodePath(stated))).toBe(stated);
});

test.each([
  ["another table", "file:///tmp/a%20lake%20%2520/raw/other/data/x.parquet"],
  ["a folder that begins the same", "file:///tmp/a%20lake%20%2520/raw/source2/data/x.parquet"],
  ["a way out", "file:///tmp/a%20lake%20%2520/raw/source/../other/x.parquet"],
  ["an encoded way out", "file:///tmp/a%20lake%20%2520/raw/source/%2e%2e/other/x.parquet"],
  ["another place", "file:///etc/passwd.parquet"],
  ["what is no data", "file:///tmp/a%20lake%20%2520/raw/source/_delta_log/00000000000000000000.json"],
  ["another store", "s3://bucket/raw/source/data/x.parquet"],
  ["a rooted path", "/raw/source/data/x.parquet"],
])("a clone's log cannot name %s", (_, encoded) => {
  expect(() => decodePath(encoded, clone)).toThrow(expect.objectContaining({ code: "table.path_outside" }));
});
