import { randomUUID } from "node:crypto";
import { newId } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import type { IcebergSide } from "../access.ts";
import type { TableMeta } from "../commit/change.ts";
import { type NewFile, renderCommit } from "../delta/commit-file.ts";
import { protocolFloor, protocolFor } from "../delta/protocol.ts";
import type { LogState } from "../delta/replay.ts";
import type { ManifestFile } from "../iceberg/manifest-list.ts";
import { type TableMetadata, renderMetadata } from "../iceberg/metadata.ts";
import { earlierFiles, icebergProperties } from "../iceberg/next-metadata.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import { rowsVersion } from "../read.ts";
import { type DataFile, identifyingColumns } from "../snapshot.ts";
import type { Difference } from "./difference.ts";
import type { Before } from "./mirror.ts";

/** A version that an Iceberg writer asks for, ready to be put: its metadata is there, and nothing points at it. */
export interface Adopted {
  readonly body: string;
  readonly txnId: string;
  readonly side: IcebergSide;
  /** What was written for this version alone. */
  readonly keys: readonly string[];
}

/** The table before, in both formats. */
export interface Ground {
  readonly state: LogState;
  readonly side: IcebergSide;
}

/** A commit as its writer made it, and what Delta is to hear of its files. */
export interface Asked {
  readonly wanted: TableMetadata;
  readonly manifests: readonly ManifestFile[];
  readonly difference: Difference;
  readonly meta: TableMeta;
  readonly adds: readonly NewFile[];
  readonly removes: readonly DataFile[];
  readonly timestampMs: number;
}

/** The version in both formats' words. */
export interface NextVersion {
  readonly timestampMs: number;
  readonly operation: string;
  readonly wanted: TableMetadata;
  readonly manifests: readonly ManifestFile[];
  readonly before: Before | undefined;
  readonly meta: TableMeta;
  readonly adds: readonly NewFile[];
  readonly removes: readonly DataFile[];
  readonly changesRows: boolean;
  /** What was written for it already. */
  readonly keys: readonly string[];
}

/** Writes the metadata of a version, and says what the Delta log has to hold. */
export async function prepareVersion(
  store: Store,
  folder: string,
  { state, side }: Partial<Ground>,
  { wanted, manifests, before, meta, adds, removes, changesRows, ...next }: NextVersion,
): Promise<Adopted> {
  const { timestampMs } = next;
  const version = (state?.version ?? -1) + 1;
  const identifying = identifyingColumns(meta.properties);
  const metadata: TableMetadata = {
    ...wanted,
    properties: icebergProperties(wanted.location, { ...meta, identifying }),
    "metadata-log": side === undefined ? [] : logWith(store, side, meta),
  };
  const name = `${String(version).padStart(5, "0")}-${newId()}.metadata.json`;
  const metadataKey = keyIn(folder, `_iceberg/${name}`);
  await putSurely(store, metadataKey, renderMetadata(metadata));
  const txnId = randomUUID();
  const protocol = protocolFor(meta.schema, meta.properties, state?.protocol ?? protocolFloor);
  const sameMeta = before !== undefined && JSON.stringify(before.meta) === JSON.stringify(meta);
  const sameRows = adds.length + removes.length === 0 || !changesRows;
  const body = renderCommit({
    store,
    timestampMs,
    operation: next.operation,
    parameters: { catalog: "iceberg" },
    readVersion: state?.version,
    isBlindAppend: adds.length > 0 && removes.length === 0,
    txnId,
    icebergPath: `_iceberg/${name}`,
    ...(state !== undefined && sameRows && sameColumns(before!.meta, meta)
      ? { provenance: state.commitInfo?.onecopy?.provenance, rowsOf: rowsVersion(state) }
      : { provenance: undefined }),
    protocol: protocol === state?.protocol ? undefined : protocol,
    metaData: sameMeta
      ? undefined
      : {
          id: metadata["table-uuid"],
          name: meta.name,
          description: meta.description,
          createdTimeMs: state?.metaData.createdTime ?? timestampMs,
          schema: meta.schema,
          partitionColumns: meta.partitionColumns,
          configuration: meta.properties,
        },
    transactions: [],
    adds,
    removes,
    changesRows,
  });
  return {
    body,
    txnId,
    side: { metadata, metadataKey, manifests, version },
    keys: [metadataKey, ...next.keys],
  };
}

function logWith(store: Store, { metadata, metadataKey }: IcebergSide, meta: TableMeta) {
  const earlier = {
    "metadata-file": icebergLocation(store, metadataKey),
    "timestamp-ms": metadata["last-updated-ms"],
  };
  return [...metadata["metadata-log"], earlier].slice(-earlierFiles(meta.properties));
}

function sameColumns(a: TableMeta, b: TableMeta): boolean {
  const columns = ({ schema, partitionColumns }: TableMeta): string =>
    JSON.stringify([schema.fields, partitionColumns]);
  return columns(a) === columns(b);
}
