import { OneCopyError } from "../../base/index.ts";
import type { Schema } from "../../schema/index.ts";
import type { IcebergSide, TableAccess } from "../access.ts";
import { renderCommit } from "../delta/commit-file.ts";
import { protocolFor } from "../delta/protocol.ts";
import type { LogState } from "../delta/replay.ts";
import { isMapped, schemaFromDelta } from "../delta/schema.ts";
import type { Ground } from "../heal/race.ts";
import { noDataChange } from "../iceberg/change.ts";
import { withIcebergIds } from "../iceberg/known-ids.ts";
import { type Attempts, type Prepared, prepareIceberg } from "../iceberg/prepare.ts";
import { expiredSnapshots } from "../maintain/expired-snapshots.ts";
import { retentionOf } from "../maintain/retention.ts";
import { keyIn } from "../path.ts";
import { rowsVersion } from "../read.ts";
import { type Protocol, identifyingColumns } from "../snapshot.ts";
import type { Change, DeletedRows, TableMeta } from "./change.ts";
import { withDeletedRows } from "./deleted-rows.ts";
import { hiddenLeaves, withoutBounds } from "./hidden-bounds.ts";
import { icebergData, newFile } from "./records.ts";

/** What a table is at a version, with the ids of its Iceberg side. */
export function metaOf(folder: string, state: LogState, iceberg: IcebergSide): TableMeta {
  const { metaData } = state;
  const { idsAreWritten: _, ...delta } = schemaFromDelta(
    folder,
    metaData.schemaString,
    metaData.configuration,
  );
  return {
    schema: withIcebergIds(delta, iceberg.metadata, isMapped(metaData.configuration)),
    partitionColumns: metaData.partitionColumns,
    properties: metaData.configuration,
    name: metaData.name,
    description: metaData.description,
  };
}

/** Writes the Iceberg side of the next version, and says what the commit's file has to hold. */
export async function prepareCommit(
  { store, folder }: TableAccess,
  state: LogState,
  { iceberg, since }: Ground,
  change: Change,
  txnId: string,
  attempts: Attempts,
): Promise<{ body: string; iceberg: Prepared; protocol: Protocol }> {
  const timestampMs = Math.max(Date.now(), state.timestampMs + 1);
  const before = metaOf(folder, state, iceberg);
  const meta = change.evolve?.(before) ?? before;
  const identifying = identifyingColumns(meta.properties);
  const protocol = protocolFor(meta.schema, meta.properties, state.protocol);
  const hidden = hiddenLeaves(before, meta);
  const leaving = new Set(change.data?.removes.map(({ path }) => path) ?? []);
  const restated = hidden.length === 0 ? [] : [...withoutBounds(await state.files(), hidden, leaving)];
  const data =
    change.data && icebergData(store, folder, meta, iceberg.metadata["partition-specs"], change.data);
  const prepared = await prepareIceberg(
    store,
    folder,
    state.metaData.id,
    iceberg,
    {
      version: state.version + 1,
      timestampMs,
      schema: meta.schema,
      partitionColumns: meta.partitionColumns,
      keepsPartitions: JSON.stringify(meta.partitionColumns) === JSON.stringify(before.partitionColumns),
      properties: meta.properties,
      identifying,
      expired: new Set([...(change.expired ?? []), ...dueSnapshots(iceberg, meta, timestampMs)]),
      since,
      forgets: change.forgets,
      data:
        hidden.length === 0
          ? data
          : {
              ...(data ?? { ...noDataChange, changesRows: false }),
              withoutBounds: new Set(hidden.map(({ id }) => id)),
            },
    },
    attempts,
  );
  const body = renderCommit({
    store,
    timestampMs,
    operation: change.operation,
    parameters: change.parameters,
    readVersion: state.version,
    isBlindAppend: isBlindAppend(change),
    txnId,
    icebergPath: prepared.metadataKey.slice(keyIn(folder, "x").length - 1),
    ...(isMaintenance(change, before, meta)
      ? { provenance: state.commitInfo?.onecopy?.provenance, rowsOf: rowsVersion(state) }
      : { provenance: change.provenance }),
    protocol: protocol === state.protocol ? undefined : protocol,
    metaData: mustWriteMeta(folder, state, meta.schema, change)
      ? {
          id: state.metaData.id,
          name: meta.name,
          description: meta.description,
          createdTimeMs: state.metaData.createdTime,
          schema: meta.schema,
          partitionColumns: meta.partitionColumns,
          configuration: meta.properties,
        }
      : undefined,
    transactions: change.transactions ?? [],
    adds: [
      ...(change.data?.adds ?? []).map((file) => newFile(file, meta, timestampMs)),
      ...(change.data?.deletes ?? []).map(({ file, vector }) => withDeletedRows(file, vector.delta)),
      ...restated,
    ],
    removes: [...(change.data?.removes ?? []), ...(change.data?.deletes ?? []).map(fileOf)],
    changesRows: change.data?.changesRows ?? restated.length === 0,
  });
  return { body, iceberg: prepared, protocol };
}

/** Every commit drops the snapshots that the table keeps no longer, so that metadata stays small without anybody's care. */
function dueSnapshots({ metadata }: IcebergSide, { properties }: TableMeta, nowMs: number): Set<bigint> {
  try {
    return expiredSnapshots(metadata, retentionOf(properties), nowMs);
  } catch (error) {
    // A property that somebody else set, and that says no time: vacuum names it, a write is not held up.
    if (error instanceof OneCopyError) return new Set();
    throw error;
  }
}

/** What leaves the table as it is, so that nothing made from it is out of date. */
function isMaintenance({ data, transactions = [] }: Change, before: TableMeta, after: TableMeta): boolean {
  const columns = ({ schema, partitionColumns }: TableMeta): string =>
    JSON.stringify([schema.fields, partitionColumns]);
  const sameColumns = before === after || columns(before) === columns(after);
  return sameColumns && transactions.length === 0 && data?.changesRows !== true;
}

function fileOf({ file }: DeletedRows) {
  return file;
}

/** Delta protocol, "commitInfo": a commit that only adds rows, and has read none. */
function isBlindAppend({ data, reads, evolve }: Change): boolean {
  const appends = data !== undefined && data.removes.length === 0 && data.deletes.length === 0;
  return appends && evolve === undefined && reads.isBlind === true;
}

/** The ids count that the Iceberg side gave; where the Delta side does not state them, the commit does. */
function mustWriteMeta(folder: string, state: LogState, schema: Schema, { evolve }: Change): boolean {
  if (evolve !== undefined) return true;
  const { schemaString, configuration } = state.metaData;
  const { idsAreWritten, ...delta } = schemaFromDelta(folder, schemaString, configuration);
  return !idsAreWritten || JSON.stringify(delta.fields) !== JSON.stringify(schema.fields);
}
