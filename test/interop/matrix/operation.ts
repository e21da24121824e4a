import type { Session } from "../../../src/engine/index.ts";
import type { CommitOutcome, Table, TableChange } from "../../../src/table/index.ts";
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
  readonly run: (bench: Bench, table: Table, folder: string) => Promise<unknown>;
  /** What the table holds afterwards, as a query over `t`, the four rows; default: the four rows. */
  readonly expected?: string;
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

const vectors = "ALTER TABLE $T SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')";
const nothing = async (): Promise<void> => undefined;
const plusNine = "SELECT * FROM t UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s";
const changedTwo = "SELECT * REPLACE (CASE WHEN k = 2 THEN 'changed' ELSE s END AS s) FROM t";

const own: readonly MatrixOperation[] = [
  { name: "append", run: nothing },
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
    run: evolution(
      { kind: "rename", path: ["long text"], to: "renamed" },
      { kind: "rename", path: ["st", "a"], to: "b" },
    ),
    expected:
      "SELECT * RENAME (\"long text\" AS renamed) REPLACE (CASE WHEN st IS NULL THEN NULL ELSE {'b': st.a, 's': st.s, 'l': st.l} END AS st) FROM t",
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
    expected: "SELECT * REPLACE (by::BIGINT AS by, sh::BIGINT AS sh, i::BIGINT AS i) FROM t",
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
    expected: `${plusNine.replace("'new' AS s", "'new' AS s, 5::TINYINT AS by, DATE '2020-01-01' AS dt")}`,
  },
  {
    name: "Spark: DELETE",
    run: sparkSql("DELETE FROM $T WHERE k = 2"),
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "Spark: DELETE by deletion vector",
    run: sparkSql(vectors, "DELETE FROM $T WHERE k = 2"),
    expected: "SELECT * FROM t WHERE k <> 2",
  },
  {
    name: "Spark: UPDATE",
    run: sparkSql("UPDATE $T SET s = 'changed' WHERE k = 2"),
    expected: changedTwo,
  },
  {
    name: "Spark: UPDATE by deletion vector",
    run: sparkSql(vectors, "UPDATE $T SET s = 'changed' WHERE k = 2"),
    expected: changedTwo,
  },
  {
    name: "Spark: MERGE",
    run: sparkSql(
      `MERGE INTO $T AS t USING (SELECT * FROM VALUES (2L, 'changed'), (9L, 'new') AS v(k, s)) AS v ON t.k = v.k
       WHEN MATCHED THEN UPDATE SET s = v.s WHEN NOT MATCHED THEN INSERT (k, s) VALUES (v.k, v.s)`,
    ),
    expected: `${changedTwo} UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s`,
  },
  { name: "Spark: OPTIMIZE", run: sparkSql("OPTIMIZE $T") },
  { name: "Spark: OPTIMIZE, VACUUM", run: sparkSql("OPTIMIZE $T", "VACUUM $T RETAIN 0 HOURS") },
  {
    name: "Spark: ADD COLUMN, INSERT",
    run: sparkSql("ALTER TABLE $T ADD COLUMN later DOUBLE", "INSERT INTO $T (k, s) VALUES (9, 'new')"),
    expected: `SELECT *, NULL::DOUBLE AS later FROM (${plusNine})`,
  },
];

export const operations: readonly MatrixOperation[] = [...own, ...foreign];
