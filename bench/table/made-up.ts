import { readsNothing } from "../../src/table/commit/change.ts";
import { commit } from "../../src/table/commit/commit.ts";
import type { Table } from "../../src/table/index.ts";

/** Files of a table (id BIGINT, name VARCHAR, amount DOUBLE) that are only in the logs: file i has the ids from i × 1000 on. */
export async function addMadeUpFiles(table: Table, count: number): Promise<void> {
  const base = await table.state();
  const { schema } = await table.snapshot();
  const adds = Array.from({ length: count }, (_, i) => ({
    path: `data/made-up-${i}.parquet`,
    sizeBytes: 1_000_000,
    statistics: {
      rows: 1000,
      columns: new Map([
        [1, { nulls: 0, lower: BigInt(i * 1000), upper: BigInt(i * 1000 + 999) }],
        [2, { nulls: 3, lower: `a ${i}`, upper: `b ${i}` }],
        [3, { nulls: 0, lower: 0, upper: i }],
      ]),
    },
    partitionValues: {},
    tags: { "onecopy.field-ids": "true" },
  }));
  const outcome = await commit(table, base, {
    operation: "WRITE",
    parameters: {},
    reads: { reads: readsNothing, schema, partitionColumns: [] },
    data: { adds, removes: [], deletes: [], changesRows: true },
  });
  if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
}
