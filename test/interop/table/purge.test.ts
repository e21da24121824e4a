import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Session } from "../../../src/engine/index.ts";
import { type Store, dyingStore, openStore } from "../../../src/storage/index.ts";
import { Table } from "../../../src/table/index.ts";
import type { Model } from "../../model/model.ts";
import { schema } from "../../model/play.ts";
import { type Played, interval, take, values } from "../../purge/history.ts";
import { historyOfPurge } from "../../purge/history-of-purge.ts";
import { holding } from "../../purge/holding.ts";
import { type ReadRequest, Readers } from "./readers.ts";
import { type Workbench, openWorkbench } from "../../workbench.ts";

let base: string;
let bench: Workbench;
let session: Session;
let readers: Readers;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-interop-purge-");
  ({ base, session } = bench);
  readers = new Readers();
});
afterAll(async () => {
  await readers.close();
  await bench.close();
});

const canary = values[0];
const deltaReaders = ["delta_rs", "duckdb_delta"];
const icebergReaders = ["pyiceberg", "duckdb_iceberg"];

/** Ids of the rows, or that a reader refused, from each reader. */
async function idsBy(request: Omit<ReadRequest, "filter">): Promise<Record<string, string>> {
  const answers = await readers.read({ ...request, filter: null });
  return Object.fromEntries(
    Object.entries(answers).map(([reader, answer]) => {
      if ("error" in answer) return [reader, "refused"];
      const at = answer.columns.indexOf("id");
      return [reader, idsOf(answer.rows.map((row) => Number(row[at])))];
    }),
  );
}

function idsOf(ids: readonly number[]): string {
  return [...ids].sort((a, b) => a - b).join();
}

const without = (model: Model): Model => model.filter(({ part }) => part !== canary);
const idsIn = (model: Model): string => idsOf(model.map(({ id }) => id));

async function newestIn(store: Store): Promise<Omit<ReadRequest, "filter">> {
  const { iceberg } = await (await Table.open(store, "ns/t")).snapshot();
  return {
    delta: store.locate("ns/t"),
    version: null,
    metadata: `file://${store.locate(iceberg!.metadataKey)}`,
    readers: [...deltaReaders, ...icebergReaders],
  };
}

test("whenever a purge dies, other readers read each version as it was, or refuse it; afterwards only the newest", async () => {
  const lake = join(base, "lake");
  const store = openStore(lake);
  await Table.create(store, "ns/t", { schema, properties: interval });
  const made = await Table.open(store, "ns/t");
  const played: Played = { table: made, model: [], clones: [], count: 0 };
  const versions: { version: number; model: Model; metadata: string | undefined }[] = [];
  for (const step of historyOfPurge) {
    if (step.kind === "clone") continue;
    await take(session, played, step);
    const { version, iceberg } = await made.snapshot();
    const key = iceberg?.version === version ? iceberg.metadataKey : undefined;
    versions[version] = { version, model: played.model, metadata: key && `file://${store.locate(key)}` };
  }
  await cp(lake, join(base, "made"), { recursive: true });
  const request = { columns: ["part"], values: [canary] };

  for (let step = 2; ; step += 2) {
    await rm(lake, { recursive: true });
    await cp(join(base, "made"), lake, { recursive: true, preserveTimestamps: true });
    const { store: dying, died } = dyingStore(store, step);
    const purged = await (await Table.open(dying, "ns/t")).purge(session, request).catch(() => undefined);

    const now = await idsBy(await newestIn(store));
    for (const [reader, ids] of Object.entries(now))
      expect([idsIn(played.model), idsIn(without(played.model))], `step ${step}, ${reader}`).toContain(ids);
    for (const { version, model, metadata } of Object.values(versions)) {
      const ids = await idsBy({
        delta: store.locate("ns/t"),
        version,
        metadata: metadata ?? "",
        readers: [...deltaReaders, ...(metadata === undefined ? [] : icebergReaders)],
      });
      for (const [reader, found] of Object.entries(ids))
        expect(
          died() ? [idsIn(model), "refused"] : ["refused"],
          `step ${step}, ${version} by ${reader}`,
        ).toContain(found);
    }
    if (died()) continue;
    expect(purged).toMatchObject({ remaining: { columns: [], metadata: false } });
    const left = idsIn(without(played.model));
    expect(now).toEqual(
      Object.fromEntries([...deltaReaders, ...icebergReaders].map((reader) => [reader, left])),
    );
    expect(await holding(session, store, [canary])).toEqual([]);
    expect(step).toBeGreaterThan(20);
    return;
  }
}, 900_000);
