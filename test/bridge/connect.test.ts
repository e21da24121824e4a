import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onecopy } from "../cli/command.ts";
import { type ServedProject, servedProject } from "./served-project.ts";

let served: ServedProject;
beforeAll(async () => {
  served = await servedProject();
});
afterAll(() => served.close());

const connect = (...args: string[]) => onecopy(["bridge", "connect", ...args], { cwd: served.folder });

test("the set-up of a warehouse is printed for this installation, and written", async () => {
  const args = ["pandas", "--share", "analytics", "--address", "https://cdp.example.com", "--write", "out"];
  const { code, stdout } = await connect(...args);
  expect(code).toBe(0);
  expect(stdout).toContain("onecopy recipient profile alice --endpoint https://cdp.example.com");
  expect((await readdir(join(served.folder, "out"))).sort()).toEqual([
    "README.txt",
    "check.py",
    "onecopy.py",
  ]);
  const check = await readFile(join(served.folder, "out", "check.py"), "utf8");
  expect(check).toContain('\\"table\\":\\"analytics.unified.customer_360\\"');
  expect(check).toContain('\\"rows\\":505');
  // What was filled in is not lost.
  expect(await connect(...args)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is there already"),
  });
});

test("what is not said is asked for, and what cannot be is refused", async () => {
  expect((await connect("pandas")).stderr).toContain("Name one with --share; there are: analytics, finance.");
  expect((await connect("pandas", "--share", "finance")).stderr).toContain("the share has: alice, bob.");
  expect((await connect("snowflake", "--share", "analytics")).stderr).toContain(
    "this one is in a folder of this machine",
  );
  expect((await connect("oracle")).stderr).toContain("Allowed choices are snowflake, databricks");
});
