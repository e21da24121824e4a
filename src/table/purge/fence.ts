import type { TableAccess } from "../access.ts";
import { readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { operationPurge } from "../delta/purged.ts";
import { incomplete } from "./incomplete.ts";

const attempts = 6;

/**
 * A version after which no write that began before it can commit, OneCopy's or another's, and whose Iceberg metadata tells
 * of nothing before it.
 */
export async function fence(table: TableAccess): Promise<number> {
  const { folder } = table;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const base = await table.state();
    const { schema, partitionColumns } = metaOf(folder, base, await table.iceberg(base));
    const outcome = await commit(table, base, {
      operation: operationPurge,
      parameters: {},
      reads: { reads: readsNothing, schema, partitionColumns },
      // Stated again as it is: other engines' writers give way to whoever states it.
      evolve: (before) => before,
      forgets: true,
      provenance: base.commitInfo?.onecopy?.provenance,
    });
    if (outcome.kind === "committed") return outcome.version;
  }
  throw incomplete(folder, "others change the table's schema or properties without pause");
}
