import type { Schema } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import { encodePath } from "../path.ts";
import { withoutOwnStatistics } from "../property.ts";
import {
  type DataFile,
  type DeletionVector,
  type Protocol,
  type Provenance,
  identifyingColumns,
} from "../snapshot.ts";
import { hasBounds, isIdentifying, statisticsLeaves } from "../statistics.ts";
import { isMapped, propertyLastFieldId, schemaToDelta } from "./schema.ts";

const engineInfo = "OneCopy/0.1.0";

export interface CommitContent {
  readonly store: Store;
  readonly timestampMs: number;
  /** Delta's name of what was done: `WRITE`, `MERGE`, `OPTIMIZE`. */
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly readVersion: number | undefined;
  readonly isBlindAppend: boolean;
  /** Unique to the attempt: an outcome that is not known is settled by it. */
  readonly txnId: string;
  /** In the table's folder. */
  readonly icebergPath: string;
  readonly provenance: Provenance | undefined;
  /** The version that has the same rows, for a commit that changes none. */
  readonly rowsOf?: number | undefined;
  readonly protocol: Protocol | undefined;
  readonly metaData: MetaData | undefined;
  readonly transactions: readonly { readonly appId: string; readonly version: number }[];
  readonly adds: readonly NewFile[];
  readonly removes: readonly DataFile[];
  /** False: the rows are the same as before, in other files. */
  readonly changesRows: boolean;
}

export interface MetaData {
  readonly id: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly createdTimeMs: number | undefined;
  readonly schema: Schema;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
}

export interface NewFile {
  readonly path: string;
  /** Of a file that is there already: see `DataFile`. */
  readonly statedPath?: string | undefined;
  readonly sizeBytes: number;
  readonly stats: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly modifiedMs: number;
  readonly deletionVector?: DeletionVector | undefined;
}

/** Delta protocol, "Delta Log Entries": one action a line. */
export function renderCommit(content: CommitContent): string {
  const { timestampMs } = content;
  const actions: object[] = [
    {
      commitInfo: {
        timestamp: timestampMs,
        operation: content.operation,
        operationParameters: content.parameters,
        ...(content.readVersion === undefined ? {} : { readVersion: content.readVersion }),
        isBlindAppend: content.isBlindAppend,
        engineInfo,
        txnId: content.txnId,
        onecopy: { iceberg: content.icebergPath, provenance: content.provenance, rowsOf: content.rowsOf },
      },
    },
  ];
  if (content.protocol !== undefined) actions.push({ protocol: content.protocol });
  if (content.metaData !== undefined) actions.push({ metaData: renderMetaData(content.metaData) });
  for (const { appId, version } of content.transactions)
    actions.push({ txn: { appId, version, lastUpdated: timestampMs } });
  for (const file of content.removes)
    actions.push({
      remove: {
        path: file.statedPath ?? encodePath(content.store, file.path),
        deletionTimestamp: timestampMs,
        dataChange: content.changesRows,
        extendedFileMetadata: true,
        partitionValues: file.partitionValues,
        size: file.sizeBytes,
        ...(file.deletionVector === undefined ? {} : { deletionVector: file.deletionVector }),
      },
    });
  for (const file of content.adds)
    actions.push({
      add: {
        path: file.statedPath ?? encodePath(content.store, file.path),
        partitionValues: file.partitionValues,
        size: file.sizeBytes,
        modificationTime: file.modifiedMs,
        dataChange: content.changesRows,
        stats: file.stats,
        tags: file.tags,
        ...(file.deletionVector === undefined ? {} : { deletionVector: file.deletionVector }),
      },
    });
  return actions.map((action) => `${JSON.stringify(action)}\n`).join("");
}

function renderMetaData(metaData: MetaData): object {
  return {
    id: metaData.id,
    name: metaData.name,
    description: metaData.description,
    format: { provider: "parquet", options: {} },
    schemaString: schemaToDelta(metaData.schema, metaData.configuration),
    partitionColumns: metaData.partitionColumns,
    configuration: {
      ...withForeignStatistics(metaData),
      [propertyLastFieldId]: String(metaData.schema.lastFieldId),
      ...(isMapped(metaData.configuration)
        ? { "delta.columnMapping.maxColumnId": String(metaData.schema.lastFieldId) }
        : {}),
    },
    createdTime: metaData.createdTimeMs,
  };
}

/** Tells foreign Delta writers to keep the values of identifying columns out of their statistics, as ours are. */
function withForeignStatistics({ schema, configuration }: MetaData): Readonly<Record<string, string>> {
  const identifying = identifyingColumns(configuration);
  if (identifying.size === 0) return configuration;
  const open = statisticsLeaves(schema).filter(
    (leaf) => hasBounds(leaf.type) && !isIdentifying(leaf, identifying),
  );
  const columns = open
    .map(({ path }) => path.map(({ name }) => `\`${name.replaceAll("`", "``")}\``).join("."))
    .join(",");
  return {
    ...withoutOwnStatistics(configuration),
    ...(open.length === 0
      ? { "delta.dataSkippingNumIndexedCols": "0" }
      : { "delta.dataSkippingStatsColumns": columns }),
  };
}
