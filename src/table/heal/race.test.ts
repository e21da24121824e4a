import { expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { openStore } from "../../storage/index.ts";
import { Table } from "../table.ts";
import { groundAfterRace } from "./race.ts";

const FOLDER = "ns/t";

test("a writer that has lost many times builds on what others have healed meanwhile: the snapshots that readers were given stay", async () => {
  const store = openStore("memory://");
  await Table.create(store, FOLDER, { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
  const writer = await Table.open(store, FOLDER);
  const at = await writer.state();
  const before = { iceberg: await writer.iceberg(at), at, since: undefined };
  const foreign = JSON.stringify({ commitInfo: { timestamp: Date.now(), operation: "WRITE" } });
  for (const version of [1, 2, 3])
    await store.put(`${FOLDER}/_delta_log/${String(version).padStart(20, "0")}.json`, `${foreign}\n`);
  // As the writer sees the log before somebody else heals it.
  const newest = await writer.state();
  const healed = await (await Table.open(store, FOLDER)).heal();
  expect(healed.iceberg).toMatchObject({ version: 3 });
  const ground = await groundAfterRace(writer, before, newest, 5);
  expect(ground.iceberg).toMatchObject({ version: 3, metadataKey: healed.iceberg!.metadataKey });
  expect(ground.since).toBeUndefined();
});
