import { writeFile } from "node:fs/promises";
import { Catalog } from "../../src/catalog/index.ts";
import type { Session } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import type { Store } from "../../src/storage/index.ts";
import { type CommitOutcome, Table, type TableChange, type TableDefinition } from "../../src/table/index.ts";

export interface Lake {
  readonly store: Store;
  readonly session: Session;
}

/** Something that a writer does to the table `ns/t` while it is killed. */
export interface Operation {
  readonly name: string;
  /** The table before; without it there is none. */
  readonly prepare?: (lake: Lake) => Promise<void>;
  /** Run by the process that dies. */
  readonly run: (lake: Lake) => Promise<unknown>;
  /** Rows afterwards, as a query; absent: the same as before. */
  readonly after?: string;
  /** Makes the table where a kill left none; absent: by its folder. */
  readonly create?: (lake: Lake) => Promise<Table>;
  /** It prepares a foreign commit, which the Iceberg side may still lack when the writer dies. */
  readonly foreign?: true;
  /** Long enough that kills at any moment hit the engine's work: those are tried as well. */
  readonly timed?: true;
}

const definition: TableDefinition = {
  schema: schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "name", type: "VARCHAR" },
  ]),
};

const rowsOf = (...rows: string[]): string => `SELECT * FROM (VALUES ${rows.join()}) t(id, name)`;
const [one, other, next] = ["(1::BIGINT, 'a')", "(2::BIGINT, 'b')", "(1000::BIGINT, 'new')"];
const added = "SELECT 1000 AS id, 'new' AS name";

async function twoRows({ store, session }: Lake): Promise<void> {
  await committed(Table.create(store, "ns/t", definition));
  const table = await Table.open(store, "ns/t");
  await committed(table.write(session, { mode: "append", query: "SELECT 1 AS id, 'a' AS name" }));
  await committed(table.write(session, { mode: "append", query: "SELECT 2 AS id, 'b' AS name" }));
}

/** A commit by somebody who knows nothing of OneCopy: removes the first file. */
async function foreignDelete({ store }: Lake): Promise<void> {
  const { files, version, folder } = await (await Table.open(store, "ns/t")).snapshot();
  const remove = { path: [...files][0]!.path, dataChange: true, deletionTimestamp: 0 };
  await writeFile(
    store.locate(`${folder}/_delta_log/${String(version + 1).padStart(20, "0")}.json`),
    `${JSON.stringify({ commitInfo: { operation: "DELETE" } })}\n${JSON.stringify({ remove })}\n`,
  );
}

export async function createByFolder({ store }: Lake): Promise<Table> {
  await committed(Table.create(store, "ns/t", definition));
  return await Table.open(store, "ns/t");
}

async function createNamed({ store }: Lake): Promise<Table> {
  return await (await Catalog.open(store)).create("ns.t", definition);
}

async function committed(outcome: Promise<CommitOutcome>): Promise<CommitOutcome> {
  const found = await outcome;
  if (found.kind !== "committed") throw new Error(JSON.stringify(found));
  return found;
}

const onTable =
  (run: (table: Table, session: Session) => Promise<CommitOutcome>) =>
  async ({ store, session }: Lake): Promise<CommitOutcome> =>
    await committed(run(await Table.open(store, "ns/t"), session));

const evolution = (...changes: TableChange[]): Operation["run"] =>
  onTable((table, session) => table.evolve(session, changes));

/** Delete, update and merge on a table of three rows in one file. */
function rowOperations(byVectors: boolean): Operation[] {
  const how = byVectors ? " by deletion vector" : "";
  const prepare = async ({ store, session }: Lake): Promise<void> => {
    const properties = byVectors ? { "delta.enableDeletionVectors": "true" } : {};
    await committed(Table.create(store, "ns/t", { ...definition, properties }));
    const table = await Table.open(store, "ns/t");
    await committed(table.write(session, { mode: "append", query: rowsOf(one, other, "(3::BIGINT, 'c')") }));
  };
  return [
    {
      name: `delete${how}`,
      prepare,
      run: onTable((table, session) => table.delete(session, { where: "id = 3" })),
      after: rowsOf(one, other),
    },
    {
      name: `update${how}`,
      prepare,
      run: onTable((table, session) => table.update(session, { where: "id > 1", set: { name: "'z'" } })),
      after: rowsOf(one, "(2::BIGINT, 'z')", "(3::BIGINT, 'z')"),
    },
    {
      name: `merge${how}`,
      prepare,
      run: onTable((table, session) =>
        table.merge(session, {
          query:
            "SELECT * FROM (VALUES (2::BIGINT, 'z', false), (3, NULL, true), (1000, 'new', false)) v(id, name, gone)",
          on: ["id"],
          deleteColumn: "gone",
        }),
      ),
      after: rowsOf(one, "(2::BIGINT, 'z')", next),
    },
  ];
}

