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
import type { IcebergBase } from "../iceberg/prepare.ts";
import { icebergLocation, keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import { rowsVersion } from "../read.ts";
import { type DataFile, identifyingColumns } from "../snapshot.ts";
import type { Difference } from "./difference.ts";

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

/** A version in Delta's words. */
export interface ToldVersion {
  readonly timestampMs: number;
  readonly operation: string;
  readonly before: TableMeta | undefined;
  readonly meta: TableMeta;
  readonly adds: readonly NewFile[];
  readonly removes: readonly DataFile[];
  readonly changesRows: boolean;
}

/** The version in both formats' words. */
export interface NextVersion extends ToldVersion {
  readonly wanted: TableMetadata;
  readonly manifests: readonly ManifestFile[];
  /** What was written for it already. */
  readonly keys: readonly string[];
}

/** Writes the metadata of a version, and says what the Delta log has to hold. */
export async function prepareVersion(
  store: Store,
  folder: string,
  { state, side }: Partial<Ground>,
  { wanted, manifests, keys, ...told }: NextVersion,
): Promise<Adopted> {
  const { meta } = told;
  const identifying = identifyingColumns(meta.properties);
  const metadata: TableMetadata = {
    ...wanted,
    properties: icebergProperties(wanted.location, { ...meta, identifying }),
    "metadata-log": side === undefined ? [] : logWith(store, side, meta),
  };
  const version = (state?.version ?? -1) + 1;
  const name = `${String(version).padStart(5, "0")}-${newId()}.metadata.json`;
  const metadataKey = keyIn(folder, `_iceberg/${name}`);
  await putSurely(store, metadataKey, renderMetadata(metadata));
  return versionOf(store, folder, state, told, {
    metadata,
    metadataKey,
    manifests,
    keys: [metadataKey, ...keys],
  });
}

/** What the Delta log has to hold of a version whose Iceberg side is written. `keys`: of all that was written for it. */
export function versionOf(
  store: Store,
  folder: string,
  state: LogState | undefined,
  { timestampMs, operation, before, meta, adds, removes, changesRows }: ToldVersion,
  { keys, ...iceberg }: IcebergBase & Pick<Adopted, "keys">,
): Adopted {
  const txnId = randomUUID();
  const protocol = protocolFor(meta.schema, meta.properties, state?.protocol ?? protocolFloor);
  const sameMeta = before !== undefined && JSON.stringify(before) === JSON.stringify(meta);
  const sameRows = adds.length + removes.length === 0 || !changesRows;
  const body = renderCommit({
    store,
    timestampMs,
    operation,
    parameters: { catalog: "iceberg" },
    readVersion: state?.version,
    isBlindAppend: adds.length > 0 && removes.length === 0,
    txnId,
    icebergPath: iceberg.metadataKey.slice(keyIn(folder, "x").length - 1),
    ...(state !== undefined && sameRows && sameColumns(before!, meta)
      ? { provenance: state.commitInfo?.onecopy?.provenance, rowsOf: rowsVersion(state) }
      : { provenance: undefined }),
    protocol: protocol === state?.protocol ? undefined : protocol,
    metaData: sameMeta
      ? undefined
      : {
          id: iceberg.metadata["table-uuid"],
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
  return { body, txnId, side: { ...iceberg, version: (state?.version ?? -1) + 1 }, keys };
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
