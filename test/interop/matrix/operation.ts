import type { Session } from "../../../src/engine/index.ts";
import type { CommitOutcome, Table } from "../../../src/table/index.ts";
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
  { name: "append, sorted", properties: { "onecopy.sort-order": "l" }, run: nothing },
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
      await committed(table.addColumns([{ name: "later", type: "double" }]));
      await committed(
        table.write(session, { mode: "append", query: "SELECT 9 AS k, 'new' AS s, 0.5 AS later" }),
      );
    },
    expected:
      "SELECT *, NULL::DOUBLE AS later FROM t UNION ALL BY NAME SELECT 9::BIGINT AS k, 'new' AS s, 0.5::DOUBLE AS later",
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
