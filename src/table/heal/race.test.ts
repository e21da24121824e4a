import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorkbench } from "../../../test/workbench.ts";
import { schemaOf } from "../../schema/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import { parseMetadata } from "../iceberg/metadata.ts";
import type { IcebergPointer } from "../snapshot.ts";
import { Table } from "../table.ts";
import { groundAfterRace } from "./race.ts";

const FOLDER = "ns/t";

test("a writer that has lost many times builds on what others have healed meanwhile: the snapshots that readers were given stay", async () => {
  const store = openStore("memory://");
  await Table.create(store, FOLDER, { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
  const writer = await Table.open(store, FOLDER);
  const at = await writer.state();
  const before = { iceberg: await writer.iceberg(at), at, since: undefined };
  for (const version of [1, 2, 3]) await foreignVersion(store, version);
  // As the writer sees the log before somebody else heals it.
  const newest = await writer.state();
  const healed = await (await Table.open(store, FOLDER)).heal();
  expect(healed.iceberg).toMatchObject({ version: 3 });
  const ground = await groundAfterRace(writer, before, newest, 5);
  expect(ground.iceberg).toMatchObject({ version: 3, metadataKey: healed.iceberg!.metadataKey });
  expect(ground.since).toBeUndefined();
});

test("what others heal while a writer that takes versions in is about to commit is in its history", async () => {
  const bench = await openWorkbench("onecopy-race-");
  const files = openStore(join(bench.base, "lake"));
  await Table.create(files, FOLDER, { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
  const others = await Table.open(files, FOLDER);
  let commits = 0;
  let healed: IcebergPointer | undefined;
  const put: Store["put"] = async (key, body, condition) => {
    // A foreign writer is first, again and again; and before the Iceberg side of the last attempt is there, somebody heals.
    if (key.includes("/_delta_log/") && ++commits <= 4) await foreignVersion(files, commits);
    if (key.endsWith(".metadata.json") && commits === 4) healed ??= (await others.heal()).iceberg;
    return await files.put(key, body, condition);
  };
  const store = new Proxy(files, {
    get: (target, name) => {
      const own = target[name as keyof Store];
      return name === "put" ? put : typeof own === "function" ? own.bind(target) : own;
    },
  });
  const writer = await Table.open(store, FOLDER);
  const outcome = await writer.write(bench.session, { mode: "append", query: "SELECT 1::BIGINT AS id" });
  expect(outcome).toMatchObject({ kind: "committed", version: 5 });
  expect(healed).toMatchObject({ version: 4 });
  const snapshots = async (key: string) => {
    const found = await files.get(key);
    return parseMetadata(key, found.kind === "found" ? found.body : new Uint8Array()).snapshots;
  };
  const now = await snapshots((await others.snapshot()).iceberg!.metadataKey);
  const given = (await snapshots(healed!.metadataKey)).at(-1)!["snapshot-id"];
  expect(now.at(-1)!["parent-snapshot-id"]).toBe(given);
  await bench.close();
});

async function foreignVersion(store: Store, version: number): Promise<void> {
  const foreign = JSON.stringify({ commitInfo: { timestamp: Date.now(), operation: "WRITE" } });
  await store.put(`${FOLDER}/_delta_log/${String(version).padStart(20, "0")}.json`, `${foreign}\n`);
}
