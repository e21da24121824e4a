import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import { fieldNamed, physicalName } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { type Change, readsAll, readsNothing, type TableMeta } from "../commit/change.ts";
import { commit, settled } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import { type WrittenFile, copyToParquet } from "../parquet/copy.ts";
import { tagFieldIds } from "../scan/index.ts";
import type { CommitOutcome, DataFile } from "../snapshot.ts";
import { layoutOf } from "./layout.ts";
import type { WriteRequest } from "./request.ts";
import { refuseAppendOnly } from "./rows.ts";
import { overwriteWhere } from "./overwrite.ts";
import { withWrittenFiles } from "./written.ts";

/** Writes a query's rows as data files, then commits them. Files of a write that came to nothing are deleted. */
export async function write(
  table: TableAccess,
  session: Session,
  request: WriteRequest,
): Promise<CommitOutcome> {
  const { replace } = request;
  if (replace !== undefined && replace !== "partitions")
    return await overwriteWhere(table, session, request, replace.where);
  const base = await table.state();
  const early = settled(base, request);
  if (early !== undefined) return early;
  checkWritable(table.folder, base.protocol, base.metaData);
  const meta = metaOf(table.folder, base, await table.iceberg(base));
  const written = await copyToParquet(session, table.store, table.folder, layoutOf(meta), request.query);
  const replaced = replacedFiles(table.folder, meta, request, written);
  return await withWrittenFiles(
    table,
    written.map(({ path }) => path),
    async () => {
      const removes = replaced === undefined ? [] : [...(await base.files())].filter(replaced);
      refuseAppendOnly(table.folder, base, removes.length);
      return await commit(table, base, {
        ...changeOf(meta, replaced, request),
        data: {
          adds: written.map((file) => ({ ...file, tags: { ...request.fileTags, [tagFieldIds]: "true" } })),
          removes,
          deletes: [],
          changesRows: true,
        },
      });
    },
  );
}

/** Which files leave; `undefined`: none. */
function replacedFiles(
  folder: string,
  { schema, partitionColumns }: TableMeta,
  { mode, replace, removeFiles }: WriteRequest,
  written: readonly WrittenFile[],
): ((file: DataFile) => boolean) | undefined {
  if (mode === "append") return removeFiles;
  if (replace !== "partitions") return readsAll;
  if (partitionColumns.length === 0)
    throw new OneCopyError("table.partition_unsupported", `${folder} has no partitions to replace.`, {
      remedy: "Overwrite by a condition, or all of it.",
    });
  const columns = partitionColumns.map((name) => physicalName(fieldNamed(schema, name)!));
  const nameOf = (values: DataFile["partitionValues"]): string =>
    JSON.stringify(columns.map((name) => values[name] ?? null));
  const named = new Set(written.map(({ partitionValues }) => nameOf(partitionValues)));
  return ({ partitionValues }) => named.has(nameOf(partitionValues));
}

function changeOf(
  { schema, partitionColumns }: TableMeta,
  replaced: ((file: DataFile) => boolean) | undefined,
  request: WriteRequest,
): Omit<Change, "data"> {
  return {
    operation: "WRITE",
    parameters: { mode: request.mode === "overwrite" ? "Overwrite" : "Append" },
    reads: { reads: replaced ?? readsNothing, schema, partitionColumns, isBlind: replaced === undefined },
    transactions: request.transactions,
    provenance: request.provenance,
    onlyIf: request.onlyIf,
  };
}
