import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

// A rule of the house is worth what the linter refuses: here each is broken once, on purpose, in a folder of its own.

const sound = {
  "src/base/index.ts": `export const one = 1;\n`,
  "src/storage/index.ts": `export { two } from "./two.ts";\n`,
  "src/storage/two.ts": `import { one } from "../base/index.ts";\nexport const two = one + 1;\n`,
  "src/server/index.ts": `import { two } from "../storage/index.ts";\nexport const four = two + two;\n`,
  "test/sound.ts": `import { two } from "../src/storage/index.ts";\nexport const five = two + 3;\n`,
  "web/src/sound.ts": `export const address = "/api";\n`,
};

interface Violation {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly rule: string;
  readonly message: string;
}

const rooms = (what: string, file: string, text: string, message: string): Violation => {
  return { what, file, text, rule: "house(rooms)", message };
};
const other = (what: string, name: string, text: string, rule: string): Violation => {
  return { what, file: `src/engine/${name}.ts`, text, rule, message: "" };
};
const duck = `import type { DuckDBConnection } from "@duckdb/node-api";\n`;

const violations: readonly Violation[] = [
  rooms(
    "a room below",
    "src/base/below.ts",
    `import { two } from "../storage/index.ts";\nexport const x = two;\n`,
    "base stands above storage",
  ),
  rooms(
    "a room below, for its types only",
    "src/base/types.ts",
    `import type { two } from "../storage/index.ts";\nexport type X = typeof two;\n`,
    "base stands above storage",
  ),
  rooms(
    "a room below, handed on",
    "src/base/handed-on.ts",
    `export * from "../storage/index.ts";\n`,
    "base stands above storage",
  ),
  rooms(
    "a room below, at run time",
    "src/base/run-time.ts",
    `export const x = async () => import("../storage/index.ts");\n`,
    "base stands above storage",
  ),
  rooms(
    "a room below, from a unit test",
    "src/base/below.test.ts",
    `import { two } from "../storage/index.ts";\nexport const x = two;\n`,
    "base stands above storage",
  ),
  rooms(
    "a file inside another room",
    "src/table/deep.ts",
    `import { two } from "../storage/two.ts";\nexport const x = two;\n`,
    "Only src/storage/index.ts is public",
  ),
  rooms(
    "a file inside another room, from a folder inside a room",
    "src/table/delta/deep.ts",
    `import { two } from "../../storage/two.ts";\nexport const x = two;\n`,
    "Only src/storage/index.ts is public",
  ),
  rooms(
    "a file inside a room, from a test",
    "test/deep.ts",
    `import { two } from "../src/storage/two.ts";\nexport const x = two;\n`,
    "Only src/storage/index.ts is public",
  ),
  rooms(
    "what is not shipped",
    "src/table/outside.ts",
    `import { five } from "../../test/sound.ts";\nexport const x = five;\n`,
    "under src/",
  ),
  rooms(
    "anything from a room that is not in the list",
    "src/utils/unknown.ts",
    `import { one } from "../base/index.ts";\nexport const x = one;\n`,
    "src/utils is no room",
  ),
  rooms(
    "the product's code from the web app",
    "web/src/product.ts",
    `import { one } from "../../src/base/index.ts";\nexport const x = one;\n`,
    "web/ and the rest",
  ),
  rooms(
    "the web app from the product",
    "src/server/web.ts",
    `import { address } from "../../web/src/sound.ts";\nexport const x = address;\n`,
    "web/ and the rest",
  ),
  other(
    "a cycle inside a room",
    "cycle-a",
    `import { b } from "./cycle-b.ts";\nexport const a = (): number => b();\n`,
    "import(no-cycle)",
  ),
  other(
    "a cycle inside a room, the other way",
    "cycle-b",
    `import { a } from "./cycle-a.ts";\nexport const b = (): number => a();\n`,
    "import(no-cycle)",
  ),
  other("any", "any", `export const f = (x: any): string => String(x);\n`, "typescript(no-explicit-any)"),
  other("a default export", "default", `export default 1;\n`, "import(no-default-export)"),
  other(
    "a variable that nothing uses",
    "unused",
    `const unused = 1;\nexport const x = 2;\n`,
    "eslint(no-unused-vars)",
  ),
  other(
    "a promise that nobody waits for",
    "floating",
    `const work = async (): Promise<void> => {};\nexport const f = (): void => {\n  work();\n};\n`,
    "typescript(no-floating-promises)",
  ),
  other(
    "a bare stream of DuckDB",
    "stream",
    `${duck}export const f = async (c: DuckDBConnection) => c.stream("FROM t");\n`,
    "eslint(no-restricted-properties)",
  ),
  other(
    "reading a bare stream of DuckDB",
    "stream-and-read",
    `${duck}export const f = async (c: DuckDBConnection) => c.streamAndReadAll("FROM t");\n`,
    "eslint(no-restricted-properties)",
  ),
];

interface Finding {
  readonly filename: string;
  readonly code: string;
  readonly message: string;
}

/** The exit code and the findings for these files alone, under the repository's own configuration. */
async function lint(
  files: Readonly<Record<string, string>>,
): Promise<{ status: number | null; findings: Finding[] }> {
  const repository = join(import.meta.dirname, "../..");
  const folder = await mkdtemp(join(tmpdir(), "onecopy-boundaries-"));
  try {
    for (const path of ["oxlint.config.mjs", "scripts/lint", "tsconfig.json", "package.json"])
      await cp(join(repository, path), join(folder, path), { recursive: true });
    await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const linter = join(repository, "node_modules/oxlint/bin/oxlint");
    const args = [linter, "-c", "oxlint.config.mjs", "--format", "json"];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Finding[] };
    return { status, findings: diagnostics };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("what keeps to the rules passes", async () => {
  expect(await lint(sound)).toEqual({ status: 0, findings: [] });
});

let broken: ReturnType<typeof lint> | undefined;
const lintBroken = (): ReturnType<typeof lint> =>
  (broken ??= lint({ ...sound, ...Object.fromEntries(violations.map(({ file, text }) => [file, text])) }));

test("what does not makes the linter fail, and nothing sound is refused with it", async () => {
  const { status, findings } = await lintBroken();
  expect(status).toBe(1);
  expect(new Set(findings.map(({ filename }) => filename))).toEqual(
    new Set(violations.map(({ file }) => file)),
  );
});

test.for(violations)("refused: $what", async ({ file, rule, message }) => {
  const { findings } = await lintBroken();
  const here = findings.filter(({ filename }) => filename === file);
  expect(here.map(({ code }) => code)).toEqual([rule]);
  expect(here[0]?.message).toContain(message);
});
