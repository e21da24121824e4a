import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Table } from "../../src/table/index.ts";

interface Action {
  readonly add?: { readonly path: string };
  readonly commitInfo?: Readonly<Record<string, unknown>>;
}

/**
 * Vacuums without a time of grace. Afterwards every data file is one that a commit added, and every Iceberg metadata file
 * one that a commit or a pointer names: by reading the log's lines here, not by what the vacuum thinks.
 */
export async function expectNoOrphans(table: Table): Promise<void> {
  // The store's clock may be ahead of what a file got just now by its own grain.
  const outcome = await table.vacuum({ graceMs: 0, nowMs: Date.now() + 60_000 });
  expect(outcome).toMatchObject({ waiting: 0, oldestVersion: 0 });
  for await (const object of table.inventory()) expect(object).not.toMatchObject({ use: "nobody" });

  const folder = table.store.locate(table.folder);
  const texts = async (under: string, pattern: RegExp): Promise<string[]> => {
    const names = await readdir(join(folder, under)).catch(() => []);
    return await Promise.all(
      names.filter((name) => pattern.test(name)).map((name) => readFile(join(folder, under, name), "utf8")),
    );
  };
  const commits = await texts("_delta_log", /^\d+\.json$/);
  const actions = commits
    .flatMap((text) => text.trim().split("\n"))
    .map((line) => JSON.parse(line) as Action);
  const named = [...commits, ...(await texts("_iceberg/pointer", /\.json$/))].join("\n");
  const objects = await readdir(folder, { recursive: true });
  const data = objects.filter((name) => name.endsWith(".parquet") && !name.startsWith("_"));
  const added = new Set(
    actions.flatMap(({ add }) => (add === undefined ? [] : [decodeURIComponent(add.path)])),
  );
  expect(data.filter((name) => !added.has(name))).toEqual([]);
  const metadata = objects.filter((name) => name.endsWith(".metadata.json"));
  expect(metadata.filter((name) => !named.includes(name))).toEqual([]);
}
