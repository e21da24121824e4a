import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { measureFolder } from "./measure.ts";
import { Places, realPathOf } from "./place.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "onecopy-place-")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("knows the lake behind a link, also for what is not there yet", async () => {
  await mkdir(join(folder, "lake"));
  await symlink(join(folder, "lake"), join(folder, "link"));
  const places = new Places(join(folder, "lake"), [], []);
  expect(places.insideLake(await realPathOf(join(folder, "link", "out", "later")))).toBe(true);
  expect(places.insideLake(await realPathOf(join(folder, "lake-of-others")))).toBe(false);
});

it("puts a file to its deepest place, and a table before others of the same path", () => {
  const places = new Places(
    "/lake",
    ["/lake/raw/shop"],
    ["/lake/raw", "/lake/raw/shop", "/lake/raw/shop/out", "/"],
  );
  expect(places.isSetApart("/lake/raw/shop/data/1.parquet")).toBe(false);
  expect(places.isSetApart("/lake/raw/shop/out/1.csv")).toBe(true);
  expect(places.isSetApart("/lake/raw/note.txt")).toBe(true);
  expect(places.isSetApart("/lake/note.txt")).toBe(false);
});

it("measures a folder without what is counted elsewhere, and says what can't be measured", async () => {
  await mkdir(join(folder, "own", "other"), { recursive: true });
  await writeFile(join(folder, "own", "a"), "123");
  await writeFile(join(folder, "own", "other", "b"), "12345");
  const other = (path: string): boolean => path.endsWith("other");
  expect(await measureFolder(join(folder, "own"), other)).toEqual({ files: 1, sizeBytes: 3 });
  expect(await measureFolder(join(folder, "absent"), other)).toEqual({ files: 0, sizeBytes: 0 });
  expect(await measureFolder(join(folder, "own", "a"), other)).toMatchObject({
    files: 0,
    problem: expect.stringContaining("is not a folder"),
  });
});
