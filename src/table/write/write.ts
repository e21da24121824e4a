import { OneCopyError } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import type { Schema } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
import { type Change, commit } from "./commit.ts";
import { checkReadable, checkWritable } from "./delta/feature.ts";
import type { LogState } from "./delta/replay.ts";
import { schemaFromDelta } from "./delta/schema.ts";
import { statsToDelta } from "./delta/stats.ts";
import type { FileSet } from "./file-set.ts";
import { heal } from "./heal.ts";
import { dataFileRecord } from "./iceberg/data-file.ts";
import { withIcebergIds } from "./iceberg/metadata.ts";
import { type WrittenFile, copyToParquet } from "./parquet/copy.ts";
import { icebergLocation, keyIn } from "./path.ts";
import { isDoubtful } from "./put-commit.ts";
import type { WriteRequest } from "./request.ts";
import { tagFieldIds } from "./scan.ts";
import { type CommitOutcome, type DataFile, identifyingColumns } from "./snapshot.ts";

/** Writes a query's rows as data files, then commits them. Files of a write that came to nothing are deleted. */
export async function write(
  session: Session,
  store: Store,
  folder: string,
  base: LogState,
  request: WriteRequest,
): Promise<CommitOutcome> {
  const early = known(base, request);
  if (early !== undefined) return early;
  const files = await base.files();
  checkReadable(folder, base.protocol, base.metaData, files);
  checkWritable(folder, base.protocol, base.metaData);
  const removes = leaving(files, request);
  if (removes.length > 0 && base.metaData.configuration["delta.appendOnly"] === "true")
    throw new OneCopyError("table.append_only", `${folder} has delta.appendOnly: rows cannot be replaced.`, {
      remedy: "Append, or have the table's owner drop the property.",
    });
  const iceberg = await heal(store, folder, base);
  const { schemaString, configuration } = base.metaData;
  const schema = withIcebergIds(schemaFromDelta(folder, schemaString, configuration), iceberg.metadata);
  const target = Number(base.metaData.configuration["delta.targetFileSize"]);
  const written = await copyToParquet(
    session,
    store,
    folder,
    {
      schema,
      partitionColumns: base.metaData.partitionColumns,
      ...(Number.isSafeInteger(target) && target > 0 ? { targetFileBytes: target } : {}),
    },
    request.query,
  );
  try {
    const change = changeOf(store, folder, base, schema, written, removes, request);
    const outcome = await commit(store, folder, base, iceberg, change);
    if (outcome.kind !== "committed") await discard(store, folder, written);
    return outcome;
  } catch (error) {
    // After the put of a commit whose end is not known, the files may be in the table.
    if (!isDoubtful(error)) await discard(store, folder, written);
    throw error;
  }
}

async function discard(store: Store, folder: string, files: readonly WrittenFile[]): Promise<void> {
  for (const { path } of files) await store.delete(keyIn(folder, path)).catch(() => undefined);
}

/** Spares writing the data when the answer is known before. */
function known(base: LogState, { transactions = [], onlyIf }: WriteRequest): CommitOutcome | undefined {
  const all = transactions.every(({ appId, version }) => (base.transactions.get(appId) ?? -1) >= version);
  if (transactions.length > 0 && all) return { kind: "already", version: base.version };
  return onlyIf === undefined || onlyIf === base.version
    ? undefined
    : { kind: "conflict", winner: base.version, reason: `the table is no longer at version ${onlyIf}` };
}

function leaving(files: FileSet, { mode, removeFiles }: WriteRequest): DataFile[] {
  if (mode === "overwrite") return [...files];
  return removeFiles === undefined ? [] : [...files].filter(removeFiles);
}

function changeOf(
  store: Store,
  folder: string,
  base: LogState,
  schema: Schema,
  written: readonly WrittenFile[],
  removes: readonly DataFile[],
  request: WriteRequest,
): Change {
  const identifying = identifyingColumns(base.metaData.configuration);
  const overwrite = request.mode === "overwrite";
  return {
    operation: "WRITE",
    parameters: { mode: overwrite ? "Overwrite" : "Append" },
    reads: {
      removes: new Set(removes.map(({ path }) => path)),
      wouldRemove: request.removeFiles ?? (() => false),
      replacesAll: overwrite,
      schema,
      changesSchema: false,
    },
    newSchema: undefined,
    newIdentifying: [],
    data: {
      adds: written.map(({ path, sizeBytes, statistics }) => ({
        path,
        sizeBytes,
        stats: statsToDelta(statistics, schema, identifying),
        tags: { ...request.fileTags, [tagFieldIds]: "true" },
      })),
      records: written.map(({ path, sizeBytes, statistics }) =>
        dataFileRecord(
          icebergLocation(store, keyIn(folder, path)),
          sizeBytes,
          statistics,
          schema,
          identifying,
        ),
      ),
      removes,
    },
    rows: written.reduce((sum, { statistics }) => sum + statistics.rows, 0),
    transactions: request.transactions ?? [],
    provenance: request.provenance,
    onlyIf: request.onlyIf,
  };
}
