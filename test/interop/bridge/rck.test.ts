import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { type KitResult, runKit } from "./rck.ts";

/** The kit's tests that fail, each with what is missing. None may be added: it is how far the catalog is behind. */
const MISSING: Readonly<Record<string, string>> = {};

/** Of 157 tests, 12 do not apply to a catalog like this one, as the kit itself decides. */
const APPLIES = 145;

let served: ServedProject;
let results: KitResult[];

beforeAll(async () => {
  // The kit commits files that are not there, under names of its own.
  served = await servedProject({
    configuration: "catalog:\n  files_outside: true\n",
    // It reads locations as URIs, in which there is no blank.
    lake: "./lake",
  });
  // Where it wants metadata of a view to be, it can be.
  const scratch = join(served.folder, "lake", "_views", "kit");
  await mkdir(scratch, { recursive: true });
  results = await runKit(scratch, {
    uri: `${served.server.url}/iceberg`,
    warehouse: "",
    token: await served.token("kit", "admin"),
    // A table's folder is the lake's to choose.
    "rck.overrides-requested-location": "true",
  });
}, 600_000);
afterAll(() => served.close());

const named = (outcome: KitResult["outcome"]): string[] =>
  results.filter((result) => result.outcome === outcome).map(({ name }) => name);

test("Iceberg's REST compatibility kit fails in nothing that is not known", () => {
  const failures = results.filter(({ outcome }) => outcome === "failed");
  expect(
    failures.filter(({ name }) => !(name in MISSING)).map(({ name, message }) => `${name}: ${message}`),
  ).toEqual([]);
});

test("what is known to be missing is missing", () => {
  expect(named("failed")).toEqual(Object.keys(MISSING).sort());
});

test("all of its tests that apply were run", () => {
  expect(named("passed").length + named("failed").length).toBe(APPLIES);
});
