import type { Session } from "../../../src/engine/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { type CommitOutcome, Table, type TableChange } from "../../../src/table/index.ts";
import type { Spark } from "../spark/spark.ts";
import type { TestLake } from "../table/lake.ts";
import { columns, rowsQuery } from "./column.ts";

export interface Bench {
  readonly lake: TestLake;
  readonly session: Session;
  readonly spark: Spark;
  /** delta-rs on the table's folder: see delta_rs.py. */
  readonly deltaRs: (folder: string, ...operations: string[]) => Promise<void>;
}

/** Something that is done to the table of four rows in two files; then all readers read it. */
export interface MatrixOperation {
  readonly name: string;
  readonly partitionBy?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  /** Gives the table to read, when that is another one. */
  readonly run: (bench: Bench, table: Table, folder: string) => Promise<unknown>;
  /** What the table holds afterwards, as a query over `t`, the four rows; default: the four rows. */
  readonly expected?: string;
  /** It is run each time, not only when the page is made. */
  readonly brief?: true;
  /** The version that is read; default: the newest. */
  readonly version?: number;
}

const first = rowsQuery(columns, 0);

async function committed(outcome: Promise<CommitOutcome>): Promise<void> {
  const found = await outcome;
  if (found.kind !== "committed") throw new Error(JSON.stringify(found));
}

const evolution =
  (...changes: TableChange[]): MatrixOperation["run"] =>
  ({ session }, table) =>
    committed(table.evolve(session, changes));

/** Statements of Spark on the table; `$T` is its name. */
const sparkSql =
  (...statements: string[]): MatrixOperation["run"] =>
  async ({ spark }, _table, folder) => {
    for (const statement of statements) await spark.sql(statement.replace("$T", `delta.\`${folder}\``));
  };

const deltaRs =
  (...operations: string[]): MatrixOperation["run"] =>
  async (bench, _table, folder) => {
    await bench.deltaRs(folder, ...operations);
  };

const nothing = async (): Promise<void> => undefined;
const plusNine = "SELECT * FROM t UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s";
const changedTwo = "SELECT * REPLACE (CASE WHEN k = 2 THEN 'changed' ELSE s END AS s) FROM t";

const vectors = { "delta.enableDeletionVectors": "true" };
const deletion: MatrixOperation["run"] = ({ session }, table) =>
  committed(table.delete(session, { where: "k = 2" }));
const updating: MatrixOperation["run"] = ({ session }, table) =>
  committed(table.update(session, { where: "k = 2", set: { s: "'changed'" } }));
const merging: MatrixOperation["run"] = ({ session }, table) =>
  committed(
    table.merge(session, {
      query:
        "SELECT * FROM (VALUES (2::BIGINT, 'changed', false), (4, NULL, true), (9, 'new', false)) v(k, s, gone)",
      on: ["k"],
      deleteColumn: "gone",
    }),
  );
const merged = `SELECT * FROM (${changedTwo}) WHERE k <> 4 UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s`;
const twice: MatrixOperation["run"] = async (bench, table, folder) => {
  await deletion(bench, table, folder);
  await committed(table.delete(bench.session, { where: "k = 1 OR k = 3" }));
};

