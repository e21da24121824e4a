import { afterAll, beforeAll, expect, test } from "vitest";
import { join } from "node:path";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import type { Session } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { writeCheckpoint } from "../delta/write-checkpoint.ts";
import { Table } from "../index.ts";
import { versionName } from "../path.ts";

let bench: Workbench;
let session: Session;
let store: Store;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-changed-files-");
  ({ session } = bench);
  store = openStore(join(bench.base, "lake"));
});
afterAll(() => bench.close());

const ROWS = "SELECT i AS id FROM range(10) r(i)";

async function made(folder: string): Promise<Table> {
  await Table.create(store, folder, { schema: schemaOf(await session.describe(ROWS)) });
  const table = await Table.open(store, folder);
  await table.write(session, { mode: "append", query: ROWS });
  return table;
}

async function told(table: Table, from: number, to?: number): Promise<string[]> {
  const { commits } = await table.changedFiles({ from, to });
  const found: string[] = [];
  for await (const { version, changes } of commits())
    for (const { kind, file } of changes) found.push(`${kind}@${version} ${file.sizeBytes} ${file.path}`);
  return found;
}

test("a remove that does not say how large its file was is told as the add before it", async () => {
  const table = await made("foreign");
  const [file] = [...(await table.snapshot()).files];
  const remove = { path: file!.path, deletionTimestamp: 5, dataChange: true };
  const lines = [{ commitInfo: { timestamp: 5, operation: "DELETE" } }, { remove }];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await store.put(`foreign/_delta_log/${versionName(2)}.json`, text);
  expect(await told(table, 1)).toEqual([
    `add@1 ${file!.sizeBytes} ${file!.path}`,
    `remove@2 ${file!.sizeBytes} ${file!.path}`,
  ]);
  expect(await told(table, 2, 2)).toEqual([`remove@2 ${file!.sizeBytes} ${file!.path}`]);
});

test("what the log has lost, and what never was, are told apart", async () => {
  const table = await made("cleaned");
  await table.write(session, { mode: "append", query: ROWS });
  await table.write(session, { mode: "append", query: ROWS });
  await writeCheckpoint(store, "cleaned", await table.stateAt(2));
  for (const version of [0, 1]) await store.delete(`cleaned/_delta_log/${versionName(version)}.json`);
  const again = await Table.open(store, "cleaned");
  await expect(again.changedFiles({ from: 1 })).rejects.toMatchObject({ code: "table.changes_gone" });
  await expect(again.changedFiles({ from: 4 })).rejects.toMatchObject({ code: "table.version_not_found" });
  expect((await told(again, 2)).map((one) => one.split(" ")[0])).toEqual(["add@2", "add@3"]);
});

test("what was purged is not told any more, what came after is", async () => {
  const table = await made("purged");
  await table.write(session, { mode: "append", query: ROWS });
  await table.purge(session, { columns: ["id"], values: ["3"] });
  const { version } = await table.head();
  await table.write(session, { mode: "append", query: "SELECT 20::BIGINT AS id" });
  for (const reader of [table, await Table.open(store, "purged")]) {
    await expect(told(reader, 1)).rejects.toMatchObject({ code: "table.changes_gone" });
    expect((await told(reader, version + 1)).map((one) => one.split(" ")[0])).toEqual([`add@${version + 1}`]);
  }
});
