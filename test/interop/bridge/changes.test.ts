import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeProfileFile } from "../../../src/bridge/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import type { Table } from "../../../src/table/index.ts";
import { type ServedProject, servedProject } from "../../bridge/served-project.ts";

const PYTHON = new URL("../../../.venv/bin/python", import.meta.url).pathname;
const ROWS = "SELECT i AS id, 'n' || i AS note FROM range(6) r(i)";

type Change = Record<string, string | null>;

let served: ServedProject;
let profile = "";

beforeAll(async () => {
  served = await servedProject();
  await served.share({
    changing: { tables: ["unified.copied", "unified.marked", "unified.foreign"], recipients: ["alice"] },
  });
  profile = join(served.folder, "alice.share");
  const token = await served.token("alice");
  const endpoint = `${served.server.url}/delta-sharing/`;
  await writeProfileFile(profile, { endpoint, token, expiresAt: new Date(Date.now() + 3_600_000) });
});
afterAll(() => served.close());

async function python(script: string, ...args: string[]): Promise<string[]> {
  const file = new URL(script, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(PYTHON, ["-W", "ignore", file, ...args]);
  return stdout.split("\n").filter((line) => line.startsWith("{"));
}

/** What the client tells of the versions from `start` on. */
async function told(name: string, format: string, start: number, end?: number): Promise<Change[]> {
  const args = [
    profile,
    `changing.unified.${name}`,
    format,
    String(start),
    ...(end === undefined ? [] : [String(end)]),
  ];
  const lines = await python("read_changes.py", ...args);
  return sorted(lines.map((line) => JSON.parse(line) as Change));
}

/** The same by OneCopy's own comparison of versions, row by row. */
async function compared(table: Table, from: number, to?: number): Promise<Change[]> {
  const changes = await table.changes(served.session, { from, ...(to === undefined ? {} : { to }) });
  const kinds =
    "CASE _change_type WHEN 'update_preimage' THEN 'delete' WHEN 'update_postimage' THEN 'insert' ELSE _change_type END";
  return sorted(
    await served.session.rows<Change>(
      `SELECT id::VARCHAR AS id, note, ${kinds} AS _change_type, _commit_version::VARCHAR AS _commit_version, floor(epoch(_commit_timestamp))::BIGINT::VARCHAR AS second FROM ${changes}`,
    ),
  );
}

function sorted(changes: readonly Change[]): Change[] {
  const key = (change: Change): string =>
    ["_commit_version", "id", "_change_type", "note"].map((name) => change[name]).join(" ");
  return changes.map((change) => ({ ...change })).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Without rows that came back as they went: what a file that was copied takes along. */
function withoutCopies(changes: readonly Change[]): Change[] {
  const kept: Change[] = [];
  for (const change of changes) {
    const pair = kept.findIndex(
      (one) =>
        one["_commit_version"] === change["_commit_version"] &&
        one["id"] === change["id"] &&
        one["note"] === change["note"] &&
        one["_change_type"] !== change["_change_type"],
    );
    if (pair >= 0) kept.splice(pair, 1);
    else kept.push(change);
  }
  return sorted(kept);
}

async function made(name: string, properties: Record<string, string>): Promise<Table> {
  const schema = schemaOf(await served.session.describe(ROWS));
  const table = await served.catalog.create(`unified.${name}`, { schema, properties });
  await table.write(served.session, { mode: "append", query: ROWS });
  return table;
}

async function change(table: Table): Promise<void> {
  await table.update(served.session, { where: "id = 1", set: { note: "'one'" } });
  await table.delete(served.session, { where: "id IN (1, 4)" });
  await table.compact(served.session, {});
  await table.write(served.session, { mode: "append", query: "SELECT 7 AS id, NULL::VARCHAR AS note" });
}

test.each(["parquet", "delta"])(
  "of a table that copies files, in format %s: which rows went and came",
  async (format) => {
    const table = (await served.catalog.find("unified.copied")) ?? (await made("copied", {}));
    if ((await table.head()).version === 1) await change(table);
    expect(withoutCopies(await told("copied", format, 1))).toEqual(await compared(table, 0));
    expect(withoutCopies(await told("copied", format, 2, 3))).toEqual(await compared(table, 1, 3));
  },
);

test("of a table with deletion vectors, in format delta: exactly the rows that changed; parquet is refused", async () => {
  const table = await made("marked", { "delta.enableDeletionVectors": "true" });
  await change(table);
  expect((await table.snapshot(3)).files.withDeletedRows).toBe(1);
  expect(await told("marked", "delta", 1)).toEqual(await compared(table, 0));
  expect(await told("marked", "delta", 3, 3)).toEqual(await compared(table, 2, 3));
  await expect(told("marked", "parquet", 1)).rejects.toThrow(/deletionVectors/);
  // The same vectors, inside of a snapshot's lines.
  await table.delete(served.session, { where: "id = 0" });
  expect(await python("read_ids.py", profile, "changing.unified.marked")).toEqual([
    JSON.stringify({ ids: [2, 3, 5, 7] }).replaceAll(/[:,]/g, "$& "),
  ]);
});

test.each(["parquet", "delta"])(
  "in format %s, of a table for which another writer keeps a feed: its own files of changes",
  async (format) => {
    const table = (await served.catalog.find("unified.foreign")) ?? (await made("foreign", {}));
    if ((await table.head()).version === 1) await python("update_delta.py", table.store.locate(table.folder));
    const { version } = await table.head();
    const [update, remove] = [String(version - 1), String(version)];
    const changes = await told("foreign", format, version - 1);
    expect(changes.map(({ second: _, ...rest }) => Object.values(rest).join(" "))).toEqual([
      `2 updated update_postimage ${update}`,
      `2 n2 update_preimage ${update}`,
      `3 n3 delete ${remove}`,
    ]);
  },
);
