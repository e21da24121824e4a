import { pathText } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import type { TableMeta } from "../commit/change.ts";
import { icebergData, newFile } from "../commit/records.ts";
import { hasFilesOutside } from "../elsewhere.ts";
import { filesToRewrite, rewritten } from "../evolve/rewrite.ts";
import type { TableMetadata } from "../iceberg/metadata.ts";
import { prepareIceberg } from "../iceberg/prepare.ts";
import { withLogEngine } from "../log-engine.ts";
import { keyIn } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { identifyingColumns } from "../snapshot.ts";
import type { Difference } from "./difference.ts";
import type { Mirrored } from "./mirror.ts";
import { type Adopted, type Ground, versionOf } from "./next-version.ts";
import { noEqual } from "./refuse.ts";

/** A change of columns that an Iceberg writer asks for, while files of before stay. */
export interface ColumnsChange {
  readonly wanted: TableMetadata;
  readonly difference: Difference;
  readonly before: TableMeta;
  readonly mirrored: Mirrored;
  readonly operation: string;
  readonly timestampMs: number;
}

/**
 * Writes the files again that Delta's readers, who find columns by name, would misread under the new schema, as `evolve` does: the
 * writer's metadata gets a snapshot of operation `replace` with them, and the Delta log hears of them in the same commit.
 * `undefined`: no file has to be. Fails with `table.rewrite_too_large`, and where rows are changed at once.
 */
export async function columnsAgain(
  store: Store,
  folder: string,
  { state, side }: Ground,
  { wanted, difference, before, mirrored: { meta, asks }, operation, timestampMs }: ColumnsChange,
): Promise<Adopted | undefined> {
  if (asks.rewrites.length + asks.returning.length === 0) return undefined;
  const now = await snapshotOf(store, folder, state);
  if (hasFilesOutside(now))
    throw noEqual(
      `${whyOf(asks)}, and files of ${folder} lie outside of its folder, where OneCopy neither reads nor writes them.`,
      "Replace the table with all of its rows (CREATE OR REPLACE TABLE … AS SELECT) under the new columns.",
    );
  const { removes, adds } = await withLogEngine(async (session) => {
    const files = await filesToRewrite(session, now, asks);
    if (files.length === 0) return { removes: files, adds: [] };
    refuseRows(difference, asks);
    const same = new Map<number, number>();
    return {
      removes: files,
      adds: await rewritten(session, { store, folder }, now, files, before, meta, same),
    };
  });
  if (removes.length === 0) return undefined;
  const keys = adds.map(({ path }) => keyIn(folder, path));
  try {
    const data = { adds, removes, deletes: [], changesRows: false };
    const prepared = await prepareIceberg(
      store,
      folder,
      wanted["table-uuid"],
      { ...side, metadata: wanted },
      {
        version: state.version + 1,
        timestampMs,
        schema: meta.schema,
        partitionColumns: meta.partitionColumns,
        keepsPartitions: true,
        properties: meta.properties,
        identifying: identifyingColumns(meta.properties),
        data: icebergData(store, folder, meta, wanted["partition-specs"], data),
      },
    );
    const told = {
      timestampMs,
      operation,
      before,
      meta,
      adds: adds.map((file) => newFile(file, meta, timestampMs)),
      removes,
      changesRows: false,
    };
    return versionOf(store, folder, state, told, {
      metadata: prepared.metadata,
      metadataKey: prepared.metadataKey,
      manifests: prepared.manifests,
      keys: [...keys, ...prepared.keys, ...prepared.addedKeys],
    });
  } catch (error) {
    for (const key of keys) await store.delete(key).catch(() => undefined);
    throw error;
  }
}

function refuseRows(
  { added, removed, addedDeletes, removedDeletes }: Difference,
  asks: Mirrored["asks"],
): void {
  if (added.length + removed.length + addedDeletes.length + removedDeletes.length === 0) return;
  throw noEqual(
    `${whyOf(asks)}, so that the table's files have to be written again, and the same commit changes rows.`,
    "Commit the change of columns by itself, and the rows after it.",
  );
}

function whyOf({ rewrites, returning }: Mirrored["asks"]): string {
  return [...rewrites, ...returning.map((path) => `${pathText(path)} was dropped and comes back`)].join(", ");
}
