import { Table } from "../../src/table/index.ts";
import {
  type Lake,
  type Run,
  added,
  committed,
  createNamed,
  definition,
  evolution,
  foreignDelete,
  next,
  onTable,
  one,
  other,
  rowsOf,
  twoRows,
} from "./lake.ts";
import { upkeepOperations } from "./upkeep-operation.ts";

/** Something that a writer does to the table `ns/t` while it is killed. */
export interface Operation {
  readonly name: string;
  /** The table before; without it there is none. */
  readonly prepare?: (lake: Lake) => Promise<void>;
  /** Run by the process that dies. */
  readonly run: Run;
  /** Rows afterwards, as a query; absent: the same as before. */
  readonly after?: string;
  /** Makes the table where a kill left none; absent: by its folder. */
  readonly create?: (lake: Lake) => Promise<Table>;
  /** So many foreign commits it prepares, which the Iceberg side may still lack when the writer dies. */
  readonly foreign?: number;
  /** A version that stays readable in both formats, however much is cleaned up. */
  readonly keeps?: number;
  /** Not one step: it changes nothing. */
  readonly changesNothing?: true;
  /** What else has to be true of the lake, whenever the writer died. */
  readonly check?: (lake: Lake) => Promise<void>;
  /** Long enough that kills at any moment hit the engine's work: those are tried as well. */
  readonly timed?: true;
}

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

const inPartitions =
  (byVectors: boolean) =>
  async ({ store, session }: Lake): Promise<void> => {
    const properties = byVectors ? { "delta.enableDeletionVectors": "true" } : {};
    await committed(Table.create(store, "ns/t", { ...definition, partitionBy: ["name"], properties }));
    const table = await Table.open(store, "ns/t");
    const query = "SELECT i AS id, 'p' || i % 2 AS name FROM range(6) r(i)";
    await committed(table.write(session, { mode: "append", query }));
  };
const sixRows = "SELECT i::BIGINT AS id, 'p' || i % 2 AS name FROM range(6) r(i)";

const partitionOperations: readonly Operation[] = [
  {
    name: "overwrite partitions",
    prepare: inPartitions(false),
    run: onTable((table, session) =>
      table.write(session, {
        mode: "overwrite",
        replace: "partitions",
        query: "SELECT 1000 AS id, 'p1' AS name",
      }),
    ),
    after: `SELECT * FROM (${sixRows}) WHERE name = 'p0' UNION ALL SELECT 1000, 'p1'`,
  },
  {
    name: "delete by deletion vector in partitions",
    prepare: inPartitions(true),
    run: onTable((table, session) => table.delete(session, { where: "id IN (1, 2)" })),
    after: `SELECT * FROM (${sixRows}) WHERE id NOT IN (1, 2)`,
  },
  {
    name: "merge by deletion vector in partitions",
    prepare: inPartitions(true),
    run: onTable((table, session) =>
      table.merge(session, {
        query: "SELECT * FROM (VALUES (2::BIGINT, 'p1'), (1000, 'p2')) v(id, name)",
        on: ["id"],
      }),
    ),
    after: `SELECT id, CASE id WHEN 2 THEN 'p1' ELSE name END AS name FROM (${sixRows}) UNION ALL SELECT 1000, 'p2'`,
  },
  {
    name: "switch deletion vectors off, which writes files again",
    prepare: async (lake) => {
      await inPartitions(true)(lake);
      await onTable((table, session) => table.delete(session, { where: "id = 4" }))(lake);
    },
    run: onTable((table, session) =>
      table.setProperties(session, { "delta.enableDeletionVectors": "false" }),
    ),
  },
];

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
    foreign: 1,
  },
  {
    name: "heal",
    prepare: async (lake) => {
      await twoRows(lake);
      await foreignDelete(lake);
    },
    run: async ({ store }) => await (await Table.open(store, "ns/t")).heal(),
    foreign: 1,
  },
  {
    name: "heal several commits at once",
    prepare: async (lake) => {
      await twoRows(lake);
      await foreignDelete(lake);
      await foreignDelete(lake);
    },
    run: async ({ store }) => await (await Table.open(store, "ns/t")).heal(),
    foreign: 2,
  },
  ...partitionOperations,
  ...upkeepOperations,
];
