import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import { type Change, readsAll, readsNothing, type TableMeta } from "../commit/change.ts";
import { commit, settled } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import type { LogState } from "../delta/replay.ts";
import { copyToParquet } from "../parquet/copy.ts";
import { tagFieldIds } from "../scan/index.ts";
import type { CommitOutcome, DataFile } from "../snapshot.ts";
import { layoutOf } from "./layout.ts";
import type { WriteRequest } from "./request.ts";
import { withWrittenFiles } from "./written.ts";

/** Writes a query's rows as data files, then commits them. Files of a write that came to nothing are deleted. */
export async function write(
  table: TableAccess,
  session: Session,
  request: WriteRequest,
): Promise<CommitOutcome> {
  const base = await table.state();
  const early = settled(base, request);
  if (early !== undefined) return early;
  checkWritable(table.folder, base.protocol, base.metaData);
  const removes = await leaving(base, request);
  refuseAppendOnly(table.folder, base, removes);
  const meta = metaOf(table.folder, base, await table.iceberg(base));
  const written = await copyToParquet(session, table.store, table.folder, layoutOf(meta), request.query);
  return await withWrittenFiles(
    table,
    written.map(({ path }) => path),
    () =>
      commit(table, base, {
        ...changeOf(meta, removes, request),
        data: {
          adds: written.map((file) => ({ ...file, tags: { ...request.fileTags, [tagFieldIds]: "true" } })),
          removes,
          deletes: [],
          changesRows: true,
        },
      }),
  );
}

async function leaving(base: LogState, { mode, removeFiles }: WriteRequest): Promise<DataFile[]> {
  if (mode === "overwrite") return [...(await base.files())];
  return removeFiles === undefined ? [] : [...(await base.files())].filter(removeFiles);
}

/** Fails with `table.append_only` when rows would leave a table that forbids it. */
export function refuseAppendOnly(folder: string, base: LogState, removes: readonly DataFile[]): void {
  if (removes.length > 0 && base.metaData.configuration["delta.appendOnly"] === "true")
    throw new OneCopyError("table.append_only", `${folder} has delta.appendOnly: rows cannot be replaced.`, {
      remedy: "Append, or have the table's owner drop the property.",
    });
}

function changeOf(
  { schema, partitionColumns }: TableMeta,
  removes: readonly DataFile[],
  request: WriteRequest,
): Omit<Change, "data"> {
  const overwrite = request.mode === "overwrite";
  return {
    operation: "WRITE",
    parameters: { mode: overwrite ? "Overwrite" : "Append" },
    reads: {
      reads: overwrite ? readsAll : (request.removeFiles ?? readsNothing),
      schema,
      partitionColumns,
      isBlind: !overwrite && removes.length === 0 && request.removeFiles === undefined,
    },
    transactions: request.transactions,
    provenance: request.provenance,
    onlyIf: request.onlyIf,
  };
}