export const operations: readonly Operation[] = [
  {
    name: "create",
    run: async ({ store }) => await committed(Table.create(store, "ns/t", definition)),
    after: "SELECT 1 AS id, 'a' AS name WHERE false",
  },
  {
    name: "create through the catalog",
    run: async (lake) => (await createNamed(lake)).folder,
    create: createNamed,
    after: "SELECT 1 AS id, 'a' AS name WHERE false",
  },
  {
    name: "append",
    prepare: twoRows,
    run: onTable((table, session) => table.write(session, { mode: "append", query: added })),
    after: rowsOf(one, other, next),
  },
  {
    name: "append of several large files",
    prepare: async (lake) => {
      await committed(
        Table.create(lake.store, "ns/t", {
          ...definition,
          properties: { "delta.targetFileSize": "2000000" },
        }),
      );
    },
    run: onTable((table, session) =>
      table.write(session, {
        mode: "append",
        query: "SELECT i AS id, hash(i)::VARCHAR AS name FROM range(400000) r(i)",
      }),
    ),
    after: "SELECT i::BIGINT AS id, hash(i)::VARCHAR AS name FROM range(400000) r(i)",
    timed: true,
  },
  {
    name: "overwrite",
    prepare: twoRows,
    run: onTable((table, session) => table.write(session, { mode: "overwrite", query: added })),
    after: rowsOf(next),
    timed: true,
  },
  {
    name: "add a column",
    prepare: twoRows,
    run: evolution({ kind: "add", path: ["later"], type: "string" }),
    after: `SELECT *, NULL::VARCHAR AS later FROM (${rowsOf(one, other)})`,
  },
  {
    name: "drop a column",
    prepare: twoRows,
    run: evolution({ kind: "drop", path: ["name"] }),
    after: `SELECT id FROM (${rowsOf(one, other)})`,
  },
  {
    name: "rename a column, which writes all files again",
    prepare: twoRows,
    run: evolution({ kind: "rename", path: ["name"], to: "label" }),
    after: `SELECT id, name AS label FROM (${rowsOf(one, other)})`,
  },
  ...[false, true].flatMap((byVectors) => rowOperations(byVectors)),
  {
    name: "restore",
    prepare: async (lake) => {
      await twoRows(lake);
      await onTable((table, session) => table.delete(session, { where: "id = 2" }))(lake);
    },
    run: onTable((table) => table.restore({ version: 2 })),
    after: rowsOf(one, other),
  },
  {
    name: "replace by another table",
    prepare: twoRows,
    run: onTable((table, session) =>
      table.replace(session, { ...definition, partitionBy: ["name"] }, "SELECT 1000 AS id, 'new' AS name"),
    ),
    after: rowsOf(next),
  },
  {
    name: "set a property",
    prepare: twoRows,
    run: onTable((table, session) => table.setProperties(session, { "delta.enableDeletionVectors": "true" })),
  },
  {
    name: "overwrite where",
    prepare: twoRows,
    run: onTable((table, session) =>
      table.write(session, {
        mode: "overwrite",
        replace: { where: "id > 1" },
        query: "SELECT 1000 AS id, 'new' AS name",
      }),
    ),
    after: rowsOf(one, next),
  },
  {
    name: "append to partitions",
    prepare: async ({ store }) => {
      await committed(Table.create(store, "ns/t", { ...definition, partitionBy: ["name"] }));
    },
    run: onTable((table, session) =>
      table.write(session, {
        mode: "append",
        query: "SELECT i AS id, 'p' || i % 4 AS name FROM range(12) r(i)",
      }),
    ),
    after: "SELECT i::BIGINT AS id, 'p' || i % 4 AS name FROM range(12) r(i)",
  },
  {
    name: "replace a file",
    prepare: twoRows,
    run: onTable(async (table, session) => {
      const [oldest] = (await table.snapshot()).files;
      return await table.write(session, {
        mode: "append",
        query: "SELECT 1000 AS id, 'new' AS name",
        removeFiles: ({ path }) => path === oldest!.path,
      });
    }),
    after: rowsOf(other, next),
  },
  {
    name: "append after a foreign commit, which is healed first",
    prepare: async (lake) => {
      await twoRows(lake);
      await foreignDelete(lake);
    },
    run: onTable((table, session) => table.write(session, { mode: "append", query: added })),
    after: rowsOf(other, next),
    foreign: true,
  },
  {
    name: "heal",
    prepare: async (lake) => {
      await twoRows(lake);
      await foreignDelete(lake);
    },
    run: async ({ store }) => await (await Table.open(store, "ns/t")).heal(),
    foreign: true,
  },
];
