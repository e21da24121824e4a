import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Session } from "../../src/engine/index.ts";
import type { Table } from "../../src/table/index.ts";

interface FileAction {
  readonly path: string;
  readonly deletionVector?: { readonly pathOrInlineDv: string } | null;
}
interface Action {
  readonly add?: FileAction;
  readonly remove?: FileAction;
}

/**
 * Vacuums without a time of grace. Afterwards the data files and deletion vectors are exactly those of the versions that
 * stay readable, and every Iceberg metadata file is one that their commits or a pointer name: by reading the log here, not
 * by what the vacuum thinks.
 */
export async function expectNoOrphans(table: Table, session: Session): Promise<void> {
  // The store's clock may be ahead of what a file got just now by its own grain.
  const outcome = await table.vacuum({ graceMs: 0, nowMs: Date.now() + 60_000 });
  expect(outcome).toMatchObject({ waiting: 0 });
  for await (const object of table.inventory()) expect(object).not.toMatchObject({ use: "nobody" });

  const folder = table.store.locate(table.folder);
  const log = join(folder, "_delta_log");
  const names = (await readdir(log)).sort();
  const commits = await Promise.all(
    names
      .filter((name) => /^\d+\.json$/.test(name))
      .map(async (name) => ({
        version: Number.parseInt(name, 10),
        text: await readFile(join(log, name), "utf8"),
      })),
  );
  // What a purge put in a commit's place says nothing of files, and no reader takes it for a version.
  const purged = commits.findLast(({ text }) => text.includes('"onecopy.purged"'))?.version ?? -1;
  const oldest = Math.max(outcome.oldestVersion, purged + 1);
  const start = names.findLast(
    (name) => /^\d+\.checkpoint\.parquet$/.test(name) && Number.parseInt(name, 10) <= oldest,
  );
  const live = new Map<string, FileAction>();
  if (start !== undefined) {
    const rows = await session.rows<{ add: string }>(
      `SELECT to_json("add") AS "add" FROM read_parquet('${join(log, start)}') WHERE "add" IS NOT NULL`,
    );
    for (const row of rows) apply(live, { add: JSON.parse(row.add) as FileAction });
  }
  const begin = start === undefined ? -1 : Number.parseInt(start, 10);
  const kept = new Map<string, FileAction>();
  const keep = (): void => {
    for (const [key, file] of live) kept.set(key, file);
  };
  if (begin >= oldest) keep();
  let told = "";
  for (const { version, text } of commits) {
    told += text;
    if (version <= begin) continue;
    for (const line of text.trim().split("\n")) apply(live, JSON.parse(line) as Action);
    if (version >= oldest) keep();
  }

  const objects = await readdir(folder, { recursive: true });
  const data = objects.filter((name) => name.endsWith(".parquet") && !name.startsWith("_"));
  expect(data.sort()).toEqual(
    [...new Set([...kept.values()].map(({ path }) => decodeURIComponent(path)))].sort(),
  );
  const vectors = [...kept.values()].flatMap(({ deletionVector: vector }) => vector?.pathOrInlineDv ?? []);
  expect(objects.filter((name) => name.endsWith(".bin")).length).toBe(new Set(vectors).size);
  for (const name of objects.filter((one) => one.startsWith("_iceberg/pointer/")))
    told += await readFile(join(folder, name), "utf8");
  expect(objects.filter((name) => name.endsWith(".metadata.json") && !told.includes(name))).toEqual([]);
}

/** A file with another deletion vector is another logical file. */
function apply(live: Map<string, FileAction>, { add, remove }: Action): void {
  const key = ({ path, deletionVector }: FileAction): string =>
    `${path} ${deletionVector?.pathOrInlineDv ?? ""}`;
  if (remove !== undefined) live.delete(key(remove));
  if (add !== undefined) live.set(key(add), add);
}