const own: readonly MatrixOperation[] = [
  { name: "append", run: nothing, brief: true },
  { name: "append to partitions", partitionBy: ["by", "dt"], run: nothing },
  { name: "append, sorted", properties: { "onecopy.sort-by": '["l"]' }, run: nothing },
  {
    name: "overwrite",
    run: ({ session }, table) => committed(table.write(session, { mode: "overwrite", query: first })),
    expected: "SELECT * FROM t WHERE k = 1",
  },
  {
    name: "an earlier version",
    run: ({ session }, table) => committed(table.write(session, { mode: "overwrite", query: first })),
    version: 2,
  },
  {
    name: "overwrite where",
    run: ({ session }, table) =>
      committed(
        table.write(session, {
          mode: "overwrite",
          replace: { where: "k > 2" },
          query: "SELECT 9 AS k, 'new' AS s",
        }),
      ),
    expected: "SELECT * FROM t WHERE k <= 2 UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s",
  },
  {
    name: "overwrite partitions",
    partitionBy: ["bo"],
    run: ({ session }, table) =>
      committed(
        table.write(session, {
          mode: "overwrite",
          replace: "partitions",
          query: "SELECT 9 AS k, 'new' AS s, true AS bo",
        }),
      ),
    expected:
      "SELECT * FROM t WHERE bo IS DISTINCT FROM true UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s, true AS bo",
  },
  { name: "delete", run: deletion, expected: "SELECT * FROM t WHERE k <> 2" },
  { name: "update", run: updating, expected: changedTwo },
  { name: "merge", run: merging, expected: merged },
  {
    name: "delete by deletion vector",
    properties: vectors,
    run: deletion,
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "delete by deletion vector, partitions",
    brief: true,
    properties: vectors,
    partitionBy: ["by", "dt"],
    run: deletion,
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "delete twice by deletion vector",
    properties: vectors,
    run: twice,
    expected: "SELECT * FROM t WHERE k = 4",
  },
  { name: "update by deletion vector", properties: vectors, run: updating, expected: changedTwo },
  { name: "merge by deletion vector", brief: true, properties: vectors, run: merging, expected: merged },
  {
    name: "restore",
    run: async (bench, table, folder) => {
      await deletion(bench, table, folder);
      await committed(table.restore({ version: 2 }));
    },
  },
  {
    name: "switch deletion vectors off",
    properties: vectors,
    run: async (bench, table, folder) => {
      await deletion(bench, table, folder);
      await committed(table.setProperties(bench.session, { "delta.enableDeletionVectors": "false" }));
    },
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  { name: "compact", run: ({ session }, table) => table.compact(session) },
  {
    name: "delete by deletion vector, compact, vacuum",
    properties: {
      ...vectors,
      "delta.deletedFileRetentionDuration": "interval 0 seconds",
    },
    partitionBy: ["by", "dt"],
    run: async (bench, table, folder) => {
      await deletion(bench, table, folder);
      await table.compact(bench.session);
      await table.vacuum({ graceMs: 0, nowMs: Date.now() + 60_000 });
    },
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "checkpoint, log cleaned up",
    brief: true,
    properties: {
      "delta.checkpointInterval": "2",
      "delta.logRetentionDuration": "interval 0 seconds",
      "delta.deletedFileRetentionDuration": "interval 0 seconds",
    },
    run: async (bench, table, folder) => {
      await table.settled();
      await deletion(bench, table, folder);
      await updating(bench, table, folder);
      await table.settled();
    },
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "purge",
    run: ({ session }, table) => table.purge(session, { columns: ["k"], values: ["2"] }),
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "shallow clone",
    brief: true,
    run: async ({ lake }, table) => {
      await committed(table.clone(`${table.folder}-clone`));
      return await Table.open(lake.store, `${table.folder}-clone`);
    },
  },
  {
    name: "create or replace",
    partitionBy: ["by"],
    run: ({ session }, table) =>
      committed(
        table.replace(
          session,
          {
            schema: schemaOf([
              { name: "s", type: "BIGINT" },
              { name: "k", type: "BIGINT" },
            ]),
          },
          "SELECT 1::BIGINT AS s, 2::BIGINT AS k",
        ),
      ),
    expected: "SELECT 1::BIGINT AS s, 2::BIGINT AS k",
  },
  {
    name: "add a column",
    run: async ({ session }, table) => {
      await committed(table.evolve(session, [{ kind: "add", path: ["later"], type: "double" }]));
      await committed(
        table.write(session, { mode: "append", query: "SELECT 9 AS k, 'new' AS s, 0.5::DOUBLE AS later" }),
      );
    },
    expected:
      "SELECT *, NULL::DOUBLE AS later FROM t UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s, 0.5::DOUBLE AS later",
  },
  {
    name: "add a field of a struct",
    run: evolution({ kind: "add", path: ["st", "z"], type: "string" }),
    expected:
      "SELECT * REPLACE (CASE WHEN st IS NULL THEN NULL ELSE struct_insert(st, z := NULL::VARCHAR) END AS st) FROM t",
  },
  {
    name: "drop columns and a field",
    run: evolution(
      { kind: "drop", path: ["d"] },
      { kind: "drop", path: ["m"] },
      { kind: "drop", path: ["st", "s"] },
    ),
    expected:
      "SELECT * EXCLUDE (d, m) REPLACE (CASE WHEN st IS NULL THEN NULL ELSE {'a': st.a, 'l': st.l} END AS st) FROM t",
  },
  {
    name: "drop a column and add it again",
    run: async ({ session }, table) => {
      await committed(table.evolve(session, [{ kind: "drop", path: ["s"] }]));
      await committed(table.evolve(session, [{ kind: "add", path: ["s"], type: "string" }]));
    },
    expected: "SELECT * EXCLUDE (s), NULL::VARCHAR AS s FROM t",
  },
  {
    name: "rename a column and a field",
    brief: true,
    run: evolution(
      { kind: "rename", path: ["long text"], to: "renamed" },
      { kind: "rename", path: ["st", "a"], to: "b" },
    ),
    expected:
      "SELECT * REPLACE (CASE WHEN st IS NULL THEN NULL ELSE {'b': st.a, 's': st.s, 'l': st.l} END AS st) RENAME (\"long text\" AS renamed) FROM t",
  },
  {
    name: "reorder columns and fields",
    run: evolution(
      { kind: "move", path: ["s"], position: "first" },
      { kind: "move", path: ["st", "l"], position: "first" },
    ),
    expected:
      "SELECT s, * EXCLUDE (s) REPLACE (CASE WHEN st IS NULL THEN NULL ELSE {'l': st.l, 'a': st.a, 's': st.s} END AS st) FROM t",
  },
  {
    name: "widen float to double, decimal(9, 2) to decimal(20, 2)",
    run: evolution(
      { kind: "widen", path: ["f"], type: "double" },
      { kind: "widen", path: ["d9"], type: { kind: "decimal", precision: 20, scale: 2 } },
    ),
    expected: "SELECT * REPLACE (f::DOUBLE AS f, d9::DECIMAL(20,2) AS d9) FROM t",
  },
  {
    name: "widen byte, short and integer to long",
    run: evolution(
      { kind: "widen", path: ["by"], type: "long" },
      { kind: "widen", path: ["sh"], type: "long" },
      { kind: "widen", path: ["i"], type: "long" },
    ),
    expected: 'SELECT * REPLACE ("by"::BIGINT AS "by", sh::BIGINT AS sh, i::BIGINT AS i) FROM t',
  },
  {
    name: "comments, and a column that may not be null",
    run: evolution(
      { kind: "comment", path: ["s"], comment: "žluť | 🐎" },
      { kind: "set-nullable", path: ["k"], nullable: false },
    ),
  },
];

const foreign: readonly MatrixOperation[] = [
  { name: "delta-rs: append", run: deltaRs("append"), expected: plusNine },
  { name: "delta-rs: delete", run: deltaRs("delete"), expected: "SELECT * FROM t WHERE k <> 2" },
  { name: "delta-rs: update", run: deltaRs("update"), expected: changedTwo },
  {
    name: "delta-rs: merge",
    run: deltaRs("merge"),
    expected: `${changedTwo} UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s`,
  },
  { name: "delta-rs: compact, vacuum", run: deltaRs("compact", "vacuum") },
  { name: "delta-rs: checkpoint", run: deltaRs("checkpoint") },
  { name: "Spark: INSERT", run: sparkSql("INSERT INTO $T (k, s) VALUES (9, 'new')"), expected: plusNine },
  {
    name: "Spark: INSERT into partitions",
    partitionBy: ["by", "dt"],
    run: sparkSql("INSERT INTO $T (k, s, by, dt) VALUES (9, 'new', 5, DATE '2020-01-01')"),
    expected: `${plusNine.replace("'new' AS s", `'new' AS s, 5::TINYINT AS "by", DATE '2020-01-01' AS dt`)}`,
  },
  {
    name: "Spark: DELETE",
    run: sparkSql("DELETE FROM $T WHERE k = 2"),
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "Spark: DELETE by deletion vector",
    properties: vectors,
    run: sparkSql("DELETE FROM $T WHERE k = 2"),
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "Spark: UPDATE",
    run: sparkSql("UPDATE $T SET s = 'changed' WHERE k = 2"),
    expected: changedTwo,
  },
  {
    name: "Spark: UPDATE by deletion vector",
    properties: vectors,
    run: sparkSql("UPDATE $T SET s = 'changed' WHERE k = 2"),
    expected: changedTwo,
  },
  {
    name: "Spark: MERGE",
    brief: true,
    run: sparkSql(
      `MERGE INTO $T AS t USING (SELECT * FROM VALUES (2L, 'changed'), (9L, 'new') AS v(k, s)) AS v ON t.k = v.k
       WHEN MATCHED THEN UPDATE SET s = v.s WHEN NOT MATCHED THEN INSERT (k, s) VALUES (v.k, v.s)`,
    ),
    expected: `${changedTwo} UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s`,
  },
  { name: "Spark: OPTIMIZE", run: sparkSql("OPTIMIZE $T") },
  { name: "Spark: OPTIMIZE, VACUUM", run: sparkSql("OPTIMIZE $T", "VACUUM $T RETAIN 0 HOURS") },
  {
    // Spark changes no schema in which a name holds a blank.
    name: "rename a column, Spark: ADD COLUMN, INSERT",
    run: async (bench, table, folder) => {
      await evolution({ kind: "rename", path: ["long text"], to: "renamed" })(bench, table, folder);
      await sparkSql("ALTER TABLE $T ADD COLUMN later DOUBLE", "INSERT INTO $T (k, s) VALUES (9, 'new')")(
        bench,
        table,
        folder,
      );
    },
    expected: `SELECT * RENAME ("long text" AS renamed), NULL::DOUBLE AS later FROM (${plusNine})`,
  },
];

export const operations: readonly MatrixOperation[] = [...own, ...foreign];
