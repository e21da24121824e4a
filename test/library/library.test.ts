import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("docs/table.md works as it is written, on the package as it is built", async () => {
  const page = await readFile(join(root, "docs/table.md"), "utf8");
  const blocks = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]!);
  const promised = [...page.matchAll(/\/\/ (\[.*|\d+)$/gm)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThan(5);
  // Inside the checkout: there the package knows itself by its name.
  await mkdir(join(root, ".cache"), { recursive: true });
  const folder = await mkdtemp(join(root, ".cache/library-"));
  try {
    await writeFile(join(folder, "page.mjs"), blocks.join("\n"));
    const { stdout } = await promisify(execFile)(process.execPath, ["page.mjs"], { cwd: folder });
    const plain = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
    expect(plain(stdout)).toBe(plain(promised.join("\n")));
  } finally {
    await rm(folder, { recursive: true });
  }
});
