import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Catalog } from "../../src/catalog/index.ts";
import { type Engine, type Session, openEngine } from "../../src/engine/index.ts";
import { type Store, openStore } from "../../src/storage/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import { definition, icebergFiles, runWriter } from "./table.ts";

let base: string;
let engine: Engine;
let session: Session;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-crash-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});

/** Rows of the newest version; fails when the two formats do not name the same files. */
async function rowsOf(table: Table): Promise<unknown[]> {
  const snapshot = await table.snapshot();
  // A foreign commit that nobody has healed yet: the Iceberg side is the version before it.
  const iceberg = await table.snapshot(snapshot.iceberg!.version);
  expect(iceberg.version).toBeGreaterThanOrEqual(snapshot.version - 1);
  expect(await icebergFiles(snapshot)).toEqual([...iceberg.files].map(({ path }) => path).sort());
  const columns = snapshot.schema.fields.map(({ name }) => name);
  const rows = await session.rows(`SELECT * FROM ${await scan(session, snapshot)} ORDER BY id`);
  return [columns.join(), ...rows.map((row) => Object.values(row).join())];
}

async function makeTable(store: Store): Promise<Table> {
  await Table.create(store, "ns/t", definition);
  const table = await Table.open(store, "ns/t");
  await table.write(session, { mode: "append", query: "SELECT 1 AS id, 'a' AS name" });
  await table.write(session, { mode: "append", query: "SELECT 2 AS id, 'b' AS name" });
  return table;
}

/** A commit of a writer that knows nothing of OneCopy: removes the first file. */
async function foreignCommit(table: Table): Promise<void> {
  const { files, version, store, folder } = await table.snapshot();
  const remove = { path: [...files][0]!.path, dataChange: true, deletionTimestamp: 0 };
  const log = store.locate(`${folder}/_delta_log/${String(version + 1).padStart(20, "0")}.json`);
  await writeFile(
    log,
    `${JSON.stringify({ commitInfo: { operation: "DELETE" } })}\n${JSON.stringify({ remove })}\n`,
  );
}

const before = ["id,name", "1,a", "2,b"];
const cases: { name: string; operation: string; foreign: boolean; old: string[]; now: string[] }[] = [
  { name: "append", operation: "append", foreign: false, old: before, now: [...before, "1000,new"] },
  { name: "overwrite", operation: "overwrite", foreign: false, old: before, now: ["id,name", "1000,new"] },
  {
    name: "add a column",
    operation: "add-column",
    foreign: false,
    old: before,
    now: ["id,name,later", "1,a,", "2,b,"],
  },
  {
    name: "append after a foreign commit, which is healed first",
    operation: "append",
    foreign: true,
    old: ["id,name", "2,b"],
    now: ["id,name", "2,b", "1000,new"],
  },
];

describe("a writer killed before each of its changes leaves the old version or the new one, in both formats", () => {
  test.concurrent.each(cases)(
    "$name",
    async ({ name, operation, foreign, old, now }) => {
      let sawOld = 0;
      for (let step = 1; ; step++) {
        const lake = join(base, `${name.replaceAll(/\W+/g, "-")}-${step}`);
        const store = openStore(lake);
        const table = await makeTable(store);
        if (foreign) await foreignCommit(table);
        const { killed } = await runWriter(lake, step, operation);
        const after = await rowsOf(await Table.open(store, "ns/t"));
        expect(after).toEqual(killed ? old : now);
        const next = await Table.open(store, "ns/t");
        const outcome = await next.write(session, { mode: "append", query: "SELECT 3000 AS id" });
        expect(outcome).toMatchObject({ kind: "committed" });
        const rows = await rowsOf(next);
        expect(rows).toEqual([...after, expect.stringMatching(/^3000,/)]);
        await rm(lake, { recursive: true });
        if (!killed) break;
        sawOld++;
      }
      // The engine's copy, its sync, metadata and the commit at the least; a schema change has no rows to write.
      expect(sawOld).toBeGreaterThanOrEqual(operation === "add-column" ? 2 : 6);
    },
    300_000,
  );

  test.concurrent("create: the next one who wants the name gets a table", async () => {
    for (let step = 1; ; step++) {
      const lake = join(base, `create-${step}`);
      const { killed } = await runWriter(lake, step, "catalog-create");
      const catalog = await Catalog.open(openStore(lake));
      const table = await catalog.create("ns.t", definition);
      expect(await table.write(session, { mode: "append", query: "SELECT 1 AS id" })).toMatchObject({
        kind: "committed",
        version: 1,
      });
      expect(await rowsOf(table)).toEqual(["id,name", "1,"]);
      expect((await catalog.list()).map((entry) => entry.namespace)).toEqual(["ns"]);
      if (!killed) break;
      expect(step).toBeLessThan(10);
    }
  }, 300_000);
});
