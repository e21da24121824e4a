import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Session } from "../../src/engine/index.ts";
import { dyingStore, openStore } from "../../src/storage/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import { icebergRows } from "../model/iceberg-rows.ts";
import type { Model } from "../model/model.ts";
import { rowsOf, schema, texts } from "../model/play.ts";
import { type Played, interval, take, values } from "./history.ts";
import { historyOfPurge } from "./history-of-purge.ts";
import { holding } from "./holding.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

/** Every so manieth change is died before; `PURGE_STEPS_APART=1`: each. */
const apart = Number(process.env["PURGE_STEPS_APART"] ?? 8);

let base: string;
let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-purge-died-");
  ({ base, session } = bench);
});
afterAll(async () => {
  await bench.close();
});

const [canary] = values;

test("a purge that dies before any of its changes: each version is read as it was or refused, and the next purge ends it", async () => {
  const lake = join(base, "lake");
  const store = openStore(lake);
  await Table.create(store, "ns/t", {
    schema,
    properties: { ...interval, "delta.enableDeletionVectors": "true" },
  });
  const made = await Table.open(store, "ns/t");
  const played: Played = { table: made, model: [], clones: [], count: 0 };
  const versions: Model[] = [];
  for (const step of historyOfPurge) {
    await take(session, played, step);
    versions[(await made.snapshot()).version] = played.model;
  }
  const newest = versions.length - 1;
  const request = { columns: ["part"], values: [canary] };
  const without = (model: Model): Model => model.filter(({ part }) => part !== canary);
  await cp(lake, join(base, "made"), { recursive: true });

  for (let step = 1; ; step += apart) {
    await rm(lake, { recursive: true });
    // At the same place: Iceberg's addresses are absolute.
    await cp(join(base, "made"), lake, { recursive: true, preserveTimestamps: true });
    const { store: dying, died } = dyingStore(store, step);
    const purged = await (await Table.open(dying, "ns/t")).purge(session, request).catch(() => undefined);
    expect({ step, ended: purged !== undefined }).toEqual({ step, ended: !died() });

    for (const { folder, model } of [{ folder: "ns/t", model: played.model }, ...played.clones]) {
      const table = await Table.open(store, folder);
      const last = await table.snapshot();
      const rows = await rowsOf(session, await scan(session, last));
      expect([texts(model), texts(without(model))], `step ${step}, ${folder}`).toContainEqual(rows);
      if (last.iceberg?.version === last.version)
        expect(await icebergRows(session, last), `step ${step}, Iceberg of ${folder}`).toEqual(rows);
    }
    const table = await Table.open(store, "ns/t");
    for (let version = 1; version <= newest; version++) {
      const rows = await table.snapshot(version).then(
        async (snapshot) => await rowsOf(session, await scan(session, snapshot)).catch(String),
        (error: { code: string }) => error.code,
      );
      const isGone = rows === "table.version_not_found" || String(rows).includes("No files found");
      if (!isGone) expect(rows, `step ${step}, version ${version}`).toEqual(texts(versions[version]!));
    }

    await table.purge(session, request);
    expect(await holding(session, store, [canary]), `step ${step}`).toEqual([]);
    const after = await (await Table.open(store, "ns/t")).snapshot();
    expect(await rowsOf(session, await scan(session, after))).toEqual(texts(without(played.model)));
    expect(await icebergRows(session, after)).toEqual(texts(without(played.model)));
    if (!died()) {
      expect(step).toBeGreaterThan(40);
      return;
    }
  }
}, 900_000);
