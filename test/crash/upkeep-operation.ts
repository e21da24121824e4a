import { Catalog } from "../../src/catalog/index.ts";
import { type CommitOutcome, Table, scan } from "../../src/table/index.ts";
import { type Lake, type Run, added, committed, createNamed, definition, onTable } from "./lake.ts";
import type { Operation } from "./operation.ts";

const fourRows = "SELECT i::BIGINT AS id, 'p' || i % 2 AS name FROM range(1, 5) r(i)";
const open = async ({ store }: Lake): Promise<Table> => await Table.open(store, "ns/t");

/** Versions 1 to 4 append a row each: four files. */
async function fourFiles(lake: Lake, of: Partial<typeof definition> = {}): Promise<Table> {
  await committed(Table.create(lake.store, "ns/t", { ...definition, ...of }));
  const table = await open(lake);
  for (const id of [1, 2, 3, 4])
    await committed(
      table.write(lake.session, { mode: "append", query: `SELECT * FROM (${fourRows}) WHERE id = ${id}` }),
    );
  return table;
}

/** An append whose turn it is to write a checkpoint, and to clean up the log before it. */
const appendAndCheckpoint = onTable(async (table, session) => {
  const outcome = await committed(table.write(session, { mode: "append", query: added }));
  await table.settled();
  return outcome;
});
const everyFive = { "delta.checkpointInterval": "5" };

const compact: Run = async (lake) => {
  const outcome = await (await open(lake)).compact(lake.session);
  if (!outcome.isDone || outcome.filesAfter >= outcome.filesBefore) throw new Error(JSON.stringify(outcome));
};

/** With no time of grace, as the store's clock will be in a minute. */
const vacuum =
  (dryRun: boolean): Run =>
  async (lake) =>
    await (await open(lake)).vacuum({ dryRun, graceMs: 0, nowMs: Date.now() + 60_000 });

/** Three versions of one row each, of which the newest two stay readable; and what a dead writer left. */
async function overwritten(lake: Lake): Promise<void> {
  const properties = {
    "delta.deletedFileRetentionDuration": "interval 0 seconds",
    "history.expire.min-snapshots-to-keep": "3",
    "delta.enableDeletionVectors": "true",
  };
  await committed(Table.create(lake.store, "ns/t", { ...definition, properties }));
  const table = await open(lake);
  const write = async (mode: "append" | "overwrite", query: string): Promise<CommitOutcome> =>
    await committed(table.write(lake.session, { mode, query }));
  await write("append", fourRows);
  await committed(table.delete(lake.session, { where: "id = 1" }));
  await committed(table.delete(lake.session, { where: "id = 2" }));
  await write("overwrite", "SELECT 7 AS id, 'kept' AS name");
  await write("overwrite", added);
  for (const name of ["data/dead.parquet", "_iceberg/dead.metadata.json", "_iceberg/dead-m0.avro"])
    await lake.store.put(`ns/t/${name}`, new Uint8Array([0]), { ifAbsent: true });
}

/** The clone is there with all rows, or not there: told by our reader. An independent one reads it in the matrix. */
async function checkClone({ store, session }: Lake): Promise<void> {
  const clone = await (await Catalog.open(store)).find("ns.copy");
  if (clone === undefined) return;
  const [found] = await session.rows<{ ids: string }>(
    `SELECT string_agg(id, ',' ORDER BY id) AS ids FROM ${await scan(session, await clone.snapshot())}`,
  );
  if (found!.ids !== "1,2,3,4") throw new Error(`the clone has the rows ${found!.ids}`);
}

async function named(lake: Lake): Promise<void> {
  const table = await createNamed(lake);
  await committed(table.write(lake.session, { mode: "append", query: fourRows }));
}

/** The table has exactly one of these names, or perhaps none. */
const checkNames =
  (orNone: boolean, ...names: readonly string[]) =>
  async ({ store }: Lake): Promise<void> => {
    const catalog = await Catalog.open(store);
    const found = await Promise.all(names.map(async (name) => await catalog.find(name)));
    const count = found.filter((table) => table?.folder === "ns/t").length;
    if (count !== 1 && !(orNone && count === 0)) throw new Error(`${names.join()}: ${count} are there`);
  };

/** What keeps a table small and gives it other names; none of it changes a row. */
export const upkeepOperations: readonly Operation[] = [
  {
    name: "purge",
    prepare: async (lake) => {
      const table = await fourFiles(lake);
      const query = "SELECT 5 AS id, 'secret' AS name UNION ALL SELECT 6, 'p0'";
      await committed(table.write(lake.session, { mode: "append", query }));
    },
    run: async (lake) =>
      await (await open(lake)).purge(lake.session, { columns: ["name"], values: ["secret"] }),
    after: `${fourRows} UNION ALL SELECT 6, 'p0'`,
  },
  { name: "compact", prepare: async (lake) => void (await fourFiles(lake)), run: compact },
  {
    name: "compact partitions with deletion vectors",
    prepare: async (lake) => {
      const properties = { "delta.enableDeletionVectors": "true" };
      const table = await fourFiles(lake, { partitionBy: ["name"], properties });
      const query = "SELECT i AS id, 'p0' AS name FROM range(10, 12) r(i)";
      await committed(table.write(lake.session, { mode: "append", query }));
      await committed(table.delete(lake.session, { where: "id = 10" }));
    },
    run: compact,
  },
  {
    name: "append and write a checkpoint",
    prepare: async (lake) => void (await fourFiles(lake, { properties: everyFive })),
    run: appendAndCheckpoint,
    after: `${fourRows} UNION ALL ${added}`,
  },
  {
    name: "append and write a checkpoint from the one before, clean up the log",
    prepare: async (lake) => {
      const properties = {
        ...everyFive,
        "delta.enableDeletionVectors": "true",
        "delta.logRetentionDuration": "interval 0 seconds",
        "delta.deletedFileRetentionDuration": "interval 0 seconds",
        "history.expire.min-snapshots-to-keep": "2",
      };
      await fourFiles(lake, { properties });
      await appendAndCheckpoint(lake);
      for (const id of [1, 2, 3, 4])
        await onTable((table, session) => table.delete(session, { where: `id = ${id}` }))(lake);
    },
    run: appendAndCheckpoint,
    after: `${added} UNION ALL ${added}`,
    keeps: 9,
  },
  { name: "vacuum", prepare: overwritten, run: vacuum(false), keeps: 4 },
  { name: "vacuum, dry run", prepare: overwritten, run: vacuum(true), keeps: 1, changesNothing: true },
  {
    name: "shallow clone",
    prepare: async (lake) => {
      await named(lake);
    },
    run: async ({ store }) => await committed((await Catalog.open(store)).clone("ns.t", "ns.copy")),
    check: checkClone,
  },
  {
    name: "rename the table",
    prepare: named,
    run: async ({ store }) => await (await Catalog.open(store)).rename("ns.t", "ns.u"),
    check: checkNames(false, "ns.t", "ns.u"),
  },
  {
    name: "drop the table",
    prepare: named,
    run: async ({ store }) => await (await Catalog.open(store)).drop("ns.t"),
    check: checkNames(true, "ns.t"),
  },
];
